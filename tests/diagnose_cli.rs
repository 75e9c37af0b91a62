//! `countersign diagnose`: its lines, its exit statuses, and what it never prints.
#![cfg(feature = "cli")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test may stop at the first thing that is wrong"
)]

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
    fn lines(&self) -> Vec<Value> {
        let lines = self.out.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
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

fn signed(scheme: &str, body: &str, at: &str) -> Value {
    let arguments = [
        "sign", "--scheme", scheme, "--secret", SECRET, "--at", at, "--body", "-",
    ];
    serde_json::from_str(&run(&arguments, body).out).unwrap()
}

fn diagnose(scheme: &str, keys: &[&str], more: &[&str], deliveries: &[Value]) -> Outcome {
    let stream: String = deliveries.iter().map(ToString::to_string).collect();
    let mut arguments = vec![
        "diagnose",
        "--scheme",
        scheme,
        "--at",
        AT,
        "--delivery",
        "-",
    ];
    for key in keys {
        arguments.extend(["--secret", key]);
    }
    arguments.extend(more);
    run(&arguments, &stream)
}

#[test]
fn a_proof_is_an_object_and_status_0() {
    let mut delivery = signed("stripe", r#"{"id":"evt_1","price":10.50}"#, AT);
    delivery["body"] = json!(r#"{"id": "evt_1", "price": 10.50}"#);
    let outcome = diagnose(
        "stripe",
        &[SECRET],
        &["--json"],
        core::slice::from_ref(&delivery),
    );
    assert_eq!(outcome.status, 0, "{}", outcome.err);
    let [line] = &outcome.lines()[..] else {
        panic!("one line: {}", outcome.out)
    };
    assert_eq!(line["index"], 0);
    assert_eq!(line["verdict"], "explained");
    assert_eq!(line["cause"], "BODY_RESERIALIZED");
    assert_eq!(line["detail"]["style"], "compact");
    assert_eq!(line["detail"]["first_difference"], 6);
    assert_eq!(line["proven"], true);
    assert!(line["macs"].as_u64().unwrap() > 1);
    assert!(line["fix"].as_str().unwrap().contains("raw bytes"));
    assert!(line.get("also").is_none());

    let outcome = diagnose("stripe", &[SECRET], &[], &[delivery]);
    assert_eq!(outcome.status, 0);
    for words in [
        "explained",
        "BODY_RESERIALIZED",
        "compact",
        "|-------^",
        "byte 6",
        "change",
        "proof",
    ] {
        assert!(outcome.out.contains(words), "{words}: {}", outcome.out);
    }
    // No terminal, no colours; no body.
    assert!(
        !outcome.out.contains('\u{1b}') && !outcome.out.contains("evt_1"),
        "{}",
        outcome.out
    );
}

#[test]
fn two_mistakes_stand_together() {
    let mut delivery = signed("github", r#"{"a":1,"b":2}"#, AT);
    delivery["body"] = json!(r#"{"a": 1, "b": 2}"#);
    let stored = format!("'{SECRET}'");
    let outcome = diagnose("github", &[&stored], &["--json"], &[delivery]);
    let line = &outcome.lines()[0];
    assert_eq!(line["cause"], "SECRET_QUOTED");
    assert_eq!(line["also"][0]["cause"], "BODY_RESERIALIZED");
    assert_eq!(
        (line["also"].as_array().unwrap().len(), outcome.status),
        (1, 0)
    );
}

#[test]
fn nothing_found_is_status_1_and_says_what_is_ruled_out() {
    let delivery = signed("github", "{}", AT);
    let outcome = diagnose(
        "github",
        &["another secret, which is wrong"],
        &["--json", "--budget", "2000"],
        core::slice::from_ref(&delivery),
    );
    assert_eq!(outcome.status, 1, "{}", outcome.err);
    let line = &outcome.lines()[0];
    assert_eq!(line["verdict"], "unexplained");
    assert!(line["macs"].as_u64().unwrap() <= 2000);
    let ruled_out = line["ruled_out"].as_array().unwrap();
    assert!(ruled_out.contains(&json!("SECRET_QUOTED")) && ruled_out.contains(&json!("ALGORITHM")));
    let text = diagnose(
        "github",
        &["another secret, which is wrong"],
        &["--budget", "2000"],
        &[delivery],
    )
    .out;
    assert!(
        text.contains("unexplained") && text.contains("ruled out"),
        "{text}"
    );
}

#[test]
fn what_verifies_is_status_3() {
    let outcome = diagnose(
        "github",
        &[SECRET],
        &["--json"],
        &[signed("github", "{}", AT)],
    );
    assert_eq!(
        (outcome.status, outcome.lines()),
        (3, vec![json!({"index": 0, "verdict": "verifies"})])
    );
}

#[test]
fn what_is_genuine_and_refused_all_the_same() {
    let arguments = [
        "sign", "--scheme", "openpoly", "--secret", SECRET, "--id", "evt_1", "--at", AT, "--body",
        "-",
    ];
    let delivery: Value = serde_json::from_str(&run(&arguments, "{}").out).unwrap();
    let outcome = diagnose(
        "openpoly",
        &[SECRET],
        &["--json"],
        core::slice::from_ref(&delivery),
    );
    let line = &outcome.lines()[0];
    assert_eq!(line["cause"], "SIGNATURE_MATCHES", "{}", outcome.out);
    assert_eq!(line["detail"], json!({"code": "MISSING_EVENT_ID"}));
    assert_eq!((&line["proven"], outcome.status), (&json!(true), 0));
    let text = diagnose("openpoly", &[SECRET], &[], &[delivery]).out;
    assert!(text.contains("the signature matches as it is"), "{text}");
}

/// `--body` is read beyond the scheme's cap: what is cut could not be proven.
#[test]
fn a_body_over_the_cap_is_proven() {
    let body = format!("{{\"a\":\"{}\"}}", "x".repeat(1024 * 1024));
    let delivery = signed("revtain", &body, AT);
    let mut arguments = vec!["diagnose", "--scheme", "revtain", "--secret", SECRET];
    arguments.extend(["--at", AT, "--json", "--body", "-"]);
    let headers = delivery["headers"].as_object().unwrap();
    let headers: Vec<String> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.as_str().unwrap()))
        .collect();
    for header in &headers {
        arguments.extend(["--header", header]);
    }
    let outcome = run(&arguments, &body);
    let line = &outcome.lines()[0];
    assert_eq!(line["detail"]["code"], "BODY_TOO_LARGE", "{}", outcome.out);
}

#[test]
fn the_first_key_is_in_use_and_the_others_are_offered() {
    let arguments = ["--json", "--key-name", "old"];
    let delivery = signed("github", "{}", AT);
    let mut all = vec![
        "diagnose",
        "--scheme",
        "github",
        "--secret",
        "the secret that is in use now",
    ];
    all.extend(arguments);
    all.extend(["--secret", SECRET, "--delivery", "-"]);
    let outcome = run(&all, &delivery.to_string());
    let line = &outcome.lines()[0];
    assert_eq!(
        (&line["cause"], &line["detail"]["secret"]),
        (&json!("OTHER_SECRET"), &json!("old"))
    );
}

#[test]
fn a_stream_ends_with_what_is_common() {
    let late = |minutes: u64| {
        signed(
            "stripe",
            "{}",
            &format!("2026-06-17T23:{:02}:00Z", 60 - minutes),
        )
    };
    let drift = diagnose(
        "stripe",
        &[SECRET],
        &["--json"],
        &[late(10), late(10), late(11)],
    );
    let lines = drift.lines();
    assert_eq!(lines.len(), 4, "{}", drift.out);
    assert_eq!(lines[0]["cause"], "STALE_DELIVERY");
    assert_eq!(lines[3]["verdict"], "common");
    assert_eq!(lines[3]["cause"], "CLOCK_DRIFT");
    assert_eq!(
        (&lines[3]["deliveries"], &lines[3]["of"]),
        (&json!(3), &json!(3))
    );

    let replay = diagnose(
        "stripe",
        &[SECRET],
        &["--json"],
        &[late(1), late(30), late(2)],
    );
    let lines = replay.lines();
    assert_eq!(lines[3]["cause"], "STALE_DELIVERY");
    assert_eq!(replay.status, 3);
}

#[test]
fn a_signed_url_is_given_as_a_parameter() {
    let arguments = [
        "sign",
        "--scheme",
        "square",
        "--secret",
        SECRET,
        "--url",
        "https://shop.example/in",
        "--body",
        "-",
    ];
    let delivery: Value = serde_json::from_str(&run(&arguments, "{}").out).unwrap();
    let url = "url=http://shop.example/in/";
    let outcome = diagnose(
        "square",
        &[SECRET],
        &["--json", "--param", url],
        &[delivery],
    );
    let line = &outcome.lines()[0];
    assert_eq!(
        line["cause"], "URL_CHANGED",
        "{}{}",
        outcome.out, outcome.err
    );
    assert_eq!(line["detail"]["parts"], json!(["scheme", "path"]));
}

#[test]
fn faults_of_usage_and_input_are_status_2() {
    assert_eq!(
        diagnose("no-such-scheme", &[SECRET], &[], &[json!({})]).status,
        2
    );
    assert_eq!(
        diagnose("github", &[SECRET], &["--json"], &[json!({"body": 1})]).status,
        2
    );
    assert_eq!(run(&["diagnose", "--scheme", "github"], "").status, 2);
}
