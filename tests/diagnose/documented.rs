//! The mistakes that the five founding systems document, each by name.

use countersign::diagnose::{Cause, Diagnosis, Finding};
use countersign::scheme::catalogue::{DEBITURA, MUTOPAY, OPENPOLY, REVTAIN};
use countersign::scheme::{KeyForm, KeyRules, Scheme};
use countersign::{KeyRing, Timestamp};

use super::case::{NOW, Sent, proves};

const SECRET: &str = "whsec_a secret of the tests, long enough";
const BASE64: &str = "dGhpc2lzYWJhc2U2NGVuY29kZWRzZWNyZXQ=";
const BODY: &[u8] =
    br#"{"event_id":"evt_0001","event":"payment.completed","payment_id":"p/1","amount":1000.00}"#;
const DEBITURA_BODY: &[u8] = br#"{"id":"evt_0001","event":"payment.created","data":{"amount":1000.00,"name":"M\u00fcller/S\u00f6hne"}}"#;

/// What JavaScript makes of it, parsed and printed again.
const RESERIALIZED: &[u8] =
    br#"{"event_id":"evt_0001","event":"payment.completed","payment_id":"p/1","amount":1000}"#;

#[test]
fn a_genuine_delivery_verifies() {
    let sent = Sent::new(&OPENPOLY, SECRET, BODY);
    assert_eq!(sent.explain(&OPENPOLY, SECRET), Finding::Verifies);
}

#[test]
fn openpoly_time_printed_again() {
    let mut sent = Sent::new(&OPENPOLY, SECRET, BODY);
    *sent.header("x-polynion-timestamp") = "1970-01-01T00:00:00Z".into();
    proves(
        &sent.explain(&OPENPOLY, SECRET),
        &[Cause::TimestampReformatted],
    );
}

#[test]
fn openpoly_secret_taken_for_base64() {
    let sent = Sent::new(&OPENPOLY, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", BODY);
    let decoding = Scheme {
        key: KeyRules {
            form: KeyForm::Base64,
            strip_prefix: Some("whsec_".into()),
            ..OPENPOLY.key
        },
        ..OPENPOLY
    };
    proves(
        &sent.explain(&decoding, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        &[Cause::SecretWronglyDecoded],
    );
}

#[test]
fn openpoly_id_of_another_event() {
    let mut sent = Sent::new(&OPENPOLY, SECRET, BODY);
    *sent.header("x-polynion-event-id") = "EVT_0001".into();
    let why = proves(&sent.explain(&OPENPOLY, SECRET), &[Cause::EventIdMismatch]);
    assert_eq!(why.mistake().fact("transform"), Some(&"lower case".into()));
}

#[test]
fn mutopay_reserialized_body() {
    // The vendor signs the wire; the receiver hashes what PHP prints of it.
    let mut sent = Sent::new(
        &MUTOPAY,
        SECRET,
        br#"{"event":"payment.completed","payment_id":"p/1"}"#,
    );
    sent.body = br#"{"event":"payment.completed","payment_id":"p\/1"}"#.to_vec();
    let why = proves(&sent.explain(&MUTOPAY, SECRET), &[Cause::BodyReserialized]);
    assert_eq!(why.mistake().fact("style"), Some(&"slashes plain".into()));
    // Python's spacing.
    sent.body = br#"{"event": "payment.completed", "payment_id": "p/1"}"#.to_vec();
    proves(&sent.explain(&MUTOPAY, SECRET), &[Cause::BodyReserialized]);
}

#[test]
fn mutopay_secret_of_another_channel() {
    let sent = Sent::new(&MUTOPAY, "the secret of the other channel", BODY);
    let ring = KeyRing::new().with("current", SECRET).unwrap();
    let others = KeyRing::new()
        .with("test-channel", "the secret of the other channel")
        .unwrap();
    let diagnosis = Diagnosis::new(MUTOPAY, &ring)
        .unwrap()
        .other_secrets(&others);
    let why = proves(
        &diagnosis.explain(&sent.delivery(), NOW),
        &[Cause::OtherSecret],
    );
    assert_eq!(why.mistake().fact("secret"), Some(&"test-channel".into()));
}

#[test]
fn revtain_prefix_cut_and_reserialized() {
    let mut sent = Sent::new(&REVTAIN, SECRET, BODY);
    sent.body = RESERIALIZED.to_vec();
    let why = proves(&sent.explain(&REVTAIN, SECRET), &[Cause::BodyReserialized]);
    assert_eq!(why.mistake().fact("first_difference"), Some(&83_i64.into()));
    sent.body = BODY.to_vec();
    proves(
        &sent.explain(&REVTAIN, "a secret of the tests, long enough"),
        &[Cause::SecretPrefixCut],
    );
}

#[test]
fn debitura_secret_not_decoded() {
    let sent = Sent::new(&DEBITURA, BASE64, DEBITURA_BODY);
    let plain = Scheme {
        key: KeyRules {
            form: KeyForm::Utf8,
            ..DEBITURA.key
        },
        ..DEBITURA
    };
    proves(&sent.explain(&plain, BASE64), &[Cause::SecretNotDecoded]);
}

#[test]
fn debitura_body_reserialized() {
    let mut sent = Sent::new(&DEBITURA, BASE64, DEBITURA_BODY);
    sent.body = br#"{"id":"evt_0001","event":"payment.created","data":{"amount":1000,"name":"M\u00fcller/S\u00f6hne"}}"#.to_vec();
    proves(&sent.explain(&DEBITURA, BASE64), &[Cause::BodyReserialized]);
}

#[test]
fn debitura_signature_decoded_from_base64() {
    let mut sent = Sent::new(&DEBITURA, BASE64, DEBITURA_BODY);
    let header = sent.header("x-debitura-signature");
    let hex = header.rsplit('=').next().unwrap().to_owned();
    let bytes = hex::decode(&hex).unwrap();
    *header = header.replace(&hex, &base64(&bytes));
    proves(
        &sent.explain(&DEBITURA, BASE64),
        &[Cause::SignatureEncoding],
    );
}

#[test]
fn debitura_late() {
    let sent = Sent::new(&DEBITURA, BASE64, DEBITURA_BODY);
    let ring = KeyRing::new().with("current", BASE64).unwrap();
    let diagnosis = Diagnosis::new(DEBITURA, &ring).unwrap();
    let late = Timestamp::from_unix_seconds(301);
    let why = proves(
        &diagnosis.explain(&sent.delivery(), late),
        &[Cause::StaleDelivery],
    );
    assert_eq!(why.mistake().fact("skew_s"), Some(&301_i64.into()));
    let early = Timestamp::from_unix_seconds(-31);
    proves(
        &diagnosis.explain(&sent.delivery(), early),
        &[Cause::ClockDrift],
    );
}

#[test]
fn the_time_of_the_separate_header_is_not_the_signed_one() {
    let mut sent = Sent::new(&DEBITURA, BASE64, DEBITURA_BODY);
    let own = sent.header("x-debitura-signature");
    *own = own.replace("t=0,", "t=5,");
    sent.headers.push(("X-Timestamp".into(), "0".into()));
    let why = proves(&sent.explain(&DEBITURA, BASE64), &[Cause::SignedContent]);
    assert_eq!(
        why.mistake().fact("found"),
        Some(&"{header:x-timestamp}.{body}".into())
    );
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
