//! What is said of two bundles.

use serde_json::{Value, json};

use super::folder::Folder;
use super::{Outcome, SECRET, bundle, event, run, signed, with_body};

/// What is said of two deliveries, each with its side's secret.
fn compare(a: (&Value, &str), b: (&Value, &str), more: &[&str]) -> Outcome {
    let folder = Folder::new();
    let write = |name: &str, (delivery, secret): (&Value, &str)| {
        let written = bundle("stripe", &[secret], core::slice::from_ref(delivery));
        assert_eq!(written.status, 0, "{}", written.err);
        let path = folder.path().join(name);
        std::fs::write(&path, written.out).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (a, b) = (write("a", a), write("b", b));
    run(&[&["bundle", "--compare", &a, &b], more].concat(), "")
}

#[test]
fn the_same_delivery_is_status_0() {
    let delivery = signed("stripe", &event());
    let same = compare((&delivery, SECRET), (&delivery, SECRET), &[]);
    assert_eq!(same.status, 0, "{}", same.out);
    assert!(
        same.out.starts_with("same") && same.out.contains("byte for byte"),
        "{}",
        same.out
    );
    let empty = signed("github", "");
    let told = bundle("github", &[SECRET], &[empty]).line();
    assert_eq!(
        told["body"],
        json!({"length": 0, "reencodings": told["body"]["reencodings"]})
    );
}

#[test]
fn a_changed_range_is_named() {
    let delivery = signed("stripe", &event());
    let at = 200;
    let flipped = format!("{}x{}", &event()[..at], &event()[at + 1..]);
    let inserted = format!("{}12345{}", &event()[..at], &event()[at..]);
    let deleted = format!("{}{}", &event()[..at], &event()[at + 30..]);
    let cut = event()[..at].to_owned();
    for body in [&flipped, &inserted, &deleted, &cut] {
        let received = with_body(&delivery, body);
        let outcome = compare((&delivery, SECRET), (&received, SECRET), &["--json"]);
        assert_eq!(outcome.status, 1);
        let told = outcome.line();
        assert_eq!(
            (&told["verdict"], &told["same"]),
            (&json!("differs"), &json!(false))
        );
        assert_eq!(
            (&told["secrets"], &told["body"]["is"]),
            (&json!("same"), &json!("changed"))
        );
        let number = |side: &str, name: &str| {
            usize::try_from(told["body"][side][name].as_u64().unwrap()).unwrap()
        };
        let (offset, length) = (number("a", "offset"), number("a", "length"));
        assert_eq!((offset, number("b", "offset")), (192, 192));
        assert_eq!(length + body.len(), number("b", "length") + event().len());
        let end = if body == &cut {
            event().len()
        } else {
            offset + length
        };
        assert!(
            end <= event().len() && (body == &cut || end - at < 30 + 64),
            "{told}"
        );
        assert_eq!(told["a"]["verdict"], "VERIFIED");
        assert_eq!(told["b"]["verdict"], "INVALID_SIGNATURE");
    }
    let received = with_body(&delivery, &flipped);
    let text = compare((&delivery, SECRET), (&received, SECRET), &[]).out;
    for words in [
        "differs",
        "VERIFIED",
        "INVALID_SIGNATURE",
        "one in common",
        "bytes changed",
        "A: bytes 192 to",
        "B: bytes 192 to",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(
        !text.contains('\u{1b}') && !text.contains("10.50"),
        "{text}"
    );
}

#[test]
fn json_that_was_written_again_is_named() {
    let delivery = signed("stripe", &event());
    let received = with_body(&delivery, &event().replace("10.50", "10.5"));
    let outcome = compare((&delivery, SECRET), (&received, SECRET), &["--json"]);
    let told = outcome.line();
    assert_eq!(
        (
            &told["body"]["is"],
            &told["body"]["form"],
            &told["body"]["of"]
        ),
        (
            &json!("reencoded"),
            &json!("numbers as JavaScript"),
            &json!("a")
        )
    );
    let text = compare((&delivery, SECRET), (&received, SECRET), &[]);
    assert_eq!(text.status, 1);
    assert!(
        text.out
            .contains("B is A, written again: numbers as JavaScript"),
        "{}",
        text.out
    );
}

#[test]
fn another_secret_and_a_short_one_are_told() {
    let delivery = signed("stripe", &event());
    let other = compare(
        (&delivery, SECRET),
        (&delivery, "another secret of the tests, long"),
        &["--json"],
    );
    let told = other.line();
    assert_eq!(
        (other.status, &told["secrets"], &told["body"]["is"]),
        (1, &json!("differ"), &json!("unknown"))
    );
    let text = compare(
        (&delivery, SECRET),
        (&delivery, "another secret of the tests, long"),
        &[],
    )
    .out;
    assert!(text.contains("no secret in common"), "{text}");

    let written = bundle("stripe", &["short"], core::slice::from_ref(&delivery));
    assert_eq!(written.status, 0);
    assert!(
        written.err.contains("`key1` is under 16 bytes") && !written.err.contains("short"),
        "{}",
        written.err
    );
    assert_eq!(
        written.line()["keys"],
        json!([{"name": "key1", "without": "short_secret"}])
    );
    let short = compare((&delivery, "short"), (&delivery, "short"), &["--json"]);
    let told = short.line();
    assert_eq!((short.status, &told["secrets"]), (1, &json!("unknown")));
}

/// Nothing is known to differ, and that is not the same as "the same".
#[test]
fn what_cannot_be_told_is_unknown() {
    let delivery = signed("stripe", &event());
    let word = |a: &Value, b: &Value, secrets: [&str; 2]| {
        let (a, b) = ((a, secrets[0]), (b, secrets[1]));
        let json = compare(a, b, &["--json"]);
        let text = compare(a, b, &[]);
        let word = json.line()["verdict"].as_str().unwrap().to_owned();
        assert!(text.out.starts_with(&format!("{word:7} ")), "{}", text.out);
        assert_eq!(json.status, i32::from(word != "same"), "{}", json.out);
        assert_eq!(text.status, json.status);
        word
    };
    let short = ["short", "short"];
    assert_eq!(word(&delivery, &delivery, short), "unknown");
    // A length or a header is known to differ, or the secret is.
    let longer = with_body(&delivery, &format!("{} ", event()));
    assert_eq!(word(&delivery, &longer, short), "differs");
    let mut other = delivery.clone();
    other["headers"]["x-forwarded-for"] = json!("10.0.0.1");
    assert_eq!(word(&delivery, &other, short), "differs");
    let secrets = [SECRET, "another secret of the tests, long"];
    assert_eq!(word(&delivery, &delivery, secrets), "differs");
    assert_eq!(word(&delivery, &delivery, [SECRET, SECRET]), "same");
    let empty = with_body(&delivery, "");
    assert_eq!(word(&empty, &empty, short), "same");
}

#[test]
fn other_differences_are_named() {
    let delivery = signed("stripe", &event());
    let mut received = delivery.clone();
    received["url"] = json!("/other\u{1b}[2J");
    received["headers"]["x-forwarded-for"] = json!("10.0.0.1");
    let outcome = compare((&delivery, SECRET), (&received, SECRET), &[]);
    assert_eq!(outcome.status, 1);
    for words in [
        "byte for byte",
        "/hooks in A, /other\\u{1b}[2J in B",
        "token in A, absent in B",
        "x-forwarded-for: absent in A, text 8 in B",
    ] {
        assert!(outcome.out.contains(words), "{words}: {}", outcome.out);
    }
    assert!(!outcome.out.contains('\u{1b}'));
    let told = compare((&delivery, SECRET), (&received, SECRET), &["--json"]).line();
    assert_eq!(
        told["differences"][2],
        json!({"what": "header", "name": "x-forwarded-for", "a": null, "b": "text 8"})
    );
}

#[test]
fn what_is_no_bundle_is_unreadable_input() {
    let folder = Folder::new();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = bundle("github", &[SECRET], &[signed("github", "{}")]).out;
    let good = file("good", &good);
    let other = bundle("stripe", &[SECRET], &[signed("stripe", "{}")]).out;
    let long = " ".repeat(1024 * 1024 + 1);
    for (text, words) in [
        ("", "not one JSON text"),
        ("{}{}", "the bundle of one delivery"),
        ("[]", "not one object"),
        ("{}", "no `version`"),
        (r#"{"version":2}"#, "format 2"),
        (r#"{"version":1}"#, "a field is missing"),
        (&other, "scheme `github`, the other of `stripe`"),
        (&long, "longer than 1048576 bytes"),
    ] {
        let bad = file("bad", text);
        let outcome = run(&["bundle", "--compare", &good, &bad], "");
        assert_eq!((outcome.status, outcome.out.as_str()), (2, ""));
        assert!(
            outcome.err.contains("UNREADABLE_INPUT") && outcome.err.contains(words),
            "{words}: {}",
            outcome.err
        );
        let outcome = run(&["bundle", "--json", "--compare", &good, "-"], text);
        assert_eq!(
            (outcome.status, &outcome.line()["code"]),
            (2, &json!("UNREADABLE_INPUT"))
        );
    }
    let none = folder.path().join("none");
    let outcome = run(&["bundle", "--compare", &good, none.to_str().unwrap()], "");
    assert_eq!(outcome.status, 2);
}
