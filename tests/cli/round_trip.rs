//! What `sign` prints, `verify` takes.

use countersign::scheme::catalogue;
use serde_json::{Value, json};

use super::{SECRET, feed, file, rsa_files, run};

#[test]
fn the_vector_of_githubs_docs_verifies() {
    let body = file("github-body", "Hello, World!");
    let signature = "X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let secret = "It's a Secret to Everybody";
    let mut arguments = vec!["verify", "--scheme", "github", "--secret", secret];
    arguments.extend(["--body", &body, "--header", signature]);
    let outcome = run(&arguments);
    assert_eq!(outcome.status, 0, "{}", outcome.err);
    assert!(outcome.out.contains("verified"), "{}", outcome.out);
    assert!(!outcome.out.contains('\x1b'));
    assert!(outcome.err.is_empty(), "{}", outcome.err);
    outcome.hides(secret);

    arguments.extend(["--json", "--header", "X-GitHub-Event: ping"]);
    assert_eq!(
        run(&arguments).line(),
        json!({
            "index": 0,
            "verdict": "verified",
            "scheme": "github",
            "key": "key1",
            "event_id": null,
            "timestamp": null,
            "dedupe_key": {
                "rule": "delivery",
                "parts": [
                    {"name": "body_sha256", "text": "dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f", "signed": true},
                    {"name": "header:x-github-delivery", "text": null, "signed": false},
                    {"name": "header:x-github-event", "text": "ping", "signed": false},
                ],
                "id": run(&arguments).line()["dedupe_key"]["id"],
            },
        })
    );
    let id = run(&arguments).line()["dedupe_key"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()));
}

/// One of each kind of key and of each place of time and id; `tests/mutations.rs` signs
/// for the whole catalogue.
const SCHEMES: [&str; 8] = [
    "155io",
    "debitura",
    "github",
    "mutopay",
    "openpoly",
    "revtain",
    "standard_webhooks_v1",
    "stripe",
];

#[test]
fn what_is_signed_verifies() {
    let (private, public) = rsa_files("all");
    let base64 = file("base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    let bare_base64 = file("bare-base64", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\r\n");
    let plain = file("plain", format!("{SECRET}\n"));
    for id in SCHEMES {
        let scheme = catalogue::find(id).unwrap();
        let (sign, check, body, more): (_, _, _, &[&str]) = match scheme.id.as_ref() {
            "155io" => (
                &private,
                &public,
                r#"{"transactionId":"t1"}"#,
                &["--url", "/bet"],
            ),
            "debitura" => (&bare_base64, &bare_base64, r#"{"id":"evt_1"}"#, &[]),
            "openpoly" => (
                &plain,
                &plain,
                r#"{"event_id":"evt_1"}"#,
                &["--id", "evt_1"],
            ),
            "standard_webhooks_v1" => (&base64, &base64, "{}", &["--id", "msg_1"]),
            "mutopay" => (
                &plain,
                &plain,
                r#"{"payment_id":"p","event":"payment.completed"}"#,
                &[],
            ),
            "revtain" => (
                &plain,
                &plain,
                r#"{"revtainTransactionId":"r","event":"e"}"#,
                &[],
            ),
            "github" | "stripe" => (&plain, &plain, r#"{"id":"evt_1"}"#, &[]),
            other => panic!("{other} has no case here"),
        };
        let body = file(&format!("body-{}", scheme.id), body);
        let mut arguments = vec!["sign", "--scheme", &scheme.id, "--secret-file", sign];
        arguments.extend(["--body", &body]);
        arguments.extend(more);
        let delivery = run(&arguments);
        assert_eq!(delivery.status, 0, "{}: {}", scheme.id, delivery.err);
        let mut arguments = vec!["verify", "--scheme", &scheme.id, "--secret-file", check];
        arguments.extend(["--delivery", "-", "--json"]);
        let verdict = feed(&arguments, delivery.out.as_bytes());
        assert_eq!(verdict.status, 0, "{}: {}", scheme.id, verdict.out);
        let line = verdict.line();
        assert_eq!(line["verdict"], "verified");
        assert_eq!(line["scheme"], scheme.id.as_ref());
        assert_eq!(line["timestamp"].is_null(), scheme.timestamp.is_empty());
        assert_eq!(line["event_id"].is_null(), scheme.event_id.is_none());
        verdict.hides(SECRET);

        // Signed again, a delivery carries each header once.
        let mut arguments = vec!["sign", "--scheme", &scheme.id, "--secret-file", sign];
        arguments.extend(["--delivery", "-", "--at", "2000000000"]);
        let again = feed(&arguments, delivery.out.as_bytes());
        let mut arguments = vec!["verify", "--scheme", &scheme.id, "--secret-file", check];
        arguments.extend(["--delivery", "-", "--at", "2000000000"]);
        let verdict = feed(&arguments, again.out.as_bytes());
        assert_eq!(verdict.status, 0, "{}: {}", scheme.id, verdict.out);
    }
}

#[test]
fn bytes_that_are_no_text_travel_as_base64() {
    let mut arguments = vec![
        "sign", "--scheme", "github", "--secret", SECRET, "--body", "-",
    ];
    let outcome = feed(&arguments, b"\xff\x00");
    let delivery: Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(delivery["body_b64"], "/wA=");
    assert!(delivery.get("body").is_none());
    arguments[0] = "verify";
    arguments[5] = "--delivery";
    assert_eq!(feed(&arguments, outcome.out.as_bytes()).status, 0);
    let signature = delivery["headers"]["x-hub-signature-256"].as_str().unwrap();
    let split = json!({
        "headers": {"x-hub-signature-256": [signature]},
        "headers_b64": {"x-github-event": "/w==", "x-github-delivery": ["YQ=="]},
        "body_b64": "/wA=",
    });
    assert_eq!(feed(&arguments, split.to_string().as_bytes()).status, 0);
    let outcome = feed(
        &[
            "sign",
            "--scheme",
            "github",
            "--secret",
            SECRET,
            "--delivery",
            "-",
        ],
        split.to_string().as_bytes(),
    );
    assert_eq!(outcome.status, 2);
    assert!(outcome.err.contains("UNREADABLE_INPUT"), "{}", outcome.err);
}
