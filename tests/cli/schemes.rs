//! Schemes of the catalogue and of files.

use std::fs;

use countersign::scheme::{Scheme, catalogue};
use serde_json::{Value, json};

use super::{ACME, AT, SECRET, feed, file, rsa_files, run};

#[test]
fn schemes_of_a_file_are_toml_or_json() {
    let scheme = Scheme::from_toml(&fs::read_to_string(ACME).unwrap()).unwrap();
    let json = file("acme.json", scheme.to_json().unwrap());
    let unnamed_json = file("acme-json", scheme.to_json().unwrap());
    let unnamed_toml = file("acme-toml", scheme.to_toml().unwrap());
    let sign = [
        "sign",
        "--secret",
        SECRET,
        "--at",
        AT,
        "--body",
        "-",
        "--scheme-file",
        ACME,
    ];
    let delivery = feed(&sign, br#"{"id":"evt_1"}"#).out;
    for path in [ACME, &json, &unnamed_json, &unnamed_toml] {
        let arguments = [
            "verify",
            "--scheme-file",
            path,
            "--secret",
            SECRET,
            "--at",
            AT,
            "--json",
            "--delivery",
            "-",
        ];
        let outcome = feed(&arguments, delivery.as_bytes());
        assert_eq!(outcome.status, 0, "{path}: {}", outcome.out);
        assert_eq!(outcome.line()["scheme"], "acme");
    }
    let unsafe_toml = fs::read_to_string(ACME)
        .unwrap()
        .replace("{timestamp}.{body}", "{timestamp}{body}");
    let wrong = file("unsafe.toml", unsafe_toml);
    for (path, code, part) in [
        (wrong.as_str(), "UNSAFE_SCHEME", "line 12"),
        (
            "/nonexistent/scheme.toml",
            "UNREADABLE_INPUT",
            "--scheme-file",
        ),
    ] {
        let arguments = [
            "verify",
            "--scheme-file",
            path,
            "--secret",
            SECRET,
            "--json",
            "--delivery",
            "-",
        ];
        let outcome = feed(&arguments, b"{}");
        assert_eq!((outcome.status, &outcome.line()["code"]), (2, &json!(code)));
        assert!(outcome.out.contains(part), "{}", outcome.out);
    }
}

#[test]
fn a_signed_url_is_the_registered_one() {
    let toml = "id = 'u'\nname = 'U'\nsignature = { header = { name = 'x-s' } }\ncontent = '{method}{url}{body}'\n";
    let path = file("url.toml", toml);
    let url = "https://example.test/hook";
    let common = ["--scheme-file", &path, "--secret", SECRET];
    let delivery = feed(
        &[
            &["sign"],
            &common[..],
            &["--url", url, "--method", "PUT", "--body", "-"],
        ]
        .concat(),
        b"x",
    )
    .out;
    let verify = |more: &[&str]| {
        feed(
            &[&["verify", "--json", "--delivery", "-"], &common[..], more].concat(),
            delivery.as_bytes(),
        )
    };
    let given = format!("url={url}");
    assert_eq!(verify(&["--param", &given]).status, 0);
    assert_eq!(
        verify(&["--param", "url=https://example.test/other"]).status,
        1
    );
    let outcome = verify(&[]);
    assert_eq!(
        (outcome.status, &outcome.line()["code"]),
        (2, &json!("MISSING_PARAMETER"))
    );
    let outcome = verify(&["--param", &given, "--param", "whsec_hidden=hidden"]);
    assert_eq!(
        (outcome.status, &outcome.line()["code"]),
        (2, &json!("UNKNOWN_PARAMETER"))
    );
    outcome.hides("hidden");
    for usage in [
        &["--param", "whsec_hidden"][..],
        &["--param", "=whsec_hidden"],
        &["--param", &given, "--param", &given],
    ] {
        let outcome = verify(usage);
        assert_eq!((outcome.status, outcome.out.as_str()), (2, ""));
        outcome.hides("hidden");
    }
}

#[test]
fn options_give_the_parts_of_one_request() {
    let (private, public) = rsa_files("route");
    let body = r#"{"transactionId":"t1"}"#;
    let delivery = feed(
        &[
            "sign",
            "--scheme",
            "155io",
            "--secret-file",
            &private,
            "--body",
            "-",
        ],
        body.as_bytes(),
    )
    .out;
    let delivery: Value = serde_json::from_str(&delivery).unwrap();
    let header = format!(
        "X-Marbles-Signature:{}",
        delivery["headers"]["x-marbles-signature"].as_str().unwrap()
    );
    let at = |url: &str| {
        let arguments = [
            "verify",
            "--scheme",
            "155io",
            "--secret-file",
            &public,
            "--json",
            "--body",
            "-",
            "--header",
            &header,
            "--method",
            "POST",
            "--url",
            url,
        ];
        feed(&arguments, body.as_bytes())
    };
    assert_eq!(
        at("https://casino.test/bet?x=1").line()["dedupe_key"]["rule"],
        "bet"
    );
    let outcome = at("/win");
    assert_eq!(
        (outcome.status, &outcome.line()["code"]),
        (1, &json!("EVENT_ID_MISMATCH"))
    );
    assert_eq!(outcome.line()["http_status"], 400);
}

#[test]
fn schemes_are_listed_and_shown_in_full() {
    let outcome = run(&["schemes"]);
    assert_eq!(outcome.status, 0);
    let full = run(&["schemes", "stripe"]);
    let json = run(&["schemes", "--json"]);
    assert_eq!(json.lines().len(), catalogue::ALL.len());
    for (line, scheme) in json.out.lines().zip(catalogue::ALL) {
        assert!(outcome.out.contains(scheme.id.as_ref()));
        assert!(outcome.out.contains(&scheme.content.to_string()));
        assert_eq!(&Scheme::from_json(line).unwrap(), scheme);
        assert_eq!(run(&["schemes", &scheme.id]).status, 0);
    }
    for part in [
        "https://docs.stripe.com",
        "past 300 s, future 300 s",
        "{timestamp}.{body}",
        "event: event id;",
        "for 72 h",
    ] {
        assert!(full.out.contains(part), "{part}: {}", full.out);
    }
    let one = run(&["schemes", "github", "--json"]);
    assert_eq!(
        Scheme::from_json(one.out.trim()).unwrap(),
        catalogue::GITHUB
    );
    let outcome = run(&["schemes", "nope", "--json"]);
    assert_eq!(
        (outcome.status, &outcome.line()["code"]),
        (2, &json!("INVALID_SCHEME"))
    );
}

#[test]
fn what_a_delivery_could_be_is_told_by_its_headers() {
    let deliveries = concat!(
        r#"{"headers":{"X-Hub-Signature":"sha256=abababababababababababababababababababababababababababababababab"}}"#,
        "\n",
        r#"{"headers":{"X-Hub-Signature":"abab"}}"#,
        "\n",
    );
    let arguments = ["schemes", "--like", "--delivery", "-", "--json"];
    let outcome = feed(&arguments, deliveries.as_bytes());
    assert_eq!(outcome.status, 1, "the second is like none");
    let lines = outcome.lines();
    assert_eq!(lines[0]["index"], 0);
    assert_eq!(lines[0]["like"][0]["scheme"], "bitbucket");
    assert_eq!(lines[0]["like"][0]["present"], json!(["x-hub-signature"]));
    assert_eq!(lines[1], json!({"index": 1, "like": []}));

    let text = feed(&arguments[..4], deliveries.as_bytes()).out;
    assert!(
        text.contains("bitbucket") && text.contains("like no scheme"),
        "{text}"
    );
    assert_eq!(feed(&arguments, b"nonsense").status, 2);
    assert_eq!(run(&["schemes", "--like"]).status, 2);
    assert_eq!(
        run(&["schemes", "github", "--like", "--delivery", "-"]).status,
        2
    );
}
