//! MessageBird's and Vonage's tokens: what is refused besides what the vectors show.
#![cfg(feature = "jwt")]
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used
)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign::scheme::catalogue::{MESSAGEBIRD_JWT, VONAGE_JWT};
use countersign::{Code, Delivery, KeyRing, Secret, Signer, Timestamp, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256, Sha512};

const KEY: &str = "a signature secret of these tests, long enough";
const URL: &str = "https://example.test/hook?a=1";
const BODY: &[u8] = br#"{"message_uuid":"aaaa","status":"delivered"}"#;
const NOW: i64 = 1_781_740_800;

fn token(header: &str, claims: &str) -> String {
    let text = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    let signature = mac.chain_update(&text).finalize().into_bytes();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

const HS256: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn vonage_claims(body: &[u8]) -> String {
    format!(
        r#"{{"iat":{NOW},"jti":"id-1","payload_hash":"{}"}}"#,
        hash(body)
    )
}

fn ring() -> KeyRing {
    let ring = KeyRing::new().with("old", "another secret of these tests, long");
    ring.unwrap().with("current", KEY).unwrap()
}

/// The key that matched and the event id.
type Verdict = Result<(String, Option<String>), Code>;

fn vonage_at(now: i64, token: &str, body: &[u8]) -> Verdict {
    let verifier = Verifier::new(VONAGE_JWT, &ring()).unwrap();
    let headers = [("Authorization", format!("Bearer {token}"))];
    let verdict = verifier.verify(
        &Delivery::new(&headers, body),
        Timestamp::from_unix_seconds(now),
    );
    verdict
        .map(|verified| {
            let id = verified.event_id().map(|id| id.get().text().to_owned());
            (verified.key_name().to_owned(), id)
        })
        .map_err(|rejection| rejection.code())
}

fn vonage(token: &str, body: &[u8]) -> Verdict {
    vonage_at(NOW, token, body)
}

#[test]
fn a_genuine_token_names_key_and_event() {
    let genuine = token(HS256, &vonage_claims(BODY));
    let verdict = Ok(("current".to_owned(), Some("id-1".to_owned())));
    assert_eq!(vonage(&genuine, BODY), verdict);
    assert_eq!(vonage_at(NOW + 24 * 3600, &genuine, BODY), verdict);
    for now in [NOW + 24 * 3600 + 1, NOW - 301] {
        assert_eq!(
            vonage_at(now, &genuine, BODY),
            Err(Code::TimestampSkewTooLarge)
        );
    }
}

#[test]
fn the_header_chooses_nothing() {
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"None"}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"RS256"}"#,
        r#"{"alg":"HS256","crit":["exp"]}"#,
        r#"{"alg":""}"#,
    ] {
        let token = token(header, &vonage_claims(BODY));
        assert_eq!(
            vonage(&token, BODY),
            Err(Code::UnsupportedScheme),
            "{header}"
        );
        let (unsigned, _) = token.rsplit_once('.').unwrap();
        let verdict = vonage(&format!("{unsigned}."), BODY);
        assert_eq!(verdict, Err(Code::UnsupportedScheme), "{header}");
    }
    // HS512 is one of MessageBird's; under another MAC than it says it is no signature.
    let claims = messagebird_claims(BODY);
    let relabelled = token(r#"{"alg":"HS512"}"#, &claims);
    assert_eq!(messagebird(&relabelled, URL), Err(Code::MalformedSignature));
    let text = relabelled.rsplit_once('.').unwrap().0;
    let mac = Hmac::<Sha512>::new_from_slice(KEY.as_bytes()).unwrap();
    let signature = mac.chain_update(text).finalize().into_bytes();
    let signed = format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature));
    assert_eq!(messagebird(&signed, URL), Ok("current".to_owned()));
}

#[test]
fn claims_bind_the_body_or_nothing_passes() {
    let genuine = token(HS256, &vonage_claims(BODY));
    let unbound = token(HS256, &format!(r#"{{"iat":{NOW},"jti":"id-1"}}"#));
    assert_eq!(vonage(&genuine, b"{}"), Err(Code::InvalidSignature));
    assert_eq!(vonage(&genuine, b""), Err(Code::InvalidSignature));
    assert_eq!(vonage(&unbound, BODY), Err(Code::InvalidSignature));
    assert!(vonage(&unbound, b"").is_ok(), "an empty body has no hash");
    for value in ["null", "1", "\"\"", "\"00\"", "[]"] {
        let claims = format!(r#"{{"iat":{NOW},"jti":"i","payload_hash":{value}}}"#);
        let verdict = vonage(&token(HS256, &claims), BODY);
        assert!(verdict.is_err(), "{value}");
    }
}

#[test]
fn tokens_read_in_one_way_only() {
    let hash = hash(BODY);
    for (header, claims) in [
        (
            r#"{"alg":"HS256","alg":"none"}"#.to_owned(),
            vonage_claims(BODY),
        ),
        (
            HS256.to_owned(),
            format!(r#"{{"iat":{NOW},"iat":1,"payload_hash":"{hash}"}}"#),
        ),
        (
            HS256.to_owned(),
            format!(r#"{{"iat":{NOW},"payload_hash":"00","payload_hash":"{hash}"}}"#),
        ),
        ("[]".to_owned(), vonage_claims(BODY)),
        (HS256.to_owned(), "[]".to_owned()),
        (HS256.to_owned(), String::new()),
        (format!("{HS256}x"), vonage_claims(BODY)),
    ] {
        let verdict = vonage(&token(&header, &claims), BODY);
        assert_eq!(verdict, Err(Code::MalformedSignature), "{header} {claims}");
    }
    let genuine = token(HS256, &vonage_claims(BODY));
    for text in [
        format!("{genuine}="),
        format!("{genuine}.x"),
        format!(".{genuine}"),
        genuine.replacen('.', "=.", 1),
        format!("{}{genuine}", "A".repeat(8192)),
        String::new(),
    ] {
        assert_eq!(vonage(&text, BODY), Err(Code::MalformedSignature), "{text}");
    }
}

#[test]
fn times_are_whole_seconds_and_must_be_there() {
    let hash = hash(BODY);
    for time in [
        "",
        r#""iat":"1781740800","#,
        r#""iat":1.5,"#,
        r#""iat":-1,"#,
        r#""iat":1e9,"#,
    ] {
        let claims = format!(r#"{{{time}"payload_hash":"{hash}"}}"#);
        let verdict = vonage(&token(HS256, &claims), BODY);
        assert_eq!(verdict, Err(Code::InvalidTimestamp), "{time}");
    }
    for limit in [
        format!(r#""exp":{}"#, NOW - 60),
        format!(r#""nbf":{}"#, NOW + 301),
    ] {
        let claims = format!(r#"{{"iat":{NOW},{limit},"payload_hash":"{hash}"}}"#);
        let verdict = vonage(&token(HS256, &claims), BODY);
        assert_eq!(verdict, Err(Code::TimestampSkewTooLarge), "{limit}");
    }
}

#[test]
fn without_an_id_no_two_deliveries_are_one_event() {
    let nameless = token(HS256, &format!(r#"{{"iat":{NOW}}}"#));
    let verifier = Verifier::new(VONAGE_JWT, &ring()).unwrap();
    let headers = [("Authorization", format!("Bearer {nameless}"))];
    let now = Timestamp::from_unix_seconds(NOW);
    let delivery = Delivery::new(&headers, b"");
    let verified = verifier.verify(&delivery, now).unwrap();
    assert!(verified.dedupe_key("").is_none());
}

#[test]
fn tokens_neither_sign_nor_stream() {
    let secret = Secret::new("current", KEY).unwrap();
    for scheme in [VONAGE_JWT, MESSAGEBIRD_JWT] {
        let code = Signer::new(scheme.clone(), &secret).unwrap_err().code();
        assert_eq!(code, Code::CannotSign, "{}", scheme.id);
    }
    let verifier = Verifier::new(VONAGE_JWT, &ring()).unwrap();
    assert_eq!(
        verifier.streaming().unwrap_err().code(),
        Code::NotStreamable
    );
}

// --------------------------------------------------------------------- MessageBird

fn messagebird_claims(body: &[u8]) -> String {
    format!(
        r#"{{"iss":"MessageBird","nbf":{NOW},"exp":{},"jti":"id-1","url_hash":"{}","payload_hash":"{}"}}"#,
        NOW + 60,
        hash(URL.as_bytes()),
        hash(body)
    )
}

fn messagebird(token: &str, url: &str) -> Result<String, Code> {
    let builder = Verifier::builder(MESSAGEBIRD_JWT).ring(&ring());
    let verifier = builder.registered_url(URL).build().unwrap();
    let headers = [("MessageBird-Signature-JWT", token)];
    let delivery = Delivery::new(&headers, BODY).url(url);
    let verdict = verifier.verify(&delivery, Timestamp::from_unix_seconds(NOW));
    verdict
        .map(|verified| verified.key_name().to_owned())
        .map_err(|rejection| rejection.code())
}

#[test]
fn a_token_is_about_one_url() {
    let genuine = token(HS256, &messagebird_claims(BODY));
    assert_eq!(messagebird(&genuine, URL), Ok("current".to_owned()));
    // Behind a proxy path and host are others; the registered ones count.
    assert_eq!(
        messagebird(&genuine, "http://10.0.0.1/x?a=1"),
        Ok("current".to_owned())
    );
    for url in ["https://example.test/hook", "https://example.test/hook?a=2"] {
        assert_eq!(
            messagebird(&genuine, url),
            Err(Code::InvalidSignature),
            "{url}"
        );
    }
    let other = messagebird_claims(BODY).replace("MessageBird", "Somebody");
    let verdict = messagebird(&token(HS256, &other), URL);
    assert_eq!(verdict, Err(Code::UnsupportedScheme));
    let unbound = messagebird_claims(BODY).replace("url_hash", "url_hush");
    let verdict = messagebird(&token(HS256, &unbound), URL);
    assert_eq!(verdict, Err(Code::InvalidSignature));
}
