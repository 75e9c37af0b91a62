//! JSON lines have exactly the fields of the contract.

use countersign::Code;
use serde_json::json;

use super::{ACME, SECRET, feed, signed, verify};

#[test]
fn a_verified_line_has_exactly_these_fields() {
    let delivery = signed("stripe", r#"{"id":"evt_1"}"#, &[]);
    let mut line = verify("stripe", &delivery, &[]).line();
    let id = line["dedupe_key"]["id"].take();
    assert_eq!(id.as_str().map(str::len), Some(32));
    assert_eq!(
        line,
        json!({
            "index": 0, "verdict": "verified", "scheme": "stripe", "key": "key1",
            "event_id": "evt_1", "timestamp": "2026-06-18T00:00:00Z",
            "dedupe_key": {
                "rule": "event",
                "parts": [{"name": "event_id", "text": "evt_1", "signed": true}],
                "id": null,
            },
        })
    );
}

#[test]
fn a_rejected_line_has_exactly_these_fields() {
    let outcome = verify("stripe", "{}", &[]);
    assert_eq!(outcome.status, 1);
    assert_eq!(
        outcome.line(),
        json!({
            "index": 0, "verdict": "rejected", "code": "MISSING_SIGNATURE_HEADERS",
            "message": "1 required header(s) absent or empty",
            "next_action": Code::MissingSignatureHeaders.next_action(),
            "http_status": 401, "missing_headers": ["stripe-signature"],
        })
    );
    let delivery = signed("stripe", "{}", &[]);
    let outcome = verify(
        "stripe",
        &delivery,
        &["--past", "5", "--at", "1781740806.5"],
    );
    // The later --at is refused as a repetition, so the time comes alone.
    assert_eq!(outcome.status, 2);
    let late = [
        "verify",
        "--scheme",
        "stripe",
        "--secret",
        SECRET,
        "--json",
        "--delivery",
        "-",
    ];
    let judge = |more: &[&str]| feed(&[&late, more].concat(), delivery.as_bytes());
    let line = judge(&["--past", "5", "--at", "1781740806.5"]).line();
    assert_eq!(line["code"], "TIMESTAMP_SKEW_TOO_LARGE");
    assert_eq!(
        (&line["skew_s"], &line["limit_s"]),
        (&json!(6.5), &json!(5))
    );
    let line = judge(&["--at", "1781740000"]).line();
    assert_eq!(
        (&line["skew_s"], &line["limit_s"]),
        (&json!(-800), &json!(300))
    );
    assert_eq!(judge(&["--past", "off"]).status, 0);
    assert_eq!(judge(&["--past", "5", "--at", "1781740805"]).status, 0);
    assert_eq!(judge(&["--future", "off", "--at", "1"]).status, 0);
    assert_eq!(
        judge(&["--future", "1", "--at", "2026-06-17T23:59:58Z"]).status,
        1
    );

    let other = delivery.replace("\"body\":\"{}\"", "\"body\":\"{ }\"");
    let line = verify("stripe", &other, &[]).line();
    assert_eq!(line["code"], "INVALID_SIGNATURE");
    assert_eq!((&line["keys"], &line["signatures"]), (&json!(1), &json!(1)));
    let twice = r#"{"headers":{"stripe-signature":["t=1,v1=00","t=2,v1=00"]}}"#;
    let line = verify("stripe", twice, &[]).line();
    assert_eq!(line["code"], "AMBIGUOUS_HEADER");
    assert_eq!(line["ambiguous_headers"], json!(["stripe-signature"]));
    assert_eq!(line["http_status"], 400);
    let twice = r#"{"headers":{"stripe-signature":"t=1,v1=00","stripe-signature":"t=2,v1=00"}}"#;
    assert_eq!(
        verify("stripe", twice, &[]).line()["code"],
        "AMBIGUOUS_HEADER"
    );
}

#[test]
fn an_error_line_has_exactly_these_fields() {
    let outcome = verify("stripe", "", &[]);
    assert_eq!(outcome.status, 2);
    assert_eq!(
        outcome.line(),
        json!({
            "index": 0, "verdict": "error", "code": "UNREADABLE_INPUT",
            "message": "--delivery: it holds no delivery",
            "next_action": Code::UnreadableInput.next_action(),
        })
    );
    let none = [
        "verify",
        "--json",
        "--delivery",
        "-",
        "--secret",
        SECRET,
        "--scheme",
    ];
    let outcome = feed(&[&none[..], &["no_such"]].concat(), b"{}");
    assert_eq!(
        (outcome.status, &outcome.line()["code"]),
        (2, &json!("INVALID_SCHEME"))
    );
    let outcome = feed(&[&none[..], &["debitura"]].concat(), b"{}");
    assert_eq!(
        (outcome.status, &outcome.line()["code"]),
        (2, &json!("INVALID_SECRET"))
    );
    outcome.hides(SECRET);
    // A limit for a time that GitHub does not send.
    let outcome = feed(&[&none[..], &["github", "--past", "5"]].concat(), b"{}");
    assert_eq!(
        (outcome.status, &outcome.line()["code"]),
        (2, &json!("UNSAFE_SCHEME"))
    );
}

#[test]
fn a_body_over_the_cap_is_refused() {
    let mut arguments = vec![
        "verify",
        "--scheme-file",
        ACME,
        "--secret",
        SECRET,
        "--json",
        "--body",
        "-",
    ];
    arguments.extend(["--header", "x-acme-timestamp: 1"]);
    let signature = format!("x-acme-signature: v1={}", "0".repeat(64));
    arguments.extend(["--header", &signature]);
    let line = feed(&arguments, &vec![b'x'; 70_000]).line();
    assert_eq!(line["code"], "BODY_TOO_LARGE");
    assert_eq!(
        (&line["limit_bytes"], &line["http_status"]),
        (&json!(65536), &json!(413))
    );
}
