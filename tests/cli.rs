//! The real binary: arguments, JSON lines and exit statuses are a contract.
#![cfg(feature = "cli")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test may stop at the first thing that is wrong"
)]

#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/lines.rs"]
mod lines;
#[path = "cli/round_trip.rs"]
mod round_trip;
#[path = "cli/schemes.rs"]
mod schemes;
#[path = "cli/secrecy.rs"]
mod secrecy;
#[path = "cli/stream.rs"]
mod stream;
#[path = "cli/usage.rs"]
mod usage;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use pem_rfc7468::LineEnding;
use serde_json::Value;

const ACME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemes/acme.toml");
const AT: &str = "2026-06-18T00:00:00Z";
const SECRET: &str = "a secret of the tests, long enough";

struct Outcome {
    status: i32,
    out: String,
    err: String,
}

impl Outcome {
    fn lines(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn line(&self) -> Value {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{}{}", self.out, self.err);
        lines[0].clone()
    }

    fn hides(&self, secret: &str) {
        assert!(!self.out.contains(secret), "{}", self.out);
        assert!(!self.err.contains(secret), "{}", self.err);
    }
}

fn run_with(arguments: &[&str], input: &[u8], environment: &[(&str, &str)]) -> Outcome {
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that ends at once may close its input first.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Outcome {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run(arguments: &[&str]) -> Outcome {
    run_with(arguments, b"", &[])
}

fn feed(arguments: &[&str], input: &[u8]) -> Outcome {
    run_with(arguments, input, &[])
}

/// A file for one test; its name is the test's own.
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("cli-{name}"));
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Signs with `SECRET` at `AT`.
fn signed(scheme: &str, body: &str, more: &[&str]) -> String {
    let mut arguments = vec!["sign", "--scheme", scheme, "--secret", SECRET, "--at", AT];
    arguments.extend(["--body", "-"]);
    arguments.extend(more);
    let outcome = feed(&arguments, body.as_bytes());
    assert_eq!(outcome.status, 0, "{}", outcome.err);
    outcome.out
}

/// Verifies a stream with `SECRET` at `AT`, as JSON.
fn verify(scheme: &str, stream: &str, more: &[&str]) -> Outcome {
    let mut arguments = vec!["verify", "--scheme", scheme, "--secret", SECRET, "--at", AT];
    arguments.extend(["--json", "--delivery", "-"]);
    arguments.extend(more);
    feed(&arguments, stream.as_bytes())
}

/// Files of a throw-away pair, private and public. The library's own test pair
/// gives no private key out.
fn rsa_files(name: &str) -> (String, String) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let pem = |label, der| pem_rfc7468::encode_string(label, LineEnding::LF, der).unwrap();
    (
        file(
            &format!("{name}-private"),
            pem("PRIVATE KEY", private.as_ref()),
        ),
        file(
            &format!("{name}-public"),
            pem("PUBLIC KEY", public.as_ref()),
        ),
    )
}
