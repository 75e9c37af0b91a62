//! What is never printed.

use serde_json::Value;

use super::{AT, SECRET, feed, signed};

#[test]
fn secrets_and_right_signatures_are_never_repeated() {
    let delivery = signed("stripe", "{}", &[]);
    let right: Value = serde_json::from_str(&delivery).unwrap();
    let right = right["headers"]["stripe-signature"]
        .as_str()
        .unwrap()
        .rsplit('=')
        .next()
        .unwrap()
        .to_owned();
    let forged = delivery.replace(&right, &"0".repeat(64));
    for as_json in [&["--json"][..], &[]] {
        for stream in [&delivery, &forged] {
            let arguments = [
                &[
                    "verify",
                    "--scheme",
                    "stripe",
                    "--secret",
                    SECRET,
                    "--at",
                    AT,
                    "--delivery",
                    "-",
                ],
                as_json,
            ]
            .concat();
            let outcome = feed(&arguments, stream.as_bytes());
            outcome.hides(SECRET);
            outcome.hides(&right);
        }
    }
    // A secret in the wrong place is not repeated either.
    let hidden = "whsec_hidden";
    for slip in [
        &[
            "verify",
            "--scheme",
            "stripe",
            "--secret",
            "two",
            hidden,
            "--delivery",
            "-",
        ][..],
        &[
            "verify",
            "--scheme",
            "stripe",
            "--secret-file",
            hidden,
            "--delivery",
            "-",
        ],
        &[
            "verify",
            "--scheme",
            "stripe",
            "--secret-env",
            hidden,
            "--delivery",
            "-",
        ],
        &[
            "verify",
            "--scheme",
            hidden,
            "--secret",
            SECRET,
            "--delivery",
            "-",
        ],
        &[
            "verify",
            "--scheme-file",
            hidden,
            "--secret",
            SECRET,
            "--delivery",
            "-",
        ],
        &[
            "verify",
            "--scheme",
            "stripe",
            "--secret",
            SECRET,
            "--at",
            hidden,
            "--delivery",
            "-",
        ],
        &[
            "verify",
            "--scheme",
            "stripe",
            "--secret",
            SECRET,
            "--past",
            hidden,
            "--delivery",
            "-",
        ],
        &[
            "verify", "--scheme", "stripe", "--secret", SECRET, "--header", hidden, "--body", "-",
        ],
        &[
            "verify", "--scheme", "stripe", "--secret", SECRET, "--body", hidden,
        ],
        &[
            "verify",
            "--scheme",
            "stripe",
            "--secret",
            SECRET,
            "--delivery",
            hidden,
        ],
        &[
            "verify",
            "--scheme",
            "stripe",
            "--key-name",
            hidden,
            "--delivery",
            "-",
        ],
        &[
            "verify",
            "--scheme",
            "stripe",
            "--sceret=whsec_hidden",
            "--delivery",
            "-",
        ],
        &["explain", hidden],
        &["schemes", hidden],
        &[hidden],
    ] {
        let outcome = feed(slip, b"{}");
        assert_eq!(outcome.status, 2, "{slip:?}");
        outcome.hides("hidden");
        assert!(!outcome.err.is_empty(), "{slip:?}");
    }
}

#[test]
fn people_are_told_why_without_colour_or_cursor_moves() {
    let delivery = signed("stripe", "{\"id\":\"evt\\u001b[2J\\u202e\"}", &[]);
    let arguments = [
        "verify",
        "--scheme",
        "stripe",
        "--secret",
        SECRET,
        "--at",
        AT,
        "--delivery",
        "-",
    ];
    let outcome = feed(&arguments, format!("{delivery}{{}}").as_bytes());
    assert_eq!(outcome.status, 1);
    assert!(
        !outcome.out.contains(['\x1b', '\u{202e}']),
        "{}",
        outcome.out
    );
    for part in [
        "verified    delivery 0: stripe, key key1",
        "evt\\u{1b}[2J",
        "rejected    delivery 1: MISSING_SIGNATURE_HEADERS",
        "missing_headers stripe-signature",
        "HTTP 401",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
    let outcome = feed(&arguments, b"[]");
    assert_eq!((outcome.status, outcome.out.as_str()), (2, ""));
    assert!(outcome.err.contains("UNREADABLE_INPUT"), "{}", outcome.err);
}
