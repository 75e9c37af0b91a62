//! Two mistakes at once, schemes that are code, and the order of what is found.

use countersign::diagnose::{Cause, Diagnosis, Finding};
use countersign::scheme::catalogue::{
    GITHUB, MAILGUN, MUTOPAY, OPENPOLY, SQUARE, STANDARD_WEBHOOKS_V1, STRIPE, TRELLO, TWILIO,
    TWILIO_FORM,
};
use countersign::scheme::{Algorithm, Scheme};
use countersign::{Code, KeyRing, Timestamp};

use super::case::{Finds, NOW, Sent, URL, proves};

const SECRET: &str = "a secret of the tests, long-enough";
const BASE64: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY: &[u8] = br#"{"event_id":"evt_0001","name":"a/b","amount":10}"#;
const SPACED: &[u8] = br#"{"event_id": "evt_0001", "name": "a/b", "amount": 10}"#;

#[test]
fn secret_and_body() {
    let mut sent = Sent::new(&GITHUB, SECRET, BODY);
    sent.body = SPACED.to_vec();
    let expected = [Cause::SecretWhitespace, Cause::BodyReserialized];
    proves(&sent.explain(&GITHUB, format!(" {SECRET}")), &expected);
    sent.body = [b"\xef\xbb\xbf", BODY].concat();
    let expected = [Cause::SecretNotDecoded, Cause::BodyBom];
    proves(&sent.explain(&GITHUB, hex::encode(SECRET)), &expected);
}

#[test]
fn two_of_the_secret() {
    let sent = Sent::new(&GITHUB, SECRET, BODY);
    let expected = [Cause::SecretQuoted, Cause::SecretPrefixKept];
    proves(
        &sent.explain(&GITHUB, format!("'whsec_{SECRET}'")),
        &expected,
    );
    let sent = Sent::new(&STANDARD_WEBHOOKS_V1, BASE64, BODY);
    let finding = sent.explain(&STANDARD_WEBHOOKS_V1, format!("\"{BASE64}\n\""));
    let Finding::Explained(why) = &finding else {
        panic!("{finding:?}");
    };
    assert!(finding.causes().contains(&Cause::SecretQuoted), "{why:?}");
}

#[test]
fn another_secret_with_blanks() {
    let sent = Sent::new(&MUTOPAY, SECRET, BODY);
    let ring = |secret: &str| KeyRing::new().with("k", secret).unwrap();
    let diagnosis = Diagnosis::new(MUTOPAY, &ring("the secret in use, another")).unwrap();
    let diagnosis = diagnosis.other_secrets(&ring(&format!("{SECRET}\n")));
    let finding = diagnosis.explain(&sent.delivery(), NOW);
    proves(&finding, &[Cause::OtherSecret, Cause::SecretWhitespace]);
}

#[test]
fn content_and_body() {
    let sender = Scheme {
        content: "{timestamp}:{body}".parse().unwrap(),
        ..STRIPE
    };
    let mut sent = Sent::new(&sender, SECRET, BODY);
    sent.body = [BODY, b"\n"].concat();
    let expected = [Cause::SignedContent, Cause::BodyNewline];
    proves(&sent.explain(&STRIPE, SECRET), &expected);
}

#[test]
fn time_and_body() {
    let mut sent = Sent::new(&OPENPOLY, SECRET, BODY);
    *sent.header("x-polynion-timestamp") = "1970-01-01T00:00:00Z".into();
    sent.body = SPACED.to_vec();
    let expected = [Cause::TimestampReformatted, Cause::BodyReserialized];
    proves(&sent.explain(&OPENPOLY, SECRET), &expected);
}

#[test]
fn url_with_body_and_with_secret() {
    let url = URL.replace("https", "http");
    let mut sent = Sent::by(&SQUARE, SECRET, BODY, &url, NOW).unwrap();
    sent.body = [BODY, b"\n"].concat();
    proves(
        &sent.explain(&SQUARE, SECRET),
        &[Cause::UrlChanged, Cause::BodyNewline],
    );
    let sent = Sent::by(&TRELLO, SECRET, BODY, &url, NOW).unwrap();
    let expected = [Cause::SecretQuoted, Cause::UrlChanged];
    proves(&sent.explain(&TRELLO, format!("\"{SECRET}\"")), &expected);
}

#[test]
fn algorithm_and_secret() {
    let sender = Scheme {
        algorithm: Algorithm::HmacSha512,
        ..STRIPE
    };
    let sent = Sent::new(&sender, SECRET, BODY);
    let expected = [Cause::SecretPrefixCut, Cause::Algorithm];
    let prefixed = Sent::new(&sender, &format!("whsec_{SECRET}"), BODY);
    proves(&prefixed.explain(&STRIPE, SECRET), &expected);
    proves(&sent.explain(&STRIPE, SECRET), &[Cause::Algorithm]);
}

/// No scheme has them, and some senders do.
#[test]
fn an_algorithm_that_no_scheme_has() {
    use hmac::{Hmac, KeyInit, Mac};
    let mut md5 = Hmac::<md5::Md5>::new_from_slice(SECRET.as_bytes()).unwrap();
    md5.update(BODY);
    let mut sha384 = Hmac::<sha2::Sha384>::new_from_slice(SECRET.as_bytes()).unwrap();
    sha384.update(BODY);
    for (name, tag) in [
        ("HMAC-MD5", md5.finalize().into_bytes().to_vec()),
        ("HMAC-SHA384", sha384.finalize().into_bytes().to_vec()),
    ] {
        let mut sent = Sent::new(&GITHUB, SECRET, BODY);
        *sent.header("x-hub-signature-256") = format!("sha256={}", hex::encode(tag));
        let why = proves(&sent.explain(&GITHUB, SECRET), &[Cause::Algorithm]);
        assert_eq!(why.mistake().fact("found"), Some(&name.into()));
        let quoted = format!("\"{SECRET}\"");
        let expected = [Cause::SecretQuoted, Cause::Algorithm];
        proves(&sent.explain(&GITHUB, quoted), &expected);
    }
}

#[test]
fn signature_text_and_secret() {
    let mut sent = Sent::new(&GITHUB, SECRET, BODY);
    let header = sent.header("x-hub-signature-256");
    *header = header.replace("sha256=", "");
    let expected = [Cause::SecretQuoted, Cause::SignaturePrefix];
    proves(&sent.explain(&GITHUB, format!("\"{SECRET}\"")), &expected);
}

#[test]
fn two_of_the_body() {
    let mut sent = Sent::new(&GITHUB, SECRET, BODY);
    sent.body = [b"\xef\xbb\xbf", SPACED].concat();
    let expected = [Cause::BodyBom, Cause::BodyReserialized];
    proves(&sent.explain(&GITHUB, SECRET), &expected);
    // Two changes of the style are one mistake.
    sent.body = br#"{"event_id": "evt_0001", "name": "a\/b", "amount": 10.00}"#.to_vec();
    let finding = sent.explain(&GITHUB, SECRET);
    assert_eq!(finding.causes(), [Cause::BodyReserialized], "{finding:?}");
}

#[test]
fn a_renamed_header_and_a_secret() {
    let mut sent = Sent::new(&GITHUB, SECRET, BODY);
    for header in &mut sent.headers {
        header.0 = header.0.replace('-', "_");
    }
    let expected = [Cause::HeadersRenamed, Cause::SecretQuoted];
    proves(&sent.explain(&GITHUB, format!("\"{SECRET}\"")), &expected);
}

#[test]
fn what_would_be_stale_too_is_told() {
    let sent = Sent::new(&STRIPE, SECRET, BODY);
    let ring = KeyRing::new().with("k", format!("{SECRET} ")).unwrap();
    let diagnosis = Diagnosis::new(STRIPE, &ring).unwrap();
    let late = Timestamp::from_unix_seconds(9000);
    let finding = diagnosis.explain(&sent.delivery(), late);
    proves(&finding, &[Cause::SecretWhitespace, Cause::StaleDelivery]);
}

#[test]
fn a_scheme_that_is_code() {
    let secret = "0123456789abcdef0123456789abcdef";
    let form = b"From=%2B15551234&Body=hi";
    let sent = Sent::by(&TWILIO_FORM, secret, form, URL, NOW).unwrap();
    let content_type = (
        "Content-Type".to_owned(),
        "application/x-www-form-urlencoded".to_owned(),
    );
    let with_type = |sent: &Sent| Sent {
        headers: [sent.headers.clone(), vec![content_type.clone()]].concat(),
        ..sent.clone()
    };
    let mut sent = with_type(&sent);
    assert!(sent.explain(&TWILIO, secret).verifies());
    proves(
        &sent.explain(&TWILIO, format!("{secret}\n")),
        &[Cause::SecretWhitespace],
    );
    let other = Sent::by(
        &TWILIO_FORM,
        secret,
        form,
        &URL.replace("https", "http"),
        NOW,
    )
    .unwrap();
    proves(
        &with_type(&other).explain(&TWILIO, secret),
        &[Cause::UrlChanged],
    );
    // Two mistakes at once.
    let elsewhere = with_type(&other);
    let quoted = format!("\"{secret}\"");
    let expected = [Cause::SecretQuoted, Cause::UrlChanged];
    proves(&elsewhere.explain(&TWILIO, &quoted), &expected);
    let longer = |sent: &Sent| Sent {
        body: [&sent.body[..], b"\n"].concat(),
        ..sent.clone()
    };
    let expected = [Cause::SecretQuoted, Cause::BodyNewline];
    proves(&longer(&sent).explain(&TWILIO, quoted), &expected);
    let expected = [Cause::UrlChanged, Cause::BodyNewline];
    proves(&longer(&elsewhere).explain(&TWILIO, secret), &expected);
    let capped = Scheme {
        body_limit: 3,
        ..TWILIO
    };
    let why = proves(&sent.explain(&capped, secret), &[Cause::SignatureMatches]);
    let code = why.mistake().fact("code");
    assert_eq!(code, Some(&"BODY_TOO_LARGE".into()));
    assert_eq!(why.mistake().fix(), Code::BodyTooLarge.next_action());
    let finding = sent.explain(&TWILIO, "another secret, of another account");
    assert!(matches!(finding, Finding::Unexplained(_)), "{finding:?}");
    sent.headers
        .retain(|(name, _)| !name.eq_ignore_ascii_case("x-twilio-signature"));
    assert_eq!(
        sent.explain(&TWILIO, secret).causes(),
        [Cause::HeadersMissing]
    );
}

/// The signature, the time and what is signed stand in the body: a body that is changed
/// holds none of them until the change is undone.
#[test]
fn a_signature_in_the_body() {
    let token = "5egbgr1vjgqxtrnp65xfznchgdccwh5d6i09vijqi3whgovmn6";
    let body = format!(r#"{{"signature":{{"token":"{token}"}},"event-data":{{"id":"e"}}}}"#);
    let at = Timestamp::from_unix_seconds(1_781_740_800);
    let mut sent = Sent::by(&MAILGUN, SECRET, body.as_bytes(), URL, at).unwrap();
    let explain = |sent: &Sent| {
        let ring = KeyRing::new().with("k", SECRET).unwrap();
        let diagnosis = Diagnosis::new(MAILGUN, &ring).unwrap().budget(2000);
        diagnosis.explain(&sent.delivery(), at)
    };
    assert!(explain(&sent).verifies());
    let genuine = sent.body.clone();
    sent.body = [b"\xef\xbb\xbf", &genuine[..]].concat();
    proves(&explain(&sent), &[Cause::BodyBom]);
    sent.body = hex::encode(&genuine).into_bytes();
    let finding = explain(&sent);
    assert_eq!(finding.causes(), [Cause::HeadersMissing]);
    assert!(!finding.is_proven(), "{finding:?}");
}

/// The same question has the same answer, and a smaller budget never another one.
#[test]
fn the_order_never_varies() {
    let mut sent = Sent::new(&GITHUB, SECRET, BODY);
    sent.body = SPACED.to_vec();
    let stored = format!(" {SECRET}");
    let ring = KeyRing::new().with("current", &stored).unwrap();
    let explain = |budget| {
        let diagnosis = Diagnosis::new(GITHUB, &ring).unwrap().budget(budget);
        diagnosis.explain(&sent.delivery(), NOW)
    };
    let whole = explain(20_000);
    let Finding::Explained(why) = &whole else {
        panic!("{whole:?}");
    };
    assert_eq!(explain(20_000), whole);
    assert_eq!(explain(why.macs()), whole);
    let Finding::Unexplained(nothing) = explain(why.macs() - 1) else {
        panic!("one MAC less finds nothing");
    };
    assert!(!nothing.is_complete() && nothing.macs() == why.macs() - 1);
}

#[test]
fn readme_names_every_cause() {
    let readme = include_str!("../../README.md");
    for cause in Cause::ALL {
        let row = format!("| `{cause}` | {} |", cause.meaning());
        assert!(readme.contains(&row), "README.md must hold: {row}");
    }
}
