//! Usage, help, and codes explained.

use std::process::{Command, Stdio};

use countersign::Code;
use serde_json::{Value, json};

use super::{ACME, SECRET, feed, run};

#[test]
fn usage_faults_have_status_2() {
    let base = ["verify", "--scheme", "stripe", "--secret", SECRET];
    for usage in [
        &[][..],
        &["--delivery", "-", "--body", "-"],
        &["--delivery", "-", "--header", "a: b"],
        &["--delivery", "-", "--method", "POST"],
        &["--delivery", "-", "--url", "/"],
        &["--delivery", "-", "--scheme-file", ACME],
        &["--delivery", "-", "--past", "-5"],
        &["--delivery", "-", "--at", "yesterday"],
        &["--delivery", "-", "--at", "1e9"],
        &["--delivery", "-", "--at", "999999999999999"],
        &["--delivery", "-", "--unknown"],
        &["--delivery", "-", "--header", "no colon"],
    ] {
        let outcome = feed(&[&base, usage].concat(), b"");
        assert_eq!((outcome.status, outcome.out.as_str()), (2, ""), "{usage:?}");
    }
    assert_eq!(
        run(&["verify", "--secret", SECRET, "--delivery", "-"]).status,
        2
    );
    assert_eq!(run(&[]).status, 2);
    let two = [
        "sign", "--scheme", "stripe", "--secret", "a", "--secret", "b", "--body", "-",
    ];
    assert_eq!(run(&two).status, 2);
    let outcome = feed(
        &[
            "sign",
            "--scheme",
            "standard_webhooks_v1",
            "--secret",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "--body",
            "-",
        ],
        b"{}",
    );
    assert_eq!(outcome.status, 2);
    assert!(
        outcome.err.contains("CANNOT_SIGN") && outcome.err.contains("--id"),
        "{}",
        outcome.err
    );
}

#[test]
fn help_has_examples_and_warns_of_secrets_in_arguments() {
    for command in ["verify", "sign", "schemes", "explain"] {
        let outcome = run(&[command, "--help"]);
        assert_eq!(outcome.status, 0);
        assert!(outcome.out.contains("Examples:"), "{command}");
        assert!(!outcome.out.contains('\x1b'));
    }
    let help = run(&["verify", "--help"]).out;
    assert!(
        help.contains("other users of the machine can see it"),
        "{help}"
    );
    assert_eq!(
        run(&["--version"]).out,
        concat!("countersign ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn codes_are_explained() {
    let outcome = run(&["explain", "invalid_signature"]);
    assert_eq!(outcome.status, 0);
    for part in [
        "INVALID_SIGNATURE",
        "no key matches",
        "raw body",
        "HTTP 401",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
    let one = run(&["explain", "STORE_UNAVAILABLE", "--json"]).line();
    let code = Code::StoreUnavailable;
    assert_eq!(
        one,
        json!({
            "code": "STORE_UNAVAILABLE", "meaning": code.meaning(), "cause": code.cause(),
            "next_action": code.next_action(), "answer": "retry",
        })
    );
    let all = run(&["explain", "--json"]).lines();
    let names: Vec<&str> = all
        .iter()
        .map(|line| line["code"].as_str().unwrap())
        .collect();
    let expected: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names, expected);
    assert_eq!(all[0]["answer"], 401);
    assert_eq!(all.last().unwrap()["answer"], Value::Null);
    assert_eq!(run(&["explain"]).status, 0);
}

#[test]
fn a_closed_pipe_is_no_panic() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("explain")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!told.contains("panicked"), "{told}");
}
