//! Keys, their names and their sources.

use serde_json::json;

use super::{AT, SECRET, feed, file, run_with, signed};

#[test]
fn keys_come_in_order_with_the_names_before_them() {
    let delivery = signed("stripe", "{}", &[]);
    let other = "another secret, long enough too";
    let file = file("named", SECRET);
    let verify = [
        "verify",
        "--scheme",
        "stripe",
        "--at",
        AT,
        "--json",
        "--delivery",
        "-",
    ];
    let key = |keys: &[&str]| {
        let outcome = run_with(
            &[&verify, keys].concat(),
            delivery.as_bytes(),
            &[("CLI_TEST_SECRET", SECRET), ("CLI_TEST_OTHER", other)],
        );
        outcome.hides(SECRET);
        outcome.hides(other);
        outcome.line()["key"].as_str().map(ToOwned::to_owned)
    };
    assert_eq!(
        key(&["--secret-env", "CLI_TEST_SECRET"]).as_deref(),
        Some("key1")
    );
    assert_eq!(
        key(&["--secret", other, "--secret-file", &file]).as_deref(),
        Some("key2")
    );
    assert_eq!(
        key(&[
            "--key-name",
            "old",
            "--secret-env",
            "CLI_TEST_OTHER",
            "--secret-file",
            &file
        ])
        .as_deref(),
        Some("key2")
    );
    assert_eq!(
        key(&[
            "--secret-env",
            "CLI_TEST_OTHER",
            "--key-name",
            "2026-11",
            "--secret-file",
            &file
        ])
        .as_deref(),
        Some("2026-11")
    );
    assert_eq!(
        key(&[
            "--key-name",
            "old",
            "--secret",
            other,
            "--key-name",
            "new",
            "--secret",
            SECRET
        ])
        .as_deref(),
        Some("new")
    );
    assert_eq!(key(&["--secret", other]), None);
    // The same key twice is no fault, and its first name counts; a name twice is one.
    assert_eq!(
        key(&["--secret", SECRET, "--secret", SECRET]).as_deref(),
        Some("key1")
    );
    assert_eq!(
        key(&["--key-name", "key2", "--secret", SECRET, "--secret", other]),
        None
    );
    for usage in [
        &["--key-name", "old"][..],
        &["--key-name", "a", "--key-name", "b", "--secret", SECRET],
        &["--secret", SECRET, "--key-name", "late"],
        &["--key-name", "Not a name", "--secret", SECRET],
        &[],
    ] {
        let outcome = feed(&[&verify, usage].concat(), b"");
        assert_eq!((outcome.status, outcome.out.as_str()), (2, ""), "{usage:?}");
    }
}

#[test]
fn one_final_newline_of_a_file_is_no_part_of_the_secret() {
    let delivery = signed("stripe", "{}", &[]);
    let status = |content: String| {
        let file = file("newline", content);
        let arguments = [
            "verify",
            "--scheme",
            "stripe",
            "--at",
            AT,
            "--secret-file",
            &file,
            "--delivery",
            "-",
        ];
        feed(&arguments, delivery.as_bytes()).status
    };
    assert_eq!(status(SECRET.into()), 0);
    assert_eq!(status(format!("{SECRET}\n")), 0);
    assert_eq!(status(format!("{SECRET}\r\n")), 0);
    assert_eq!(status(format!("{SECRET}\n\n")), 2);
}

#[test]
fn short_secrets_warn_and_change_no_status() {
    let delivery = feed(
        &[
            "sign", "--scheme", "github", "--secret", "brief", "--body", "-",
        ],
        b"{}",
    );
    assert_eq!(delivery.status, 0);
    assert!(
        delivery
            .err
            .contains("warning: secret `key1` has 5 byte(s)"),
        "{}",
        delivery.err
    );
    let arguments = [
        "verify",
        "--scheme",
        "github",
        "--secret",
        SECRET,
        "--secret",
        "brief",
        "--json",
        "--delivery",
        "-",
    ];
    let outcome = feed(&arguments, delivery.out.as_bytes());
    assert_eq!(
        (outcome.status, &outcome.line()["key"]),
        (0, &json!("key2"))
    );
    assert!(
        outcome.err.contains("warning: secret `key2` has 5 byte(s)"),
        "{}",
        outcome.err
    );
    outcome.hides("brief");
    let empty = [
        "verify",
        "--scheme",
        "github",
        "--secret",
        "",
        "--json",
        "--delivery",
        "-",
    ];
    let outcome = feed(&empty, b"{}");
    assert_eq!(
        (outcome.status, &outcome.line()["code"]),
        (2, &json!("INVALID_SECRET"))
    );
}
