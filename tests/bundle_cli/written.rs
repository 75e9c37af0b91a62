//! What is written, and what is refused.

use serde_json::{Value, json};

use super::{AT, SECRET, bundle, event, run, signed, with_body};

#[test]
fn a_bundle_is_one_object_and_status_0() {
    let delivery = signed("stripe", &event());
    let outcome = bundle("stripe", &[SECRET], core::slice::from_ref(&delivery));
    assert_eq!((outcome.status, outcome.err.as_str()), (0, ""));
    let told = outcome.line();
    assert_eq!(told["version"], 1);
    assert_eq!(told["scheme"], "stripe");
    assert_eq!(told["bundled_at"], AT);
    assert_eq!(told["verdict"]["is"], "verified");
    assert_eq!(
        told["request"],
        json!({"method": "POST", "path": "/hooks", "query": ["token"]})
    );
    assert_eq!(
        told["event_id"],
        json!({"is": "authenticated", "text": "evt_1"})
    );
    assert_eq!(told["body"]["length"], event().len());
    for hidden in ["a-token", "10.50", "1041,1042", "application/json"] {
        assert!(!outcome.out.contains(hidden), "{hidden}: {}", outcome.out);
    }
    // A refused delivery is what bundles are for.
    let outcome = bundle("stripe", &[SECRET], &[with_body(&delivery, "{}")]);
    assert_eq!(
        (outcome.status, &outcome.line()["verdict"]["code"]),
        (0, &json!("INVALID_SIGNATURE"))
    );
}

#[test]
fn a_stream_has_a_line_for_each_delivery_and_faults_between() {
    let delivery = signed("github", "{}").to_string();
    let stream = format!("{delivery}{{\"body\":1}}{delivery}");
    let arguments = [
        "bundle",
        "--scheme",
        "github",
        "--secret",
        SECRET,
        "--delivery",
        "-",
    ];
    let outcome = run(&arguments, &stream);
    assert_eq!((outcome.status, outcome.out.lines().count()), (2, 2));
    assert!(outcome.err.contains("UNREADABLE_INPUT") && outcome.err.contains("delivery 1"));
    let outcome = run(&[&arguments[..], &["--json"]].concat(), &stream);
    let lines: Vec<Value> = outcome
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (lines.len(), &lines[1]["verdict"], &lines[1]["index"]),
        (3, &json!("error"), &json!(1))
    );
}

#[test]
fn faults_of_usage_are_status_2() {
    for arguments in [
        &["bundle"][..],
        &["bundle", "--scheme", "github", "--delivery", "-"],
        &["bundle", "--secret", SECRET, "--delivery", "-"],
        &["bundle", "--scheme", "github", "--secret", SECRET],
        &[
            "bundle",
            "--scheme",
            "github",
            "--scheme-file",
            "x",
            "--secret",
            SECRET,
            "--delivery",
            "-",
        ],
        &[
            "bundle",
            "--scheme",
            "no_such_scheme",
            "--secret",
            SECRET,
            "--delivery",
            "-",
        ],
        &[
            "bundle",
            "--scheme",
            "square",
            "--secret",
            SECRET,
            "--delivery",
            "-",
        ],
        &[
            "bundle",
            "--scheme",
            "github",
            "--secret",
            SECRET,
            "--param",
            "a=b",
            "--delivery",
            "-",
        ],
        &["bundle", "--compare", "a"],
        &["bundle", "--compare", "-", "-"],
        &["bundle", "--compare", "a", "b", "--compare", "c", "d"],
        &["bundle", "--compare", "a", "b", "--scheme", "github"],
        &["bundle", "--compare", "a", "b", "--secret", SECRET],
        &["bundle", "--compare", "a", "b", "--delivery", "-"],
    ] {
        let outcome = run(arguments, "{}");
        assert_eq!(
            (outcome.status, outcome.out.as_str()),
            (2, ""),
            "{arguments:?}"
        );
        assert!(!outcome.err.is_empty(), "{arguments:?}");
    }
    let help = run(&["bundle", "--help"], "");
    assert_eq!(help.status, 0);
    assert!(help.out.contains("--compare <A> <B>") && help.out.contains("Exit status"));
}
