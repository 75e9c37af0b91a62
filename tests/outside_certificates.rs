//! AWS SNS and PayPal: what the official rows do not show, under throw-away certificates.
#![cfg(all(feature = "x509", feature = "testing"))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

extern crate alloc;

#[path = "common/issuer.rs"]
mod issuer;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::scheme::catalogue::{AWS_SNS, MARBLES_155IO, PAYPAL};
use countersign::{
    Code, ConfigError, Delivery, Headers, KeyRing, Rejection, Signed, Signer, Timestamp, Verified,
    Verifier, VerifierBuilder,
};
use issuer::{
    AT, Issuer, SIGNED, TOPIC, WEBHOOK, at, certificate, confirmation, crc32, notification, spki,
    with,
};
use serde_json::Value;

fn ring(pems: &[&str]) -> KeyRing {
    let named = pems.iter().enumerate();
    named.fold(KeyRing::new(), |ring, (index, pem)| {
        ring.with(&format!("key-{index}"), pem).unwrap()
    })
}

fn sns_of(pems: &[&str]) -> VerifierBuilder {
    Verifier::builder(AWS_SNS).ring(&ring(pems))
}

fn paypal_of(pems: &[&str]) -> Verifier {
    let builder = Verifier::builder(PAYPAL).ring(&ring(pems));
    builder.parameter("webhook_id", WEBHOOK).build().unwrap()
}

fn code(fault: Result<Verifier, ConfigError>) -> Option<Code> {
    fault.err().map(|fault| fault.code())
}

fn judge<'d>(
    verifier: &'d Verifier,
    headers: &'d dyn Headers,
    body: &'d str,
) -> Result<Verified<'d>, Rejection> {
    verifier.verify(&Delivery::new(headers, body.as_bytes()), at())
}

/// The code of an SNS body; `ok` if it verifies.
fn sns_code(verifier: &Verifier, body: &str) -> &'static str {
    let verdict = judge(verifier, &NO_HEADERS, body);
    verdict.map_or_else(|rejection| rejection.code().as_str(), |_| "ok")
}

#[test]
fn each_kind_of_sns_message_signs_its_own_fields() {
    let issuer = Issuer::new();
    let verifier = sns_of(&[&issuer.pem]).parameter("topic_arn", TOPIC);
    let verifier = verifier.build().unwrap();
    let subject = with(&notification(), "Subject", "a subject");
    for fields in [
        notification(),
        subject.clone(),
        confirmation("SubscriptionConfirmation"),
        confirmation("UnsubscribeConfirmation"),
    ] {
        let signed = issuer.sns(fields);
        let body = signed.to_string();
        let verified = judge(&verifier, &NO_HEADERS, &body).unwrap();
        let id = verified.event_id().map(Signed::get).unwrap();
        assert_eq!(id.text(), "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324");
        assert_eq!(*verified.timestamp().unwrap().get(), at());
        for name in SIGNED {
            if signed[name].is_null() || name == "Timestamp" {
                continue;
            }
            let changed = with(
                &signed,
                name,
                format!("{}x", signed[name].as_str().unwrap()),
            );
            let expected = if name == "Type" {
                "UNSUPPORTED_SCHEME"
            } else {
                "INVALID_SIGNATURE"
            };
            assert_eq!(
                sns_code(&verifier, &changed.to_string()),
                expected,
                "{name}"
            );
        }
        let unsigned = with(&signed, "UnsubscribeURL", "https://evil.example/");
        assert_eq!(sns_code(&verifier, &unsigned.to_string()), "ok");
    }
    let signed = issuer.sns(subject);
    let without = with(&signed, "Subject", Value::Null);
    assert_eq!(
        sns_code(&verifier, &without.to_string()),
        "INVALID_SIGNATURE"
    );
    let kind = with(
        &issuer.sns(confirmation("SubscriptionConfirmation")),
        "Type",
        "Notification",
    );
    assert_eq!(sns_code(&verifier, &kind.to_string()), "INVALID_SIGNATURE");
}

/// SNS signs for every customer of AWS: a stranger's topic is as genuine.
#[test]
fn a_message_of_a_strangers_topic_is_refused() {
    let issuer = Issuer::new();
    let strange = "arn:aws:sns:eu-west-1:999999999999:orders";
    let own = issuer.sns(notification()).to_string();
    let theirs = issuer
        .sns(with(&notification(), "TopicArn", strange))
        .to_string();

    let build = || sns_of(&[&issuer.pem]);
    assert_eq!(code(build().build()), Some(Code::MissingParameter));
    for value in [
        "",
        "orders",
        "any",
        &format!("{TOPIC},"),
        &format!("{TOPIC}, {strange}"),
    ] {
        let fault = build().parameter("topic_arn", value).build();
        assert_eq!(code(fault), Some(Code::MissingParameter), "{value}");
    }
    let with = |value: &str| build().parameter("topic_arn", value).build().unwrap();
    let one = with(TOPIC);
    assert_eq!(sns_code(&one, &own), "ok");
    assert_eq!(sns_code(&one, &theirs), "INVALID_SIGNATURE");
    assert_eq!(
        sns_code(&with(&format!("{TOPIC},{strange}")), &theirs),
        "ok"
    );
    assert_eq!(sns_code(&with("insecure_any"), &theirs), "ok");
}

/// Whoever may publish chooses the message, and what stands in it like other fields.
#[test]
fn text_of_a_message_cannot_pass_for_another_field() {
    let issuer = Issuer::new();
    let verifier = sns_of(&[&issuer.pem]).parameter("topic_arn", TOPIC);
    let verifier = verifier.build().unwrap();
    let strange = "arn:aws:sns:eu-west-1:999999999999:theirs";
    let published =
        format!("pay\nMessageId\nforged\nTimestamp\n{AT}\nTopicArn\n{TOPIC}\nType\nNotification");
    let mut genuine = with(&notification(), "Message", published);
    genuine["TopicArn"] = strange.into();
    let genuine = issuer.sns(genuine);
    assert_eq!(
        sns_code(&verifier, &genuine.to_string()),
        "INVALID_SIGNATURE"
    );

    // The same signed text, cut elsewhere: what follows is left to the last field, or to
    // the one before it.
    let rest = format!(
        "\nMessageId\n{}\nTimestamp\n{AT}\nTopicArn\n{strange}",
        genuine["MessageId"].as_str().unwrap()
    );
    let mut forged = with(&genuine, "Message", "pay");
    forged["MessageId"] = "forged".into();
    forged["TopicArn"] = format!("{TOPIC}\nType\nNotification{rest}").into();
    assert_eq!(sns_code(&verifier, &forged.to_string()), "INVALID_EVENT_ID");
    forged["TopicArn"] = TOPIC.into();
    forged["Type"] = format!("Notification{rest}\nType\nNotification").into();
    assert_eq!(
        sns_code(&verifier, &forged.to_string()),
        "UNSUPPORTED_SCHEME"
    );
    // An honest reader sees the forged text as signed too: only its shape gives it away.
    let subject = issuer.sns(with(&notification(), "Subject", "a\nb"));
    assert_eq!(
        sns_code(&verifier, &subject.to_string()),
        "INVALID_EVENT_ID"
    );
}

#[test]
fn an_sns_body_is_read_strictly() {
    let issuer = Issuer::new();
    let verifier = sns_of(&[&issuer.pem]).parameter("topic_arn", TOPIC);
    let verifier = verifier.body_limit(4096).build().unwrap();
    let good = issuer.sns(notification());
    for name in [
        "Message",
        "MessageId",
        "Signature",
        "SignatureVersion",
        "SigningCertURL",
        "Timestamp",
        "TopicArn",
        "Type",
    ] {
        let absent = with(&good, name, Value::Null).to_string();
        assert_eq!(
            sns_code(&verifier, &absent),
            "MISSING_SIGNATURE_HEADERS",
            "{name}"
        );
        let number = with(&good, name, 1).to_string();
        assert_eq!(
            sns_code(&verifier, &number),
            "MALFORMED_SIGNATURE",
            "{name}"
        );
        let text = good.to_string();
        let twice = text.replacen('{', &format!(r#"{{"{name}":"x","#), 1);
        assert_eq!(sns_code(&verifier, &twice), "MALFORMED_SIGNATURE", "{name}");
    }
    let text = good.to_string();
    let long = format!("{text}{}", " ".repeat(4096));
    for (body, expected) in [
        ("", "MISSING_SIGNATURE_HEADERS"),
        ("[]", "MISSING_SIGNATURE_HEADERS"),
        ("Hello world", "MISSING_SIGNATURE_HEADERS"),
        (&text[1..], "MISSING_SIGNATURE_HEADERS"),
        (&long, "BODY_TOO_LARGE"),
    ] {
        assert_eq!(sns_code(&verifier, body), expected, "{body:.20}");
    }
    for (name, value, expected) in [
        ("SignatureVersion", "0", "UNSUPPORTED_SCHEME"),
        ("SignatureVersion", "02", "UNSUPPORTED_SCHEME"),
        ("SignatureVersion", "1", "INVALID_SIGNATURE"),
        ("Signature", "no base64!", "MALFORMED_SIGNATURE"),
        ("Timestamp", "soon", "INVALID_TIMESTAMP"),
        ("Timestamp", "2026-06-18T00:00:00", "INVALID_TIMESTAMP"),
    ] {
        let body = with(&good, name, value).to_string();
        assert_eq!(sns_code(&verifier, &body), expected, "{name} {value}");
    }
    let long = STANDARD.encode([0; 1025]);
    let body = with(&good, "Signature", long).to_string();
    assert_eq!(sns_code(&verifier, &body), "MALFORMED_SIGNATURE");
}

#[test]
fn only_addresses_of_sns_are_taken() {
    let issuer = Issuer::new();
    let verifier = sns_of(&[&issuer.pem]).parameter("topic_arn", TOPIC);
    let verifier = verifier.build().unwrap();
    let good = issuer.sns(notification());
    let judged = |url: &str| sns_code(&verifier, &with(&good, "SigningCertURL", url).to_string());
    for url in [
        "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0.pem",
        "https://sns.us-gov-west-1.amazonaws.com/x.pem",
    ] {
        assert_eq!(judged(url), "ok", "{url}");
    }
    for url in [
        "http://sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com/x.pem?",
        "https://sns.eu-west-1.amazonaws.com/x.pem#.pem",
        "https://sns.eu-west-1.amazonaws.com/a/x.pem",
        "https://sns.eu-west-1.amazonaws.com/x.txt",
        "https://sns.eu-west-1.amazonaws.com:443/x.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem",
        "https://sns.amazonaws.com/x.pem",
        "https://sns.evil.eu-west-1.amazonaws.com/x.pem",
        "https://sns.s3.amazonaws.com.evil.example/x.pem",
        "https://sns.evil.example/.amazonaws.com/x.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
        "https://s3.amazonaws.com/x.pem",
        "https://sns.s3.amazonaws.com/x.pem",
        "https://sns.s3-us-west-2.amazonaws.com/x.pem",
        "https://sns.s3-website-us-west-2.amazonaws.com/x.pem",
        "https://sns.cloud.amazonaws.com/x.pem",
        "https://snsxeu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.comXcn/x.pem",
    ] {
        assert_eq!(judged(url), "UNTRUSTED_CERT_URL", "{url}");
    }
    // Lambda's spelling is no way round it.
    let second = with(&good, "SigningCertUrl", "https://evil.example/x.pem");
    assert_eq!(
        sns_code(&verifier, &second.to_string()),
        "UNTRUSTED_CERT_URL"
    );
}

#[test]
fn the_window_is_judged_after_the_signature() {
    let issuer = Issuer::new();
    let verifier = sns_of(&[&issuer.pem]).parameter("topic_arn", TOPIC);
    let verifier = verifier.build().unwrap();
    let body = issuer.sns(notification()).to_string();
    let at_age = |body: &str, seconds: i64| {
        let now = Timestamp::from_unix_seconds(at().unix_seconds() + seconds);
        let delivery = Delivery::new(&NO_HEADERS, body.as_bytes());
        let code = verifier.verify(&delivery, now).err().map(|it| it.code());
        code.map_or("ok", |code| code.as_str())
    };
    assert_eq!(at_age(&body, 7200), "ok");
    assert_eq!(at_age(&body, 7201), "TIMESTAMP_SKEW_TOO_LARGE");
    assert_eq!(at_age(&body, -300), "ok");
    assert_eq!(at_age(&body, -301), "TIMESTAMP_SKEW_TOO_LARGE");
    let changed = body.replace("Hello", "Jello");
    assert_eq!(at_age(&changed, 7201), "INVALID_SIGNATURE");
}

#[test]
fn one_certificate_of_a_ring_is_enough_unless_it_ran_out() {
    let (old, new) = (Issuer::until(2026), Issuer::new());
    let body = new.sns(notification()).to_string();
    let builder = |pems: &[&str]| sns_of(pems).parameter("topic_arn", TOPIC).build().unwrap();
    let both = builder(&[&old.pem, &new.pem]);
    assert_eq!(
        judge(&both, &NO_HEADERS, &body).unwrap().key_name(),
        "key-1"
    );
    // It ran out before the message says that it was signed.
    let stale = old.sns(notification()).to_string();
    assert_eq!(sns_code(&both, &stale), "INVALID_SIGNATURE");
    let early = old.sns(with(&notification(), "Timestamp", "2025-12-31T23:59:59Z"));
    assert_eq!(
        sns_code(&both, &early.to_string()),
        "TIMESTAMP_SKEW_TOO_LARGE"
    );
    // A renewed certificate of the same key.
    let renewed = certificate(&spki(&old.pair), 2030);
    let both = builder(&[&old.pem, &renewed]);
    assert_eq!(
        judge(&both, &NO_HEADERS, &stale).unwrap().key_name(),
        "key-1"
    );
    // Of a chain the first counts.
    let chain = builder(&[&format!("{}{}", new.pem, old.pem)]);
    assert_eq!(sns_code(&chain, &body), "ok");
    assert_eq!(sns_code(&chain, &early.to_string()), "INVALID_SIGNATURE");
}

#[test]
fn what_is_no_rsa_certificate_is_refused_when_built() {
    let issuer = Issuer::new();
    let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let elliptic = STANDARD.decode(P256).unwrap();
    let cut = &issuer.pem[..issuer.pem.len() / 2];
    for text in [
        "",
        "not a certificate",
        cut,
        &certificate(&elliptic, 2030),
        private,
        issuer.pair.public_pem(),
        &format!("{}{private}", issuer.pem),
        RSA_1024,
    ] {
        let sns = sns_of(&[text]).parameter("topic_arn", TOPIC).build();
        assert_eq!(code(sns), Some(Code::InvalidSecret), "{text}");
    }
    let empty = Verifier::builder(PAYPAL).parameter("webhook_id", WEBHOOK);
    assert_eq!(code(empty.build()), Some(Code::InvalidKeyRing));
}

#[test]
fn paypal_needs_the_id_of_one_webhook() {
    let issuer = Issuer::new();
    let build = |ids: &[&str]| {
        let builder = Verifier::builder(PAYPAL).ring(&ring(&[&issuer.pem]));
        let builder = ids
            .iter()
            .fold(builder, |builder, id| builder.parameter("webhook_id", *id));
        code(builder.build())
    };
    assert_eq!(build(&[WEBHOOK]), None);
    let long = "A".repeat(51);
    for ids in [
        &[][..],
        &[""],
        // What mock events are signed for.
        &["WEBHOOK_ID"],
        &["1|2"],
        &[&long],
    ] {
        assert_eq!(build(ids), Some(Code::MissingParameter), "{ids:?}");
    }
}

/// A CRC-32 is no digest: the test shows why the body's id is not the key.
#[test]
fn a_forged_paypal_body_of_the_same_crc_counts_as_the_same_event() {
    let issuer = Issuer::new();
    let verifier = paypal_of(&[&issuer.pem]);
    let genuine = r#"{"id":"WH-1","resource":{"amount":"1.00"}}"#;
    let headers = issuer.paypal("69cd13f0-d67a-11e5-baa3-778b53f4ae55", genuine);
    let forged = collide(
        r#"{"id":"WH-2","resource":{"amount":"9000.00"},"x":"#,
        crc32(genuine.as_bytes()),
    );
    assert_ne!(forged, genuine);

    let key = |body: &str| {
        let verified = judge(&verifier, &headers, body).unwrap();
        assert_eq!(
            verified.event_id().unwrap().get().text(),
            "69cd13f0-d67a-11e5-baa3-778b53f4ae55"
        );
        let key = verified.dedupe_key("hook").unwrap();
        assert!(key.parts().iter().all(countersign::KeyPartText::is_signed));
        key.id()
    };
    assert_eq!(key(genuine), key(&forged));
    assert!(!PAYPAL.covers_body());
    assert!(
        PAYPAL
            .covers()
            .iter()
            .any(|part| part.starts_with("CRC-32"))
    );
}

/// A body that begins so, and has that checksum.
fn collide(start: &str, checksum: u32) -> String {
    // A checksum is linear: choices between `0` and `1` decide its bits one by one.
    let digits = 40;
    let base: Vec<u8> = format!("{start}\"{}\"}}", "0".repeat(digits)).into_bytes();
    let first = start.len() + 1;
    let offset = crc32(&base) ^ checksum;
    // What flipping `0` to `1` at each place changes.
    let mut rows: Vec<(u32, u64)> = (0..digits)
        .map(|place| {
            let mut changed = base.clone();
            changed[first + place] = b'1';
            (crc32(&changed) ^ crc32(&base), 1u64 << place)
        })
        .collect();
    let (mut left, mut chosen) = (offset, 0u64);
    for bit in (0..32).map(|bit| 1u32 << bit) {
        let Some(found) = rows.iter().position(|(change, _)| change & bit != 0) else {
            continue;
        };
        let pivot = rows.swap_remove(found);
        for row in &mut rows {
            if row.0 & bit != 0 {
                *row = (row.0 ^ pivot.0, row.1 ^ pivot.1);
            }
        }
        if left & bit != 0 {
            (left, chosen) = (left ^ pivot.0, chosen ^ pivot.1);
        }
    }
    assert_eq!(left, 0);
    let mut body = base;
    for place in (0..digits).filter(|place| chosen & (1 << place) != 0) {
        body[first + place] = b'1';
    }
    assert_eq!(crc32(&body), checksum);
    String::from_utf8(body).unwrap()
}

#[test]
fn paypal_headers_are_strict() {
    let issuer = Issuer::new();
    let verifier = paypal_of(&[&issuer.pem]);
    let body = r#"{"id":"WH-1"}"#;
    let good = issuer.paypal("69cd13f0", body);
    let judged = |name: &str, value: &str| {
        let changed: Vec<_> = good
            .iter()
            .map(|(known, text)| (*known, if *known == name { value } else { text }.to_owned()))
            .collect();
        let verdict = judge(&verifier, &changed, body);
        verdict.map_or_else(|rejection| rejection.code().as_str(), |_| "ok")
    };
    assert_eq!(judged("", ""), "ok");
    for (name, value, expected) in [
        ("paypal-cert-url", "https://paypal.com/cert", "ok"),
        (
            "paypal-cert-url",
            "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
            "ok",
        ),
        (
            "paypal-cert-url",
            "https://api.paypal.com/cert?x=1",
            "UNTRUSTED_CERT_URL",
        ),
        (
            "paypal-cert-url",
            "https://api.paypal.com:8443/cert",
            "UNTRUSTED_CERT_URL",
        ),
        (
            "paypal-cert-url",
            "https://xpaypal.com/cert",
            "UNTRUSTED_CERT_URL",
        ),
        (
            "paypal-cert-url",
            "https://paypal.com.evil.example/",
            "UNTRUSTED_CERT_URL",
        ),
        (
            "paypal-cert-url",
            "https://evil.example/paypal.com",
            "UNTRUSTED_CERT_URL",
        ),
        (
            "paypal-cert-url",
            "https://paypal.com",
            "UNTRUSTED_CERT_URL",
        ),
        ("paypal-cert-url", "\u{e9}", "UNTRUSTED_CERT_URL"),
        ("paypal-auth-algo", "sha256withrsa", "UNSUPPORTED_SCHEME"),
        ("paypal-auth-algo", "SHA512withRSA", "UNSUPPORTED_SCHEME"),
        (
            "paypal-transmission-sig",
            "no base64!",
            "MALFORMED_SIGNATURE",
        ),
        ("paypal-transmission-sig", "AAAA", "INVALID_SIGNATURE"),
        (
            "paypal-transmission-time",
            "1781740800",
            "INVALID_TIMESTAMP",
        ),
        (
            "paypal-transmission-time",
            "2026-06-18T00:00:00+00:00",
            "INVALID_SIGNATURE",
        ),
    ] {
        assert_eq!(judged(name, value), expected, "{name}: {value}");
    }
    let mut twice = good.clone();
    twice.push(("PayPal-Cert-Url", "https://api.paypal.com/other".to_owned()));
    let rejection = judge(&verifier, &twice, body).unwrap_err();
    assert_eq!(rejection.code(), Code::AmbiguousHeader);
    let names: Vec<&str> = verifier
        .header_names(rejection.headers().unwrap())
        .collect();
    assert_eq!(names, ["paypal-cert-url"]);
    // A bar in the id would move the time.
    let barred = issuer.paypal("69cd|13f0", body);
    let rejection = judge(&verifier, &barred, body).unwrap_err();
    assert_eq!(rejection.code(), Code::InvalidEventId);
}

#[test]
fn they_only_verify_and_only_whole_bodies() {
    let issuer = Issuer::new();
    let sns = sns_of(&[&issuer.pem])
        .parameter("topic_arn", TOPIC)
        .build()
        .unwrap();
    for (verifier, scheme) in [(sns, AWS_SNS), (paypal_of(&[&issuer.pem]), PAYPAL)] {
        let fault = verifier.streaming().unwrap_err();
        assert_eq!(fault.code(), Code::NotStreamable);
        let secret = issuer.pair.private("own").unwrap();
        let fault = Signer::new(scheme, &secret).unwrap_err();
        assert_eq!(fault.code(), Code::CannotSign);
    }
}

/// Code verifies, so the fields must say what it does.
#[test]
fn a_scheme_that_claims_another_content_is_refused() {
    use countersign::scheme::{Part, Scheme, Template};

    let covered = Scheme {
        content: Template(vec![Part::Body].into()),
        ..PAYPAL
    };
    assert_eq!(covered.check().unwrap_err().code(), Code::InvalidScheme);
    let keyed = Scheme {
        key: countersign::scheme::HMAC_SHA256_BODY.key,
        ..PAYPAL
    };
    assert_eq!(keyed.check().unwrap_err().code(), Code::InvalidScheme);
    let mut shorter = PAYPAL;
    shorter.body_limit = 100;
    assert_eq!(shorter.check(), Ok(()));
    let mut declared = MARBLES_155IO;
    declared.key.form = PAYPAL.key.form;
    assert_eq!(declared.check().unwrap_err().code(), Code::InvalidScheme);
}

const NO_HEADERS: [(&str, &str); 0] = [];

/// The public point of P-256 in RFC 6979, A.2.5.
const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==";

/// A certificate with a key of 1,024 bits.
const RSA_1024: &str = "\
-----BEGIN CERTIFICATE-----
MIICFDCCAX2gAwIBAgIUI3IjiMKiClXBxdQNvN3kFy+dJTYwDQYJKoZIhvcNAQEL
BQAwHDEaMBgGA1UEAwwRc25zLmFtYXpvbmF3cy5jb20wHhcNMjYxMTIxMDY0MTA5
WhcNMzYxMTE4MDY0MTA5WjAcMRowGAYDVQQDDBFzbnMuYW1hem9uYXdzLmNvbTCB
nzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEAzSysZEgAHL5whPZC6xZxM8pWf2LT
60QqKNr7xjRuvicSRo5qX9RXGJsf06BF5Mr0n3uz9UmdFxg7fY7dk0oQ4xw5eAkd
+xJFAZviE7oec+YvZm4la+OmtLdPtSP1jFKufgT8G0pfv6euzmJSASZceiYC9eQy
aPQAI2XUUftmmzMCAwEAAaNTMFEwHQYDVR0OBBYEFAqnSfjeV/aHyZER9eAYq0Dy
63S0MB8GA1UdIwQYMBaAFAqnSfjeV/aHyZER9eAYq0Dy63S0MA8GA1UdEwEB/wQF
MAMBAf8wDQYJKoZIhvcNAQELBQADgYEAI5HBfm69udhIt/Dq7PpYB6KQfeOjV7vg
slH56xX0EOHCaGV/3+f4bx9Hw5aBrc2dgE62DMI9xROSZoAUoE5dktEGlQ5J/eLV
ma8NVhkNsCyvzrV03slLkBpU4MNEJKh8Im/12zLaCVOABeQWXqhbF7eFyFEgDfY1
5Bsqm3tpugc=
-----END CERTIFICATE-----
";
