//! The real binary: arguments, JSON lines and exit statuses are a contract.
#![cfg(feature = "cli")]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use countersign::Code;
use countersign::scheme::{Scheme, catalogue};
use pem_rfc7468::LineEnding;
use serde_json::{Value, json};

const ACME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemes/acme.toml");
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

    fn line(&self) -> Value {
        let lines = self.lines();
        assert_eq!(lines.len(), 1, "{}{}", self.out, self.err);
        lines[0].clone()
    }

    fn hides(&self, secret: &str) {
        assert!(!self.out.contains(secret), "{}", self.out);
        assert!(!self.err.contains(secret), "{}", self.err);
    }
}

fn run_with(arguments: &[&str], input: &[u8], environment: &[(&str, &str)]) -> Outcome {
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that ends at once may close its input first.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Outcome {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run(arguments: &[&str]) -> Outcome {
    run_with(arguments, b"", &[])
}

fn feed(arguments: &[&str], input: &[u8]) -> Outcome {
    run_with(arguments, input, &[])
}

/// A file for one test; its name is the test's own.
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("cli-{name}"));
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Signs with `SECRET` at `AT`.
fn signed(scheme: &str, body: &str, more: &[&str]) -> String {
    let mut arguments = vec!["sign", "--scheme", scheme, "--secret", SECRET, "--at", AT];
    arguments.extend(["--body", "-"]);
    arguments.extend(more);
    let outcome = feed(&arguments, body.as_bytes());
    assert_eq!(outcome.status, 0, "{}", outcome.err);
    outcome.out
}

/// Verifies a stream with `SECRET` at `AT`, as JSON.
fn verify(scheme: &str, stream: &str, more: &[&str]) -> Outcome {
    let mut arguments = vec!["verify", "--scheme", scheme, "--secret", SECRET, "--at", AT];
    arguments.extend(["--json", "--delivery", "-"]);
    arguments.extend(more);
    feed(&arguments, stream.as_bytes())
}

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

#[test]
fn every_scheme_signs_and_verifies() {
    let (private, public) = rsa_files("all");
    let base64 = file("base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
    let bare_base64 = file("bare-base64", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\r\n");
    let plain = file("plain", format!("{SECRET}\n"));
    for scheme in catalogue::ALL {
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

/// Files of a throw-away pair, private and public. The library's own test pair
/// gives no private key out.
fn rsa_files(name: &str) -> (String, String) {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let pem = |label, der| pem_rfc7468::encode_string(label, LineEnding::LF, der).unwrap();
    (
        file(
            &format!("{name}-private"),
            pem("PRIVATE KEY", private.as_ref()),
        ),
        file(
            &format!("{name}-public"),
            pem("PUBLIC KEY", public.as_ref()),
        ),
    )
}

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
    // The same key twice, and a name twice, are faults of the ring.
    assert_eq!(key(&["--secret", SECRET, "--secret", SECRET]), None);
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
    for usage in [
        &["--param", "token=whsec_hidden"][..],
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
