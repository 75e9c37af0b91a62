//! Streams of deliveries, and standard input.

use super::{AT, Outcome, SECRET, feed, file, signed, verify};

#[test]
fn a_stream_has_the_highest_status_and_goes_on_after_a_wrong_object() {
    let good = signed("stripe", r#"{"id":"evt_1"}"#, &[]);
    let stream = format!("{good}{{}}\n{good}");
    let outcome = verify("stripe", &stream, &[]);
    let verdicts = |outcome: &Outcome| -> Vec<(u64, String)> {
        let lines = outcome.lines();
        let pairs = lines.iter().map(|line| {
            (
                line["index"].as_u64().unwrap(),
                line["verdict"].as_str().unwrap().to_owned(),
            )
        });
        pairs.collect()
    };
    let expected = |words: &[&str]| -> Vec<(u64, String)> {
        (0..)
            .zip(words.iter().map(|word| (*word).to_owned()))
            .collect()
    };
    assert_eq!(outcome.status, 1);
    assert_eq!(
        verdicts(&outcome),
        expected(&["verified", "rejected", "verified"])
    );
    // Objects need no newline between them.
    let outcome = verify("stripe", &stream.replace('\n', ""), &[]);
    assert_eq!(
        verdicts(&outcome),
        expected(&["verified", "rejected", "verified"])
    );

    for wrong in [
        r#"{"secret":"whsec_hidden"}"#,
        r#"{"body":"a","body_b64":"YQ=="}"#,
        r#"{"body":null}"#,
        r#"{"body":5}"#,
        r#"{"body_b64":"YQ"}"#,
        r#"{"body":"a","body":"b"}"#,
        r#"{"headers":{"whsec_hidden":5}}"#,
        r#"{"headers_b64":{"a":"whsec_hidden"}}"#,
        r#"{"headers":[]}"#,
        r#""whsec_hidden""#,
        "[]",
        "5 ",
    ] {
        let outcome = verify("stripe", &format!("{wrong}{good}"), &[]);
        assert_eq!(outcome.status, 2, "{wrong}");
        assert_eq!(
            verdicts(&outcome),
            expected(&["error", "verified"]),
            "{wrong}"
        );
        assert_eq!(outcome.lines()[0]["code"], "UNREADABLE_INPUT");
        outcome.hides("hidden");
    }
    for broken in ["{\"body\":", "whsec_hidden", "}"] {
        let outcome = verify("stripe", &format!("{good}{broken}\n{good}"), &[]);
        assert_eq!(outcome.status, 2, "{broken}");
        assert_eq!(
            verdicts(&outcome),
            expected(&["verified", "error"]),
            "{broken}"
        );
        outcome.hides("hidden");
    }
}

#[test]
fn standard_input_serves_any_one_option() {
    let delivery = signed("stripe", "{}", &[]);
    let delivery_file = file("stdin-delivery", &delivery);
    let arguments = [
        "verify",
        "--scheme",
        "stripe",
        "--at",
        AT,
        "--secret-file",
        "-",
        "--delivery",
        &delivery_file,
    ];
    let outcome = feed(&arguments, format!("{SECRET}\n").as_bytes());
    assert_eq!(outcome.status, 0, "{}", outcome.err);
    let common = ["verify", "--scheme", "stripe", "--secret-file", "-"];
    for usage in [
        &["--delivery", "-"][..],
        &["--body", "-"],
        &["--secret-file", "-", "--delivery", &delivery_file],
    ] {
        let outcome = feed(&[&common, usage].concat(), SECRET.as_bytes());
        assert_eq!((outcome.status, outcome.out.as_str()), (2, ""));
        assert!(outcome.err.contains("standard input"), "{}", outcome.err);
    }
}
