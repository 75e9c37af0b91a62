//! `countersign bundle`: its line, its comparison, and its exit statuses.
#![cfg(feature = "cli")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "helpers of a test may stop at the first thing that is wrong"
)]

#[path = "bundle_cli/compared.rs"]
mod compared;
#[path = "common/folder.rs"]
mod folder;
#[path = "bundle_cli/written.rs"]
mod written;

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const AT: &str = "2026-06-18T00:00:00Z";
const SECRET: &str = "a secret of the tests, long enough";

struct Outcome {
    status: i32,
    out: String,
    err: String,
}

impl Outcome {
    fn line(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}{}", self.out, self.err))
    }
}

fn run(arguments: &[&str], input: &str) -> Outcome {
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that ends at once may close its input first.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let outcome = Outcome {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    assert!(!outcome.out.contains(SECRET) && !outcome.err.contains(SECRET));
    outcome
}

fn signed(scheme: &str, body: &str) -> Value {
    let arguments = [
        "sign",
        "--scheme",
        scheme,
        "--secret",
        SECRET,
        "--at",
        AT,
        "--url",
        "/hooks?token=a-token-of-the-query",
        "--body",
        "-",
    ];
    run(&arguments, body).line()
}

fn bundle(scheme: &str, keys: &[&str], deliveries: &[Value]) -> Outcome {
    let stream: String = deliveries.iter().map(ToString::to_string).collect();
    let mut arguments = vec!["bundle", "--scheme", scheme, "--at", AT, "--delivery", "-"];
    for key in keys {
        arguments.extend(["--secret", key]);
    }
    run(&arguments, &stream)
}

fn with_body(delivery: &Value, body: &str) -> Value {
    let mut changed = delivery.clone();
    changed["body"] = json!(body);
    changed
}

/// A body of some 500 bytes.
fn event() -> String {
    let items: Vec<String> = (1000..1080).map(|item| item.to_string()).collect();
    format!(
        r#"{{"id":"evt_1","items":[{}],"price":10.50}}"#,
        items.join(",")
    )
}
