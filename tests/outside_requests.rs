//! Twilio, Contentful and Adyen's items: what is refused besides what the vectors show,
//! and what a genuine delivery is known by.
#![cfg(all(feature = "form", feature = "json"))]
#![allow(
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::panic,
    clippy::unwrap_used
)]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::scheme::Scheme;
use countersign::scheme::catalogue::{ADYEN_STANDARD, CONTENTFUL, STRIPE, TWILIO};
use countersign::{Code, Delivery, KeyId, KeyRing, Secret, Signer, Timestamp, Verified, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

const TOKEN: &str = "an auth token of these tests, 64 characters long, and no other 1";
const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn verifier(scheme: Scheme, url: &str) -> Verifier {
    let secret = if scheme.id == "adyen_standard" {
        HEX
    } else {
        TOKEN
    };
    let ring = KeyRing::new().with("old", "0".repeat(64)).unwrap();
    let ring = ring.with("current", secret).unwrap();
    let builder = Verifier::builder(scheme).ring(&ring);
    builder.registered_url(url).build().unwrap()
}

#[test]
fn they_neither_sign_nor_stream() {
    let secret = Secret::new("current", HEX).unwrap();
    for scheme in [ADYEN_STANDARD, CONTENTFUL, TWILIO] {
        let code = Signer::new(scheme.clone(), &secret).unwrap_err().code();
        assert_eq!(code, Code::CannotSign, "{}", scheme.id);
        let verifier = verifier(scheme, "https://example.test/hook");
        let code = verifier.streaming().unwrap_err().code();
        assert_eq!(code, Code::NotStreamable, "{}", verifier.scheme().id);
    }
}

#[test]
fn a_parameter_that_the_scheme_does_not_take_is_refused_and_not_repeated() {
    let ring = KeyRing::new().with("current", TOKEN).unwrap();
    for scheme in [STRIPE, TWILIO] {
        let builder = Verifier::builder(scheme).ring(&ring);
        let builder = builder.registered_url("https://example.test/hook");
        let fault = builder.parameter("whsec_secret", "x").build().unwrap_err();
        assert_eq!(fault.code(), Code::UnknownParameter);
        assert!(!fault.to_string().contains("secret"), "{fault}");
    }
    let fault = Verifier::new(TWILIO, &ring).unwrap_err();
    assert_eq!(fault.code(), Code::MissingParameter);
}

// ------------------------------------------------------------------------- Twilio

const URL: &str = "https://example.test/hook?foo=1";

fn sha1_mac(message: &str) -> String {
    let mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    STANDARD.encode(mac.chain_update(message).finalize().into_bytes())
}

fn twilio(url: &str, media_type: &str, signature: &str, body: &str) -> Result<(), Code> {
    let headers = [
        ("content-type", media_type),
        ("x-twilio-signature", signature),
    ];
    let verifier = verifier(TWILIO, url);
    let delivery = Delivery::new(&headers, body.as_bytes());
    let verdict = verifier.verify(&delivery, Timestamp::EPOCH);
    verdict.map(|_| ()).map_err(|rejection| rejection.code())
}

const JSON: &str = "application/json";
const FORM: &str = "Application/X-WWW-Form-Urlencoded; charset=UTF-8";

#[test]
fn a_body_that_is_no_form_is_known_by_its_hash() {
    let body = r#"{"a":1}"#;
    let hash = hex::encode(Sha256::digest(body));
    let signature = sha1_mac(&format!("{URL}&bodySHA256={hash}"));
    assert_eq!(twilio(URL, JSON, &signature, body), Ok(()));
    // As the request has it, where the URL is taken from there.
    let url = format!("{URL}&bodySHA256={hash}");
    assert_eq!(twilio(&url, JSON, &signature, body), Ok(()));

    for (url, media_type, body) in [
        (URL, JSON, r#"{"a":2}"#),
        (url.as_str(), JSON, r#"{"a":2}"#),
        (url.as_str(), FORM, "a=1"),
        (URL, FORM, body),
        (URL, JSON, ""),
        ("https://example.test/hook", JSON, body),
    ] {
        let verdict = twilio(url, media_type, &signature, body);
        assert_eq!(verdict, Err(Code::InvalidSignature), "{url} {body}");
    }
    let first = sha1_mac(&format!("https://example.test/hook?bodySHA256={hash}"));
    let url = "https://example.test/hook#rc=3";
    assert_eq!(twilio(url, JSON, &first, body), Ok(()));
}

/// One text under one signature, as a hash of a body and as a field's name.
#[test]
fn a_form_that_reads_like_the_hash_is_refused() {
    let hash = hex::encode(Sha256::digest("{}"));
    let signature = sha1_mac(&format!("{URL}&bodySHA256={hash}"));
    for body in [
        format!("%26bodySHA256%3D{hash}"),
        format!("%26bodySHA256%3D=&{hash}"),
    ] {
        let verdict = twilio(URL, FORM, &signature, &body);
        assert_eq!(verdict, Err(Code::InvalidEventId), "{body}");
        let verdict = twilio(URL, FORM, &sha1_mac("x"), &body);
        assert_eq!(verdict, Err(Code::InvalidSignature), "{body}");
    }
}

#[test]
fn the_url_is_tried_with_and_without_port_and_fragment_and_in_no_other_way() {
    let signed = |url: &str| sha1_mac(&format!("{url}a1b2"));
    for (registered, sent) in [
        ("https://u:p@h.test/x", "https://u:p@h.test:443/x"),
        ("https://u:p@h.test:443/x", "https://u:p@h.test/x"),
        ("http://h.test/x", "http://h.test:80/x"),
        ("http://h.test:8080/x", "http://h.test/x"),
        ("https://h.test/x#rc=3", "https://h.test:443/x"),
        ("https://h.test/x#rc=3", "https://h.test/x#rc=3"),
    ] {
        let verdict = twilio(registered, FORM, &signed(sent), "b=2&a=1&a=1");
        assert_eq!(verdict, Ok(()), "{registered} {sent}");
    }
    for (registered, sent) in [
        ("https://h.test/x", "https://h.test:80/x"),
        ("https://h.test/x", "http://h.test/x"),
        ("https://h.test/x", "https://u:p@h.test/x"),
        ("https://h.test/x", "https://h.test/x?"),
        ("https://h.test:8080/x", "https://h.test:443/x"),
        ("https://h.test/x", "https://h.test/x#rc=3"),
    ] {
        let verdict = twilio(registered, FORM, &signed(sent), "b=2&a=1");
        let told = Err(Code::InvalidSignature);
        assert_eq!(verdict, told, "{registered} {sent}");
    }
}

#[test]
fn stages_of_twilio_keep_their_order() {
    let good = sha1_mac(&format!("{URL}a1"));
    assert_eq!(twilio(URL, FORM, &good, "a=1"), Ok(()));
    let long = "x".repeat(2 * 1024 * 1024);
    for (signature, body, code) in [
        ("", long.as_str(), Code::MissingSignatureHeaders),
        ("AAAA", &long, Code::MalformedSignature),
        (&good[..27], &long, Code::MalformedSignature),
        (&good, &long, Code::BodyTooLarge),
        (&good, "a=2", Code::InvalidSignature),
    ] {
        assert_eq!(twilio(URL, FORM, signature, body), Err(code));
    }
    let headers = [
        ("x-twilio-signature", good.as_str()),
        ("content-type", FORM),
        ("content-type", JSON),
    ];
    let verifier = verifier(TWILIO, URL);
    let verdict = verifier.verify(&Delivery::new(&headers, b"a=1"), Timestamp::EPOCH);
    assert_eq!(verdict.unwrap_err().code(), Code::AmbiguousHeader);
}

// --------------------------------------------------------------------- Contentful

const NOW: i64 = 1_700_000_000;
const TIME: &str = "1700000000000";
const BOTH: &str = "x-contentful-signed-headers,x-contentful-timestamp";

fn sha256_mac(key: &[u8], message: &str) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.chain_update(message).finalize().into_bytes().into()
}

/// A request as its sender signs it.
#[derive(Clone)]
struct Request {
    method: Option<&'static str>,
    url: &'static str,
    path: &'static str,
    names: String,
    /// What stands in the signed text, and what is sent.
    signed: Vec<(&'static str, String)>,
    sent: Vec<(&'static str, String)>,
}

impl Request {
    fn new(others: &[(&'static str, &str)]) -> Self {
        let mut names = BOTH.to_owned();
        let mut signed = vec![
            ("x-contentful-signed-headers", String::new()),
            ("x-contentful-timestamp", TIME.to_owned()),
        ];
        for (name, value) in others {
            names = format!("{names},{name}");
            signed.push((name, (*value).to_owned()));
        }
        signed.first_mut().unwrap().1.clone_from(&names);
        Self {
            method: Some("POST"),
            url: "https://example.test/hook",
            path: "/hook",
            names,
            sent: signed.clone(),
            signed,
        }
    }

    fn verdict(&self) -> Result<Option<Timestamp>, Code> {
        let headers: Vec<String> = self
            .signed
            .iter()
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        let message = format!("POST\n{}\n{}\n{{}}", self.path, headers.join(";"));
        let signature = hex::encode(sha256_mac(TOKEN.as_bytes(), &message));
        self.verdict_under(&signature, b"{}")
    }

    fn verdict_under(&self, signature: &str, body: &[u8]) -> Result<Option<Timestamp>, Code> {
        let mut headers = self.sent.clone();
        headers.push(("x-contentful-signature", signature.to_owned()));
        let verifier = verifier(CONTENTFUL, self.url);
        let mut delivery = Delivery::new(&headers, body);
        if let Some(method) = self.method {
            delivery = delivery.method(method);
        }
        let verdict = verifier.verify(&delivery, Timestamp::from_unix_seconds(NOW));
        let verified = verdict.map_err(|rejection| rejection.code())?;
        Ok(verified.timestamp().map(|time| *time.get()))
    }

    /// With another list, signed as it stands.
    fn listing(names: &str) -> Self {
        let mut request = Self::new(&[]);
        request.names = names.to_owned();
        for headers in [&mut request.signed, &mut request.sent] {
            headers.first_mut().unwrap().1 = names.to_owned();
        }
        request
    }
}

#[test]
fn what_contentful_signs_verifies() {
    let now = Ok(Some(Timestamp::from_unix_seconds(NOW)));
    assert_eq!(Request::new(&[]).verdict(), now);
    let typed = Request::new(&[("content-type", "text/x; a=b"), ("x-empty", "")]);
    assert_eq!(typed.verdict(), now);
    // As Contentful's library escapes a query.
    let mut request = Request::new(&[]);
    request.url = "https://example.test/hook?a=1&b=c%20d";
    request.path = "/hook?a%253D1%2526b%253Dc%252520d";
    assert_eq!(request.verdict(), now);
    request.path = "/hook?a=1&b=c%20d";
    assert_eq!(request.verdict(), Err(Code::InvalidSignature));
}

#[test]
fn a_list_that_hides_something_is_refused() {
    let many = (0..63).map(|number| format!(",x-{number}"));
    let many = format!("{BOTH}{}", many.collect::<String>());
    for names in [
        "x-contentful-timestamp",
        "x-contentful-signed-headers",
        "x-contentful-signed-headers,x-contentful-timestamp,",
        "x-contentful-signed-headers, x-contentful-timestamp",
        "x-contentful-signed-headers,x-contentful-timestamp,X-A",
        "x-contentful-signed-headers,x-contentful-timestamp,x:a",
        "x-contentful-signed-headers,x-contentful-timestamp,x-contentful-timestamp",
        &many,
    ] {
        let verdict = Request::listing(names).verdict();
        assert_eq!(verdict, Err(Code::MalformedSignature), "{names}");
    }
}

#[test]
fn a_named_header_that_is_lost_changed_or_repeated_is_refused() {
    let genuine = Request::new(&[("authorization", "Bearer x")]);
    assert!(genuine.verdict().is_ok());
    let mut lost = genuine.clone();
    lost.sent.pop();
    assert_eq!(lost.verdict(), Err(Code::InvalidSignature));
    let mut changed = genuine.clone();
    changed.sent.last_mut().unwrap().1 = "Bearer y".to_owned();
    assert_eq!(changed.verdict(), Err(Code::InvalidSignature));
    let mut repeated = genuine.clone();
    repeated.sent.push(("Authorization", "Bearer y".to_owned()));
    assert_eq!(repeated.verdict(), Err(Code::AmbiguousHeader));
}

/// The same signed text, cut into other headers.
#[test]
fn a_value_that_could_be_cut_into_two_headers_is_refused() {
    for value in ["a;x-b:c", "a;x-contentful-timestamp:1", "a\nb"] {
        let request = Request::new(&[("x-a", value), ("x-b", "d")]);
        assert_eq!(request.verdict(), Err(Code::InvalidEventId), "{value}");
    }
    let harmless = Request::new(&[("x-a", "a;x-c:c"), ("x-b", "d")]);
    assert!(harmless.verdict().is_ok());
}

#[test]
fn stages_of_contentful_keep_their_order() {
    let request = Request::new(&[]);
    let long = vec![b'x'; 2 * 1024 * 1024];
    let zeros = "0".repeat(64);
    let timed = |time: &str| {
        let mut request = request.clone();
        for headers in [&mut request.signed, &mut request.sent] {
            headers.last_mut().unwrap().1 = time.to_owned();
        }
        request
    };
    let mangled = timed("01700000000000");
    assert_eq!(
        mangled.verdict_under("00", &long),
        Err(Code::MalformedSignature)
    );
    assert_eq!(
        mangled.verdict_under(&zeros, &long),
        Err(Code::InvalidTimestamp)
    );
    assert_eq!(
        request.verdict_under(&zeros, &long),
        Err(Code::BodyTooLarge)
    );
    let old = timed("1600000000000");
    let verdict = old.verdict_under(&zeros, b"{}");
    assert_eq!(verdict, Err(Code::InvalidSignature));
    for time in ["1699999699999", "1700000300001", "1600000000000"] {
        assert_eq!(timed(time).verdict(), Err(Code::TimestampSkewTooLarge));
    }
    for time in ["1699999700000", "1700000300000"] {
        assert!(timed(time).verdict().is_ok());
    }
    let mut unknown = request.clone();
    unknown.method = None;
    assert_eq!(unknown.verdict(), Err(Code::MalformedSignature));
    unknown.method = Some("post");
    assert_eq!(unknown.verdict(), Err(Code::InvalidSignature));
}

// -------------------------------------------------------------------------- Adyen

/// An item: its signed fields as JSON members, and the text that is signed.
fn item(members: &str, signed: &str) -> String {
    let signature = STANDARD.encode(sha256_mac(&hex::decode(HEX).unwrap(), signed));
    format!(
        r#"{{"NotificationRequestItem":{{{members},"additionalData":{{"hmacSignature":"{signature}"}}}}}}"#
    )
}

fn genuine(psp: &str, reference: &str) -> String {
    item(
        &format!(
            r#""pspReference":"{psp}","merchantAccountCode":"M","merchantReference":"{reference}","amount":{{"value":1,"currency":"EUR"}},"eventCode":"CAPTURE","success":"true""#
        ),
        &format!("{psp}::M:{reference}:1:EUR:CAPTURE:true"),
    )
}

fn body(items: &[&str]) -> String {
    format!(r#"{{"notificationItems":[{}]}}"#, items.join(","))
}

fn adyen<T>(body: &str, read: impl Fn(&Verified<'_>) -> T) -> Result<T, Code> {
    let verifier = verifier(ADYEN_STANDARD, "");
    let headers: [(&str, &str); 0] = [];
    let delivery = Delivery::new(&headers, body.as_bytes());
    let verdict = verifier.verify(&delivery, Timestamp::EPOCH);
    let verified = verdict.map_err(|rejection| rejection.code())?;
    Ok(read(&verified))
}

fn key(verified: &Verified<'_>) -> KeyId {
    verified.dedupe_key("hook").unwrap().id()
}

#[test]
fn items_are_named_by_what_is_signed() {
    let (one, two) = (genuine("P1", "a:b"), genuine("P2", "c"));
    let single = body(&[&one]);
    let id = adyen(&single, |verified| {
        assert_eq!(verified.key_name(), "current");
        verified.event_id().unwrap().get().text().to_owned()
    });
    assert_eq!(id.unwrap(), "P1:CAPTURE:true");
    let ids = |body: &str| {
        let own = |verified: &Verified<'_>| {
            let ids = verified.item_ids().unwrap();
            ids.into_iter().map(|id| id.into_owned()).collect()
        };
        adyen::<Vec<String>>(body, own)
    };
    assert_eq!(ids(&single).unwrap(), ["P1:CAPTURE:true"]);
    let both = body(&[&two, &one]);
    assert_eq!(ids(&both).unwrap(), ["P2:CAPTURE:true", "P1:CAPTURE:true"]);

    // Neither unsigned fields nor the order of items make another event.
    let unsigned = single.replace("{\"notification", "{\"live\":\"true\",\"notification");
    assert_eq!(adyen(&unsigned, key), adyen(&single, key));
    assert_eq!(adyen(&body(&[&one, &two]), key), adyen(&both, key));
    assert_ne!(adyen(&both, key), adyen(&single, key));
}

#[test]
fn every_item_counts() {
    let (one, two) = (genuine("P1", "a"), genuine("P2", "b"));
    for (from, to) in [
        ("P2", "P3"),
        ("\"b\"", "\"c\""),
        (":1,", ":2,"),
        ("EUR", "USD"),
        ("CAPTURE", "REFUND"),
        ("\"true\"", "\"false\""),
        ("\"M\"", "\"N\""),
        ("\"merchantAccountCode\"", "\"originalReference\""),
    ] {
        let changed = two.replacen(from, to, 1);
        assert_ne!(changed, two);
        for items in [[&one, &changed], [&changed, &one]] {
            let verdict = adyen(&body(&items.map(String::as_str)), key);
            assert_eq!(verdict, Err(Code::InvalidSignature), "{from} {to}");
        }
    }
    let unsigned = two.replace("hmacSignature", "signature");
    let verdict = adyen(&body(&[&one, &unsigned]), key);
    assert_eq!(verdict, Err(Code::MissingSignatureHeaders));
    let many = vec![one.as_str(); 64];
    assert!(adyen(&body(&many), key).is_ok());
    let many = vec![one.as_str(); 65];
    assert_eq!(adyen(&body(&many), key), Err(Code::MalformedSignature));
}

#[test]
fn a_body_without_items_or_of_two_readings_is_refused() {
    let one = genuine("P1", "a");
    let good = body(&[&one]);
    let two_lists = good.replacen('{', "{\"notificationItems\":[],", 1);
    let two_items = good.replacen("[{", "[{\"NotificationRequestItem\":{},", 1);
    let two_data = good.replacen(":{\"psp", ":{\"additionalData\":{},\"psp", 1);
    for body in [
        "",
        "[]",
        "{}",
        r#"{"notificationItems":[]}"#,
        r#"{"notificationItems":[null]}"#,
        r#"{"notificationItems":{}}"#,
        &format!("{good}x"),
        &two_lists,
        &two_items,
        &two_data,
    ] {
        let verdict = adyen(body, key);
        assert_eq!(verdict, Err(Code::MissingSignatureHeaders), "{body}");
    }
    for (from, to) in [
        ("\"psp", "\"eventCode\":\"REFUND\",\"psp"),
        ("\"psp", "\"eventC\\u006fde\":\"REFUND\",\"psp"),
        ("\"psp", "\"amount\":{\"value\":9},\"psp"),
        ("\"true\"", "true"),
        (":1,", ":1.0,"),
    ] {
        let verdict = adyen(&good.replacen(from, to, 1), key);
        assert_eq!(verdict, Err(Code::MalformedSignature), "{from} {to}");
    }
    let long = format!("{good}{}", " ".repeat(1024 * 1024));
    assert_eq!(adyen(&long, key), Err(Code::BodyTooLarge));
    assert_eq!(adyen("x", key), Err(Code::MissingSignatureHeaders));
}

/// One signed text, its colons moved into other fields.
#[test]
fn a_colon_moves_nothing() {
    let signed = "P1::M:a:b:1:EUR:CAPTURE:true";
    let members = |psp: &str, original: &str, account: &str, reference: &str| {
        format!(
            r#""pspReference":"{psp}","originalReference":"{original}","merchantAccountCode":"{account}","merchantReference":"{reference}","amount":{{"value":1,"currency":"EUR"}},"eventCode":"CAPTURE","success":"true""#
        )
    };
    let verdict = |members: &str| adyen(&body(&[&item(members, signed)]), key);
    assert!(verdict(&members("P1", "", "M", "a:b")).is_ok());
    for moved in [
        members("P1:", "M", "a", "b"),
        members("P1", ":M", "a", "b"),
        members("P1", "", "M:a", "b"),
        members("P1", "", "M", "a").replace(":1,", ":\"b:1\","),
    ] {
        assert_eq!(verdict(&moved), Err(Code::InvalidEventId), "{moved}");
    }
}

#[test]
fn an_item_without_a_name_is_refused_and_null_is_signed_as_empty() {
    let nameless = item(r#""eventCode":"EVENT","success":null"#, "::::::EVENT:");
    let verdict = adyen(&body(&[&nameless]), key);
    assert_eq!(verdict, Err(Code::MissingEventId));
    let sparse = item(
        r#""pspReference":"P","originalReference":null,"eventCode":"EVENT""#,
        "P::::::EVENT:",
    );
    assert!(adyen(&body(&[&sparse]), key).is_ok());
}
