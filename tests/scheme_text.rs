//! A scheme as text: three ways to write one agree, and faults name field and line.
#![cfg(feature = "serde")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test may stop at the first thing that is wrong"
)]

extern crate alloc;

use alloc::borrow::Cow::Borrowed;

use countersign::scheme::{
    ANY_DELIVERY, Dedupe, DedupeRule, EventIdRule, Format, HMAC_SHA256_BODY, JsonPath, KeyPart,
    Part, Retries, Scheme, Sender, SignatureSource, Template, TimestampPlace, TimestampSource,
    TimestampUnit, UNDOCUMENTED_SENDER, Window, catalogue,
};
use countersign::{Code, ConfigError};

const ACME_TOML: &str = include_str!("schemes/acme.toml");

const ACME: Scheme = Scheme {
    id: Borrowed("acme"),
    name: Borrowed("Acme"),
    docs: Borrowed("https://docs.acme.example/webhooks"),
    signature: SignatureSource::Header {
        name: Borrowed("x-acme-signature"),
        also: Borrowed(&[]),
    },
    format: Format::Bare {
        prefix: Borrowed("v1="),
    },
    content: Template::of(&[Part::Timestamp, Part::Literal(Borrowed(".")), Part::Body]),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("x-acme-timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: Window::new(300, 300),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(JsonPath(Borrowed("id"))),
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("event"),
        reason: Borrowed("the signed body's id is the same on every attempt"),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    body_limit: 65536,
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[60, 600, 3600]),
        },
        timeout_s: Some(10),
        rotation: Borrowed("old and new sign side by side for a day"),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

#[test]
fn the_catalogue_survives_toml_and_json() {
    for scheme in catalogue::ALL {
        let toml = scheme.to_toml().unwrap();
        assert_eq!(&Scheme::from_toml(&toml).unwrap(), scheme, "{toml}");
        let json = scheme.to_json().unwrap();
        assert!(!json.contains('\n'));
        assert_eq!(&Scheme::from_json(&json).unwrap(), scheme, "{json}");
    }
}

#[test]
fn const_builder_and_text_agree() {
    let built = Scheme::builder("acme", "Acme")
        .docs("https://docs.acme.example/webhooks")
        .signature_header("x-acme-signature")
        .format(Format::Bare {
            prefix: "v1=".into(),
        })
        .content("{timestamp}.{body}")
        .timestamp_header("x-acme-timestamp", TimestampUnit::Seconds)
        .window(Window::new(300, 300))
        .event_id(EventIdRule {
            header: None,
            json: Some(JsonPath("id".into())),
            required: true,
        })
        .dedupe(ACME.dedupe)
        .body_limit(65536)
        .sender(ACME.sender)
        .build()
        .unwrap();
    let read = Scheme::from_toml(ACME_TOML).unwrap();
    assert_eq!(built, ACME);
    assert_eq!(read, ACME);
    assert_eq!(Scheme::from_json(&read.to_json().unwrap()).unwrap(), ACME);
}

#[test]
fn a_text_may_leave_out_what_the_builder_leaves_out() {
    let read = Scheme::from_toml(
        "id = 'a'\nname = 'A'\nsignature = { header = { name = 'x-signature' } }\n",
    );
    let built = Scheme::builder("a", "A")
        .signature_header("x-signature")
        .build();
    assert_eq!(read, built);
}

/// Replaces text of the example, and says what is refused where.
fn fault(from: &str, to: &str) -> (Code, String, Option<usize>, String) {
    assert!(ACME_TOML.contains(from), "{from}");
    told(Scheme::from_toml(&ACME_TOML.replacen(from, to, 1)).unwrap_err())
}

fn told(fault: ConfigError) -> (Code, String, Option<usize>, String) {
    let code = fault.code();
    match fault {
        ConfigError::InvalidScheme {
            field,
            problem,
            line,
        }
        | ConfigError::UnsafeScheme {
            field,
            problem,
            line,
        } => (code, field.into_owned(), line, problem),
        other => panic!("{other:?}"),
    }
}

#[test]
fn faults_of_toml_name_field_and_line() {
    let cases = [
        ("docs =", "dogs =", Code::InvalidScheme, "dogs", 4),
        (
            "{ name = \"x-acme-signature\" }",
            "{ name = \"x-acme-signature\", nam = 1 }",
            Code::InvalidScheme,
            "signature.header.nam",
            7,
        ),
        (
            "unit = \"seconds\"",
            "unit = \"hours\"",
            Code::InvalidScheme,
            "timestamp.unit",
            14,
        ),
        (
            "reason =",
            "why =",
            Code::InvalidScheme,
            "dedupe.rules.why",
            22,
        ),
        (
            "delays_s = [60,",
            "delays_s = [true,",
            Code::InvalidScheme,
            "sender.retries.schedule.delays_s",
            26,
        ),
        (
            "timeout_s = 10",
            "timeouts = 10",
            Code::InvalidScheme,
            "sender.timeouts",
            27,
        ),
        (
            "body_limit = 65536",
            "body_limit = \"64 KiB\"",
            Code::InvalidScheme,
            "body_limit",
            18,
        ),
        (
            "body_limit = 65536",
            "body_limit = 0",
            Code::InvalidScheme,
            "body_limit",
            18,
        ),
        (
            "hmac-sha256",
            "hmac-md5",
            Code::InvalidScheme,
            "algorithm",
            10,
        ),
        (
            "{ form = \"utf8\"",
            "{ form = \"utf16\"",
            Code::InvalidScheme,
            "key.form",
            11,
        ),
        (
            "{timestamp}.{body}",
            "{timestamp}{body}",
            Code::UnsafeScheme,
            "content",
            12,
        ),
        (
            "{timestamp}.{body}",
            "{timestamp}.{bodi}",
            Code::InvalidScheme,
            "content",
            12,
        ),
        (
            "{timestamp}.{body}",
            "{body}",
            Code::UnsafeScheme,
            "timestamp",
            14,
        ),
        ("past_s = 300, ", "", Code::InvalidScheme, "past_s", 15),
        (
            "past_s = 300",
            "past_s = -1",
            Code::InvalidScheme,
            "window.past_s",
            15,
        ),
        (
            "past_s = 300",
            "past_s = \"never\"",
            Code::InvalidScheme,
            "window.past_s",
            15,
        ),
        ("window =", "# window =", Code::InvalidScheme, "window", 14),
        (
            "[\"event_id\"]",
            "[{ header = \"x-id\" }]",
            Code::UnsafeScheme,
            "dedupe",
            20,
        ),
        (
            "id = \"acme\"",
            "id = \"Acme Inc\"",
            Code::InvalidScheme,
            "id",
            2,
        ),
        ("id = \"acme\"", "id = \"acme", Code::InvalidScheme, "id", 2),
        ("[sender]", "[key]", Code::InvalidScheme, "key", 25),
    ];
    for (from, to, code, field, line) in cases {
        let told = fault(from, to);
        assert_eq!(
            (told.0, told.1.as_str(), told.2),
            (code, field, Some(line)),
            "{from} -> {to}: {}",
            told.3
        );
    }
    let (_, field, _, _) = fault("id = \"acme\"", "");
    assert_eq!(field, "id");
}

#[test]
fn faults_of_json_name_field_and_line() {
    let good = r#"{
  "id": "acme",
  "name": "Acme",
  "signature": {
    "header": {
      "name": "x-acme-signature"
    }
  },
  "content": "{timestamp}.{body}",
  "timestamp": [
    { "place": { "header": "x-time" },
      "unit": "seconds" }
  ],
  "window": { "past_s": 300, "future_s": "off" }
}"#;
    assert!(Scheme::from_json(good).is_ok());
    let cases = [
        (
            "\"header\": {\n",
            "\"header\": { \"nam\": 1,\n",
            Code::InvalidScheme,
            "signature.header.nam",
            5,
        ),
        (
            "\"name\": \"Acme\"",
            "\"nom\": \"Acme\"",
            Code::InvalidScheme,
            "nom",
            3,
        ),
        (
            "seconds",
            "hours",
            Code::InvalidScheme,
            "timestamp.unit",
            12,
        ),
        (
            "{timestamp}.{body}",
            "{timestamp}{body}",
            Code::UnsafeScheme,
            "content",
            9,
        ),
        (
            "{timestamp}.{body}",
            "{timestamp",
            Code::InvalidScheme,
            "content",
            9,
        ),
        (
            "\"off\"",
            "\"of\"",
            Code::InvalidScheme,
            "window.future_s",
            14,
        ),
        ("\"window\"", "\"id\"", Code::InvalidScheme, "id", 14),
        (
            "\"x-acme-signature\"",
            "7",
            Code::InvalidScheme,
            "signature.header.name",
            6,
        ),
        (
            "\"unit\": \"seconds\" }",
            "\"unit\": \"seconds\"",
            Code::InvalidScheme,
            "timestamp.unit",
            13,
        ),
    ];
    for (from, to, code, field, line) in cases {
        let told = told(Scheme::from_json(&good.replacen(from, to, 1)).unwrap_err());
        assert_eq!(
            (told.0, told.1.as_str(), told.2),
            (code, field, Some(line)),
            "{from} -> {to}: {}",
            told.3
        );
    }
}

#[test]
fn fields_by_position_are_refused() {
    for (from, to, field, line) in [
        (
            "{ past_s = 300, future_s = 300 }",
            "[300, 300]",
            "window",
            15,
        ),
        (
            "{ name = \"x-acme-signature\" }",
            "[\"x-acme-signature\", []]",
            "signature.header",
            7,
        ),
        (
            "[{ place = { header = \"x-acme-timestamp\" }, unit = \"seconds\" }]",
            "[[{ header = \"x-acme-timestamp\" }, \"seconds\", false]]",
            "timestamp",
            14,
        ),
    ] {
        let told = fault(from, to);
        assert_eq!(
            (told.0, told.1.as_str(), told.2),
            (Code::InvalidScheme, field, Some(line)),
            "{}",
            told.3
        );
    }
    let fault = Scheme::from_json("[\"a\", \"A\"]").unwrap_err();
    assert_eq!(fault.code(), Code::InvalidScheme);
}

#[test]
fn faults_repeat_no_long_text_and_nothing_is_read_without_bound() {
    let long = "whsec_".to_owned() + &"x".repeat(5000);
    let texts = [
        format!("{long} = 1"),
        format!("id = 1\n'{long}' = 1"),
        format!("body_limit = '{long}'"),
        format!("algorithm = '{long}'"),
        format!("content = '{{{long}}}'"),
        format!("id = 'a'\nname = 'A'\nsignature = {{ header = {{ name = 'x {long}' }} }}"),
    ];
    for text in texts {
        let fault = Scheme::from_toml(&text).unwrap_err();
        assert!(!fault.to_string().contains(&"x".repeat(100)), "{fault}");
    }
    let fault = Scheme::from_toml(&"#".repeat(65 * 1024)).unwrap_err();
    assert!(fault.to_string().contains("longer"), "{fault}");
    let deep = "{\"a\":".repeat(10_000);
    assert!(Scheme::from_json(&deep).is_err());
    let deep = "a.".repeat(20_000) + "a = 1";
    assert!(Scheme::from_toml(&deep).is_err());
}
