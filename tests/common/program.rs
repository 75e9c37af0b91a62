//! An example's program, built as this test was.

use std::path::PathBuf;
use std::process::Command;

/// As cargo builds it, with the features of this test: `cargo test --test` leaves examples
/// out, and one of an earlier build would prove nothing.
pub(crate) fn build(name: &str) -> PathBuf {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["build", "--quiet", "--example", name])
        .args(["--message-format", "json"]);
    if cfg!(feature = "cli") {
        cargo.arg("--all-features");
    }
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let built = cargo.output().unwrap();
    let told = String::from_utf8(built.stdout).unwrap();
    let complaint = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{told}{complaint}");
    let messages = told.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        (message["target"]["name"] == name).then(|| message["executable"].clone())
    });
    let mut executables = messages.filter_map(|path| Some(PathBuf::from(path.as_str()?)));
    executables
        .next_back()
        .unwrap_or_else(|| panic!("cargo names no executable"))
}
