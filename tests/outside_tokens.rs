//! MessageBird, Vonage and Plaid: what the rows do not show, under tokens made here.
#![cfg(all(feature = "jwt", feature = "ecdsa"))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::scheme::catalogue::{MESSAGEBIRD_JWT, PLAID, VONAGE_JWT};
use countersign::scheme::{Algorithm, JsonPath, Scheme, Text, Window};
use countersign::{Code, Delivery, KeyRing, Secret, Signer, Timestamp, Verified, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha384, Sha512};

const NOW: i64 = 1_781_740_800;
const SECRET: &str = "a signing key of this test";
const URL: &str = "https://example.test/hook";
const BODY: &str = r#"{"id":"m1"}"#;

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// What signs a token's text.
type Sign = fn(&str) -> Vec<u8>;

/// A token of these texts, signed by `sign`.
fn token(header: &str, claims: &str, sign: impl Fn(&str) -> Vec<u8>) -> String {
    let [header, claims] = [header, claims].map(|text| URL_SAFE_NO_PAD.encode(text));
    let message = format!("{header}.{claims}");
    let signature = URL_SAFE_NO_PAD.encode(sign(&message));
    format!("{message}.{signature}")
}

fn hs256(message: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.chain_update(message).finalize().into_bytes().to_vec()
}

fn hs384(message: &str) -> Vec<u8> {
    let mac = Hmac::<Sha384>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.chain_update(message).finalize().into_bytes().to_vec()
}

fn hs512(message: &str) -> Vec<u8> {
    let mac = Hmac::<Sha512>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.chain_update(message).finalize().into_bytes().to_vec()
}

const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// What a genuine delivery claims, with `changed` on top: null takes a claim out.
fn with(mut claims: Value, changed: &Value) -> String {
    for (name, value) in changed.as_object().unwrap() {
        claims[name] = value.clone();
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        }
    }
    claims.to_string()
}

fn messagebird(changed: &Value) -> String {
    let genuine = json!({
        "iss": "MessageBird", "nbf": NOW, "exp": NOW + 60, "jti": "token-1",
        "url_hash": hash(URL), "payload_hash": hash(BODY),
    });
    with(genuine, changed)
}

fn vonage(changed: &Value) -> String {
    let genuine = json!({"iat": NOW, "jti": "token-1", "payload_hash": hash(BODY)});
    with(genuine, changed)
}

fn plaid(changed: &Value) -> String {
    let genuine = json!({"iat": NOW, "request_body_sha256": hash(BODY)});
    with(genuine, changed)
}

fn ring(secrets: &[&str]) -> KeyRing {
    let mut ring = KeyRing::new();
    for (index, secret) in secrets.iter().enumerate() {
        ring = ring.with(&format!("key-{index}"), secret).unwrap();
    }
    ring
}

fn verifier(scheme: Scheme) -> Verifier {
    let builder = Verifier::builder(scheme).ring(&ring(&["a key that was replaced", SECRET]));
    builder.registered_url(URL).build().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(NOW + seconds)
}

type Facts = (String, Option<String>, Option<String>);

fn facts(verified: &Verified<'_>) -> Facts {
    let key = verified.dedupe_key("hook");
    let id = verified.event_id().map(|id| id.get().text().to_owned());
    let rule = key.map(|key| key.rule().to_owned());
    (verified.key_name().to_owned(), id, rule)
}

/// The verdict on `body` under this header, `seconds` from now, at this URL.
fn judge(
    verifier: &Verifier,
    header: (&str, &str),
    body: &str,
    seconds: i64,
    url: Option<&str>,
) -> Result<Facts, Code> {
    let headers = [header];
    let delivery = Delivery::new(&headers, body.as_bytes());
    let delivery = match url {
        Some(url) => delivery.url(url),
        None => delivery,
    };
    let verdict = verifier.verify(&delivery, at(seconds));
    verdict
        .map(|verified| facts(&verified))
        .map_err(|rejection| rejection.code())
}

fn by_messagebird(text: &str, seconds: i64) -> Result<Facts, Code> {
    let header = ("MessageBird-Signature-JWT", text);
    judge(&verifier(MESSAGEBIRD_JWT), header, BODY, seconds, None)
}

fn by_vonage(text: &str, body: &str, seconds: i64) -> Result<Facts, Code> {
    let header = ("Authorization", text);
    judge(&verifier(VONAGE_JWT), header, body, seconds, None)
}

fn named(key: &str, id: &str, rule: &str) -> Result<Facts, Code> {
    Ok((key.into(), Some(id.into()), Some(rule.into())))
}

fn private() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

fn es256(message: &str) -> Vec<u8> {
    let digest = Sha256::digest(message);
    let signature: p256::ecdsa::Signature = private().sign_prehash(&digest).unwrap();
    signature.to_bytes().to_vec()
}

fn jwk(changed: &Value) -> String {
    let point = private().verifying_key().to_sec1_point(false);
    let half = |range: core::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point.as_bytes()[range]);
    let key = json!({
        "alg": "ES256", "created_at": NOW - 600, "crv": "P-256", "expired_at": Value::Null,
        "kid": "kid-1", "kty": "EC", "use": "sig", "x": half(1..33), "y": half(33..65),
    });
    with(key, changed)
}

fn by_plaid(keys: &[String], text: &str, seconds: i64) -> Result<Facts, Code> {
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let verifier = Verifier::new(PLAID, &ring(&keys)).map_err(|fault| fault.code())?;
    let header = ("Plaid-Verification", text);
    judge(&verifier, header, BODY, seconds, None)
}

const ES256: &str = r#"{"alg":"ES256","kid":"kid-1","typ":"JWT"}"#;

#[test]
fn each_of_three_macs_counts_under_each_key_and_no_other_does() {
    let claims = messagebird(&json!({}));
    let none = |_: &str| Vec::new();
    let signers: [(&str, Sign); 3] = [("HS256", hs256), ("HS384", hs384), ("HS512", hs512)];
    for (name, sign) in signers {
        let header = format!(r#"{{"alg":"{name}"}}"#);
        let genuine = named("key-1", "token-1", "token");
        assert_eq!(by_messagebird(&token(&header, &claims, sign), 0), genuine);
        for other in ["HS256", "HS384", "HS512"].iter().filter(|it| **it != name) {
            let header = format!(r#"{{"alg":"{other}"}}"#);
            let verdict = by_messagebird(&token(&header, &claims, sign), 0);
            assert_eq!(verdict, Err(Code::MalformedSignature), "{name} as {other}");
        }
    }
    for name in ["none", "None", "hs256", "HS256 ", "RS256", "ES256", ""] {
        let header = format!(r#"{{"alg":"{name}"}}"#);
        for text in [
            token(&header, &claims, none),
            token(&header, &claims, hs256),
        ] {
            let verdict = by_messagebird(&text, 0);
            assert_eq!(verdict, Err(Code::UnsupportedScheme), "{name}");
        }
    }
    // Vonage's tokens have one algorithm.
    let text = format!(
        "Bearer {}",
        token(r#"{"alg":"HS512"}"#, &vonage(&json!({})), hs512)
    );
    assert_eq!(by_vonage(&text, BODY, 0), Err(Code::UnsupportedScheme));
}

#[test]
fn a_token_reads_in_one_way_only() {
    let claims = messagebird(&json!({}));
    let genuine = token(HS256, &claims, hs256);
    assert!(by_messagebird(&genuine, 0).is_ok());
    let (message, signature) = genuine.rsplit_once('.').unwrap();
    let (header, claimed) = message.split_once('.').unwrap();
    let changed_last = {
        // Two unused bits of the last character, set.
        let mut text = signature.to_owned();
        let last = text.pop().unwrap();
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let next = alphabet.find(last).unwrap() + 1;
        text.push_str(&alphabet[next..=next]);
        text
    };
    let twice =
        |name: &str, value: &str| claims.replacen('{', &format!("{{\"{name}\":{value},"), 1);
    for text in [
        format!("{genuine}."),
        format!("{genuine}.{signature}"),
        format!(".{genuine}"),
        format!("{header}.{claimed}"),
        format!("{genuine}="),
        format!("{message}.{changed_last}"),
        format!("{message}.{}", &signature[1..]),
        format!("{message}.{signature}AAAA"),
        format!("{header}=.{claimed}.{signature}"),
        format!("{header}. {claimed}.{signature}"),
        token("[]", &claims, hs256),
        token("{}", &claims, hs256),
        token("alg", &claims, hs256),
        token(r#"{"alg":256}"#, &claims, hs256),
        token(r#"{"alg":"HS256","alg":"HS256"}"#, &claims, hs256),
        token(r#"{"alg":"none","\u0061lg":"HS256"}"#, &claims, hs256),
        token(&format!("{HS256}x"), &claims, hs256),
        token(HS256, "", hs256),
        token(HS256, "[]", hs256),
        token(HS256, "null", hs256),
        token(HS256, &format!("{claims}{claims}"), hs256),
        token(HS256, &twice("payload_hash", "\"00\""), hs256),
        token(HS256, &twice("nb\\u0066", "0"), hs256),
        token(HS256, &twice("jti", "\"token-2\""), hs256),
        token(HS256, &messagebird(&json!({"jti": 7})), hs256),
        token(HS256, &messagebird(&json!({"x": "y".repeat(9000)})), hs256),
    ] {
        assert_eq!(
            by_messagebird(&text, 0),
            Err(Code::MalformedSignature),
            "{text}"
        );
    }
    // What a header declares critical must be understood.
    let critical = r#"{"alg":"HS256","crit":["b64"],"b64":false}"#;
    let verdict = by_messagebird(&token(critical, &claims, hs256), 0);
    assert_eq!(verdict, Err(Code::UnsupportedScheme));
    // Other claims and headers are the provider's own affair.
    let more = messagebird(&json!({"x": [1.5, {"nbf": 1}]}));
    let header = r#"{"typ":"JWT","x5u":"https://evil.example","jwk":{},"alg":"HS256"}"#;
    assert!(by_messagebird(&token(header, &more, hs256), 0).is_ok());
}

#[test]
fn claims_that_messagebird_must_make_are_demanded() {
    for (changed, code) in [
        (json!({"iss": "Messagebird"}), Code::UnsupportedScheme),
        (json!({"iss": null}), Code::UnsupportedScheme),
        (json!({"iss": ["MessageBird"]}), Code::UnsupportedScheme),
        (json!({"nbf": null}), Code::InvalidTimestamp),
        (json!({"exp": null}), Code::InvalidTimestamp),
        (json!({"nbf": NOW.to_string()}), Code::InvalidTimestamp),
        (json!({"nbf": 1_781_740_800.5}), Code::InvalidTimestamp),
        (json!({"nbf": 1e9}), Code::InvalidTimestamp),
        (json!({"exp": -1}), Code::InvalidTimestamp),
        (json!({"exp": 999_999_999_999_i64}), Code::InvalidTimestamp),
        (json!({"url_hash": null}), Code::InvalidSignature),
        (json!({"url_hash": 5}), Code::InvalidSignature),
        (json!({"url_hash": ""}), Code::InvalidSignature),
        (json!({"url_hash": hash(BODY)}), Code::InvalidSignature),
        (json!({"payload_hash": null}), Code::InvalidSignature),
        (json!({"payload_hash": hash("")}), Code::InvalidSignature),
        (
            json!({"payload_hash": &hash(BODY)[..62]}),
            Code::InvalidSignature,
        ),
        (json!({"jti": null}), Code::MissingEventId),
        (json!({"jti": ""}), Code::MissingEventId),
    ] {
        let text = token(HS256, &messagebird(&changed), hs256);
        assert_eq!(by_messagebird(&text, 0), Err(code), "{changed}");
    }
    let upper = messagebird(&json!({"payload_hash": hash(BODY).to_uppercase()}));
    assert!(by_messagebird(&token(HS256, &upper, hs256), 0).is_ok());
}

#[test]
fn a_token_begins_and_ends_by_itself() {
    let text = token(HS256, &messagebird(&json!({})), hs256);
    let ring = ring(&[SECRET]);
    let build = |window: Window| {
        let builder = Verifier::builder(MESSAGEBIRD_JWT).ring(&ring);
        let builder = builder.past(window.past_s).future(window.future_s);
        builder.registered_url(URL).build().unwrap()
    };
    let header = ("messagebird-signature-jwt", text.as_str());
    for window in [MESSAGEBIRD_JWT.window, Window::OFF] {
        for (seconds, is_good) in [
            (-301, false),
            (-300, true),
            (0, true),
            (65, true),
            (66, false),
        ] {
            let verdict = judge(&build(window), header, BODY, seconds, None);
            let code = (!is_good).then_some(Code::TimestampSkewTooLarge);
            assert_eq!(verdict.err(), code, "{seconds} {window:?}");
        }
    }
    // The window bounds the age as well.
    let verdict = judge(&build(Window::new(10, 10)), header, BODY, 11, None);
    assert_eq!(verdict, Err(Code::TimestampSkewTooLarge));
    let long = token(HS256, &messagebird(&json!({"exp": NOW + 9999})), hs256);
    assert!(by_messagebird(&long, 300).is_ok());
    assert_eq!(by_messagebird(&long, 301), Err(Code::TimestampSkewTooLarge));
    // Others need not end, and do when they say so.
    for (changed, seconds, code) in [
        (json!({}), 86_400, None),
        (json!({}), 86_401, Some(Code::TimestampSkewTooLarge)),
        (json!({"exp": NOW + 60}), 65, None),
        (
            json!({"exp": NOW + 60}),
            66,
            Some(Code::TimestampSkewTooLarge),
        ),
        (
            json!({"nbf": NOW + 301}),
            0,
            Some(Code::TimestampSkewTooLarge),
        ),
        (json!({"exp": "never"}), 0, Some(Code::InvalidTimestamp)),
        (json!({"iat": null}), 0, Some(Code::InvalidTimestamp)),
    ] {
        let text = format!("Bearer {}", token(HS256, &vonage(&changed), hs256));
        assert_eq!(by_vonage(&text, BODY, seconds).err(), code, "{changed}");
    }
}

/// The host and path are the receiver's own; the query is that of the request.
#[test]
fn the_query_is_signed_with_the_registered_url() {
    let signed = |url: &str| token(HS256, &messagebird(&json!({"url_hash": hash(url)})), hs256);
    let with_query = signed("https://example.test/hook?id=1&status=sent");
    let at_url = |text: &str, registered: &str, url: Option<&str>| {
        let builder = Verifier::builder(MESSAGEBIRD_JWT).ring(&ring(&[SECRET]));
        let verifier = builder.registered_url(registered).build().unwrap();
        judge(&verifier, ("messagebird-signature-jwt", text), BODY, 0, url).map(|_| ())
    };
    for url in [
        "/hook?id=1&status=sent",
        "http://proxy.internal/other?id=1&status=sent#x",
    ] {
        assert_eq!(at_url(&with_query, URL, Some(url)), Ok(()), "{url}");
        let registered = format!("{URL}?id=9");
        assert_eq!(at_url(&with_query, &registered, Some(url)), Ok(()), "{url}");
    }
    for url in [
        Some("/hook?id=2&status=sent"),
        Some("/hook?status=sent&id=1"),
        Some("/hook?id=1&status=sent&x"),
        Some("/hook?"),
        Some("/hook"),
        None,
    ] {
        let verdict = at_url(&with_query, URL, url);
        assert_eq!(verdict, Err(Code::InvalidSignature), "{url:?}");
    }
    // A delivery for another endpoint.
    let verdict = at_url(
        &signed("https://other.test/hook"),
        URL,
        Some("https://other.test/hook"),
    );
    assert_eq!(verdict, Err(Code::InvalidSignature));
    // A query that is registered and was dropped on the way.
    let registered = "https://example.test/hook?tenant=1";
    assert_eq!(at_url(&signed(registered), registered, None), Ok(()));
    let verdict = at_url(&signed(registered), registered, Some("/hook"));
    assert_eq!(verdict, Err(Code::InvalidSignature));

    let fault = Verifier::new(MESSAGEBIRD_JWT, &ring(&[SECRET])).unwrap_err();
    assert_eq!(fault.code(), Code::MissingParameter);
}

#[test]
fn vonage_sends_a_bearer_token() {
    let text = token(HS256, &vonage(&json!({})), hs256);
    for good in [
        format!("Bearer {text}"),
        format!("bearer  {text}"),
        format!("BEARER {text}"),
    ] {
        assert_eq!(
            by_vonage(&good, BODY, 0),
            named("key-1", "token-1", "token")
        );
    }
    for bad in [
        text.clone(),
        format!("Bearer{text}"),
        format!("Basic {text}"),
        format!("Bearer Bearer {text}"),
        "Bearer".into(),
        "é".into(),
    ] {
        assert_eq!(
            by_vonage(&bad, BODY, 0),
            Err(Code::MalformedSignature),
            "{bad}"
        );
    }
    assert_eq!(by_vonage("", BODY, 0), Err(Code::MissingSignatureHeaders));
    let headers = [
        ("authorization", format!("Bearer {text}")),
        ("Authorization", "Bearer other".to_owned()),
    ];
    let verifier = verifier(VONAGE_JWT);
    let verdict = verifier.verify(&Delivery::new(&headers, BODY.as_bytes()), at(0));
    assert_eq!(verdict.unwrap_err().code(), Code::AmbiguousHeader);
}

#[test]
fn only_an_empty_body_goes_without_its_hash() {
    for (changed, body, code) in [
        (json!({"payload_hash": null}), "", None),
        (json!({"payload_hash": hash("")}), "", None),
        (
            json!({"payload_hash": null}),
            BODY,
            Some(Code::InvalidSignature),
        ),
        (
            json!({"payload_hash": null}),
            " ",
            Some(Code::InvalidSignature),
        ),
        (json!({}), "", Some(Code::InvalidSignature)),
    ] {
        let text = format!("Bearer {}", token(HS256, &vonage(&changed), hs256));
        assert_eq!(by_vonage(&text, body, 0).err(), code, "{changed} {body}");
    }
    let text = token(ES256, &plaid(&json!({"request_body_sha256": null})), es256);
    let verifier = Verifier::new(PLAID, &ring(&[&jwk(&json!({}))])).unwrap();
    let verdict = judge(&verifier, ("plaid-verification", &text), "", 0, None);
    assert_eq!(verdict, Err(Code::InvalidSignature));
}

#[test]
fn without_an_id_no_two_deliveries_are_one_event() {
    let text = token(HS256, &vonage(&json!({"jti": null})), hs256);
    let verdict = by_vonage(&format!("Bearer {text}"), BODY, 0);
    assert_eq!(verdict, Ok(("key-1".into(), None, None)));
}

#[test]
fn the_header_names_a_key_that_was_given() {
    let key = [jwk(&json!({}))];
    let claims = plaid(&json!({"jti": "no id of Plaid's"}));
    let genuine = token(ES256, &claims, es256);
    assert_eq!(
        by_plaid(&key, &genuine, 0),
        Ok(("key-0".into(), None, None))
    );
    for (header, code) in [
        (r#"{"alg":"ES256"}"#, Code::InvalidSignature),
        (r#"{"alg":"ES256","kid":"kid-2"}"#, Code::InvalidSignature),
        (r#"{"alg":"ES256","kid":"KID-1"}"#, Code::InvalidSignature),
        (r#"{"alg":"ES256","kid":1}"#, Code::MalformedSignature),
        (
            r#"{"alg":"ES256","kid":"kid-2","kid":"kid-1"}"#,
            Code::MalformedSignature,
        ),
        (r#"{"alg":"ES256K","kid":"kid-1"}"#, Code::UnsupportedScheme),
    ] {
        assert_eq!(
            by_plaid(&key, &token(header, &claims, es256), 0),
            Err(code),
            "{header}"
        );
    }
    // The right name beside another: only the key of that name is asked.
    let two = [jwk(&json!({"kid": "kid-2"})), jwk(&json!({}))];
    assert_eq!(
        by_plaid(&two, &genuine, 0),
        Ok(("key-1".into(), None, None))
    );
    let zeros = token(ES256, &claims, |_| vec![0; 64]);
    assert_eq!(by_plaid(&key, &zeros, 0), Err(Code::InvalidSignature));
    let der = token(ES256, &claims, |message| {
        let signature = p256::ecdsa::Signature::from_slice(&es256(message)).unwrap();
        signature.to_der().as_bytes().to_vec()
    });
    assert_eq!(by_plaid(&key, &der, 0), Err(Code::MalformedSignature));
}

#[test]
fn a_key_that_expired_is_none() {
    let genuine = token(ES256, &plaid(&json!({})), es256);
    let key = [jwk(&json!({"expired_at": NOW + 10}))];
    assert!(by_plaid(&key, &genuine, 9).is_ok());
    assert_eq!(by_plaid(&key, &genuine, 10), Err(Code::InvalidSignature));
}

#[test]
fn keys_of_another_kind_are_refused() {
    let plain: Value = serde_json::from_str(&jwk(&json!({}))).unwrap();
    let genuine = token(ES256, &plaid(&json!({})), es256);
    for text in [
        format!("\n {plain}\n"),
        jwk(&json!({"alg": null, "use": null, "expired_at": null, "created_at": null})),
    ] {
        assert!(by_plaid(&[text], &genuine, 0).is_ok());
    }
    let x = plain["x"].as_str().unwrap();
    for text in [
        "{}".into(),
        "[]".into(),
        "kid-1".into(),
        json!({"key": plain}).to_string(),
        jwk(&json!({"kid": null})),
        jwk(&json!({"kid": 1})),
        jwk(&json!({"kty": "RSA"})),
        jwk(&json!({"crv": "P-384"})),
        jwk(&json!({"alg": "HS256"})),
        jwk(&json!({"use": "enc"})),
        jwk(&json!({"expired_at": "soon"})),
        jwk(&json!({"x": &x[1..]})),
        jwk(&json!({"x": format!("{x}=")})),
        jwk(&json!({"x": format!("AAAA{x}")})),
        jwk(&json!({"y": x})),
        jwk(&json!({"y": null})),
        // A private key given by mistake.
        jwk(&json!({"d": "AAAA"})),
        plain.to_string().replacen('{', "{\"kid\":\"kid-2\",", 1),
    ] {
        let fault = by_plaid(core::slice::from_ref(&text), &genuine, 0);
        assert_eq!(fault, Err(Code::InvalidSecret), "{text}");
    }
}

#[test]
fn the_stages_keep_their_order() {
    let builder = Verifier::builder(VONAGE_JWT).ring(&ring(&[SECRET]));
    let small = builder.body_limit(4).build().unwrap();
    let judged = |text: String| judge(&small, ("authorization", &text), BODY, 0, None).err();
    let other = |_: &str| vec![0; 32];
    for (claims, expected) in [
        (json!({"iat": "now"}), Code::InvalidTimestamp),
        (json!({}), Code::BodyTooLarge),
    ] {
        let text = token(HS256, &vonage(&claims), other);
        assert_eq!(judged(format!("Bearer {text}")), Some(expected));
        assert_eq!(
            judged(format!("Bearer {text}AA")),
            Some(Code::MalformedSignature)
        );
    }
    // A stranger's token is no matter of the clock, nor of what it claims.
    let old = vonage(&json!({"iat": 0, "exp": 0, "payload_hash": null}));
    let text = format!("Bearer {}", token(HS256, &old, other));
    assert_eq!(by_vonage(&text, BODY, 0), Err(Code::InvalidSignature));
}

#[test]
fn a_procedure_is_what_its_code_reads() {
    for scheme in [MESSAGEBIRD_JWT, VONAGE_JWT, PLAID] {
        let free = Scheme {
            id: Text::Borrowed("own"),
            window: Window::new(60, 60),
            body_limit: 10,
            ..scheme.clone()
        };
        assert_eq!(free.check(), Ok(()));
        let mut other_time = scheme.clone();
        let place = countersign::scheme::TimestampPlace::Json(JsonPath("exp".into()));
        other_time.timestamp.to_mut()[0].place = place;
        let mut other_content = scheme.clone();
        other_content.content = "{body}".parse().unwrap();
        let mut other_algorithm = scheme.clone();
        other_algorithm.algorithm = Algorithm::HmacSha512;
        let mut other_form = scheme.clone();
        other_form.key.form = countersign::scheme::KeyForm::Base64;
        for lie in [other_time, other_content, other_algorithm, other_form] {
            let code = lie.check().unwrap_err().code();
            assert_eq!(code, Code::InvalidScheme, "{}", scheme.id);
        }
    }
}

#[test]
fn tokens_are_neither_made_nor_streamed() {
    for scheme in [MESSAGEBIRD_JWT, VONAGE_JWT] {
        let fault = verifier(scheme.clone()).streaming().unwrap_err();
        assert_eq!(fault.code(), Code::NotStreamable);
        let secret = Secret::new("current", SECRET).unwrap();
        let fault = Signer::new(scheme, &secret).unwrap_err();
        assert_eq!(fault.code(), Code::CannotSign);
    }
    let verifier = Verifier::new(PLAID, &ring(&[&jwk(&json!({}))])).unwrap();
    assert_eq!(
        verifier.streaming().unwrap_err().code(),
        Code::NotStreamable
    );
}
