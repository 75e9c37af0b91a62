//! What holds for every scheme of the catalogue, and which ones are exceptions.
#![cfg(feature = "serde")]

extern crate alloc;

use alloc::collections::BTreeMap;

use countersign::scheme::{Challenge, Part, Scheme, Template, Waiver, catalogue};
use serde_json::{Value, json};

const WAIVERS: &str = include_str!("catalogue/waivers.json");
const JOINED: &str = include_str!("catalogue/joined.json");

#[test]
fn every_scheme_passes_the_checker() {
    for scheme in catalogue::ALL {
        assert_eq!(scheme.check(), Ok(()), "{}", scheme.id);
    }
}

#[test]
fn ids_are_in_order_and_found() {
    let ids: Vec<&str> = catalogue::ALL.iter().map(|scheme| &*scheme.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    for id in ids {
        assert_eq!(catalogue::find(id).unwrap().id, id);
    }
}

/// A scheme that waives a check stands in `waivers.json` with what it waives and why, and
/// nothing else stands there.
#[test]
fn waivers_are_those_of_the_list() {
    let listed: Value = serde_json::from_str(WAIVERS).unwrap();
    let waived: serde_json::Map<String, Value> = catalogue::ALL
        .iter()
        .filter(|scheme| !scheme.waivers.is_empty())
        .map(|scheme| {
            let waivers = scheme.waivers.iter().map(|waiver| json!(waiver)).collect();
            (scheme.id.to_string(), Value::Array(waivers))
        })
        .collect();
    let waived = Value::Object(waived);
    assert!(
        listed == waived,
        "tests/catalogue/waivers.json must hold:\n{waived:#}"
    );
}

/// Contents that join two fields without a separator, and what keeps each apart: what an
/// attacker can move and cannot.
#[test]
fn joined_fields_are_those_of_the_list() {
    let listed: BTreeMap<String, String> = serde_json::from_str(JOINED).unwrap();
    assert!(listed.values().all(|reason| reason.len() > 40));
    let literal = |part: &Part| matches!(part, Part::Literal(_));
    let joins = |content: &Template| {
        let pairs = content.parts().windows(2);
        pairs.into_iter().any(|pair| !pair.iter().any(literal))
            || content.parts().contains(&Part::FormSorted)
            || content.parts().contains(&Part::QuerySorted)
    };
    let joined: Vec<&str> = catalogue::ALL
        .iter()
        .filter(|scheme| joins(&scheme.content) || scheme.other_contents.iter().any(joins))
        .map(|scheme| &*scheme.id)
        .collect();
    let listed: Vec<&str> = listed.keys().map(String::as_str).collect();
    assert_eq!(joined, listed);
}

/// A waiver that waives nothing is refused by nobody else.
#[test]
fn no_waiver_is_idle() {
    for scheme in catalogue::ALL {
        for (index, waiver) in scheme.waivers.iter().enumerate() {
            let mut strict = scheme.clone();
            strict.waivers.to_mut().remove(index);
            let code = strict.check().err().map(|fault| fault.code());
            assert_eq!(
                code,
                Some(countersign::Code::UnsafeScheme),
                "{} {waiver:?}",
                scheme.id
            );
        }
    }
}

/// Answers to challenges that are made with the signing key.
#[test]
fn challenges_that_are_answered_with_the_key() {
    let keyed = |scheme: &&Scheme| matches!(scheme.challenge, Challenge::Mac(_));
    for scheme in catalogue::ALL.iter().filter(keyed) {
        let mut silent = scheme.clone();
        let Challenge::Mac(challenge) = &mut silent.challenge else {
            unreachable!()
        };
        challenge.apart = " ".into();
        let fault = silent.check().unwrap_err();
        assert_eq!(fault.code(), countersign::Code::UnsafeScheme, "{fault}");
    }
    let ids: Vec<&str> = catalogue::ALL
        .iter()
        .filter(keyed)
        .map(|scheme| &*scheme.id)
        .collect();
    assert_eq!(ids, KEYED_CHALLENGES);
}

const KEYED_CHALLENGES: [&str; 3] = ["braintree", "x_twitter", "zoom"];

/// What a receiver needs to know is said of every scheme.
#[test]
fn nothing_is_left_out() {
    for scheme in catalogue::ALL {
        assert!(scheme.docs.starts_with("https://"), "{}", scheme.id);
        assert!(!scheme.sender.rotation.is_empty(), "{}", scheme.id);
        assert!(!scheme.sender.quirks.is_empty(), "{}", scheme.id);
        for waiver in scheme.waivers.iter() {
            let (Waiver::InsecureAmbiguousContent { reason }
            | Waiver::InsecureUnsignedTimestamp { reason }
            | Waiver::InsecureUnsignedKey { reason }) = waiver
            else {
                panic!("{waiver:?} is new here");
            };
            assert!(reason.len() > 40, "{}: {reason}", scheme.id);
        }
    }
}

/// Every scheme builds a verifier under a key of its form, as long as its rules want.
#[cfg(all(
    feature = "ecdsa",
    feature = "ed25519",
    feature = "form",
    feature = "json",
    feature = "testing",
    feature = "x509"
))]
#[test]
fn every_scheme_builds_a_verifier() {
    use countersign::scheme::KeyForm;
    use countersign::{KeyRing, Verifier};

    let rsa = countersign::testing::RsaKeyPair::generate().unwrap();
    for scheme in catalogue::ALL {
        let secret = match scheme.key.form {
            KeyForm::Base64 => "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQm83vEjRWeJA=",
            KeyForm::Ed25519Base64 => "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            KeyForm::Ed25519Hex => {
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
            }
            KeyForm::Hex => "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
            KeyForm::Jwk => JWK,
            KeyForm::Sha1OfUtf8 => "public_id|a private key of this test",
            KeyForm::SpkiBase64 => SPKI_BASE64,
            KeyForm::SpkiPem => rsa.public_pem(),
            KeyForm::X509Pem => CERTIFICATE,
            // As long as the longest that a scheme wants: Contentful's.
            _ => "kJ3vQ9xT7mW2zL5pR8nB4dF6hC1yS0aEkJ3vQ9xT7mW2zL5pR8nB4dF6hC1yS0aE",
        };
        let ring = KeyRing::new().with("current", secret).unwrap();
        let builder = Verifier::builder(scheme.clone()).ring(&ring);
        let builder = match scheme.id.as_ref() {
            "aws_sns" => builder.parameter("topic_arn", "arn:aws:sns:eu-west-1:123456789012:x"),
            "paypal" => builder.parameter("webhook_id", "1JE4291016473214C"),
            _ => builder,
        };
        let verifier = builder.registered_url("https://example.test/hook").build();
        assert!(verifier.is_ok(), "{}: {:?}", scheme.id, verifier.err());
    }
}

/// A throw-away certificate.
#[cfg(feature = "x509")]
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIDPzCCAiegAwIBAgIUSyA5Cait6nySzlNY8v1nP8ZFlQgwDQYJKoZIhvcNAQEL
BQAwLjEsMCoGA1UEAwwjbWVzc2FnZXZlcmlmaWNhdGlvbmNlcnRzLnBheXBhbC5j
b20wIBcNMjYxMTIxMDYxNjM2WhgPMjEyNjEwMjgwNjE2MzZaMC4xLDAqBgNVBAMM
I21lc3NhZ2V2ZXJpZmljYXRpb25jZXJ0cy5wYXlwYWwuY29tMIIBIjANBgkqhkiG
9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuZgRj6Zq0jsAWboMfa12/C86H5MjsRsPSBIS
GmxSx5N8uFOHtwjViQ7peJPjge1r2AUdht1PsX2WpCLppdwlvYilRAaYpk9mHuMA
N9N7BQ3zvZ5bjOUeHM8u2oZye9gNqiF+yX4GVTqFNLDqUE5aC6jxir/U0gLM9tvn
/8QsCUhey3zdutxWSJY0GgL7f/3N2ri86HX2vJ09aCl6sRaq1531Qc/xRJ6icGgm
X3Z3kGEBYHviOWRu8dQ1HF5rFq8gV+8sVhc86hC69OKkYtbXD4mCKF5lD01/0S2n
d4FWx1Jua5M9XCVO2RtAvtkXmD3nL34D+fpFtXSSqINMG8GGQQIDAQABo1MwUTAd
BgNVHQ4EFgQUCnCCEb1zwNcDI9aogGzzgN3DqHkwHwYDVR0jBBgwFoAUCnCCEb1z
wNcDI9aogGzzgN3DqHkwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOC
AQEAEpAi0e5OcOXCA9zUkoBis1p54kU5CQhiBo1D6SUagYlznVEgpRNZ8pUUIq14
RF5sCTy3phVWPfoO1rmzq2q5rNAVxWCe+xMV9ySLpbYdFES/AJgg0k03LusYOndc
X9mTDTg92GSBq1N9cZOHb9BlWN+VFJoIlePIRQMIIo5IW5Iv5VjMEGfwF6rsghFW
AVvUazYr2FhqbLnkmFN6sN1TKOef0dSiRVnf4I6pYsAn72DGIw0iOuvvbbU9HbgK
IfELoG+Qm2Z5rrcbraWcDW18JlZdWIiZtrjtBDmH0QJiXj6OEniNmhbExm165cTS
EdhCWknAtYw/ikDprFouxKlUyw==
-----END CERTIFICATE-----
";

/// The public point of P-256 in RFC 6979, A.2.5.
#[cfg(feature = "ecdsa")]
const SPKI_BASE64: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==";

/// The same point as a JSON Web Key.
#[cfg(feature = "ecdsa")]
const JWK: &str = r#"{"kty":"EC","crv":"P-256","kid":"1","x":"YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y","y":"eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk"}"#;

/// Braintree signs one field: the rest of the form, and how it is written, may change.
#[cfg(feature = "form")]
#[test]
fn a_payload_keeps_its_key_however_the_form_is_written() {
    use countersign::{Delivery, KeyRing, Timestamp, Verifier};

    let ring = KeyRing::new()
        .with("current", "integration_public_key|integration_private_key")
        .unwrap();
    let verifier = Verifier::new(catalogue::BRAINTREE, &ring).unwrap();
    let text = |body: &str| {
        let delivery = Delivery::new(&NO_HEADERS, body.as_bytes());
        let verified = verifier.verify(&delivery, Timestamp::from_unix_seconds(0));
        let key = verified.unwrap().dedupe_key("hook").unwrap();
        (key.id(), key.parts()[0].text().unwrap().to_owned())
    };
    let signed = "bt_signature=integration_public_key%7Cfde05ee185871053c6185af6a90b62ac0b4fa5d3";
    let payload = "PG5vdGlmaWNhdGlvbj48a2luZD5zdWJzY3JpcHRpb25fd2VudF9wYXN0X2R1ZTwva2luZD48L25vdGlmaWNhdGlvbj4";
    let sent = text(&format!("{signed}&bt_payload={payload}%3D%0A"));
    assert_eq!(sent.1, format!("{payload}="));
    for body in [
        format!("{signed}&bt_payload={payload}%3D"),
        format!("x=1&bt_payload={payload}=%0a&{signed}&y"),
    ] {
        assert_eq!(text(&body), sent, "{body}");
    }
}

/// Twilio signs what the fields say: a form written another way is the same request.
#[cfg(feature = "form")]
#[test]
fn a_form_keeps_its_key_however_it_is_written() {
    use countersign::{Delivery, KeyRing, Timestamp, Verifier};

    let ring = KeyRing::new()
        .insecure_allow_short_secrets()
        .with("current", "12345");
    let verifier = Verifier::builder(catalogue::TWILIO_FORM)
        .ring(&ring.unwrap())
        .registered_url("https://mycompany.com/myapp.php?foo=1&bar=2")
        .build()
        .unwrap();
    let headers = [("x-twilio-signature", "NBdBDr/T/lgjI+tlgpXjKZQZs/k=")];
    let key = |body: &str| {
        let delivery = Delivery::new(&headers, body.as_bytes());
        let verified = verifier.verify(&delivery, Timestamp::from_unix_seconds(0));
        verified.unwrap().dedupe_key("hook").unwrap().id()
    };
    let sent = key("property=value&boolean=true");
    assert_eq!(key("&boolean=%74rue&&property=value"), sent);
}

#[cfg(feature = "form")]
const NO_HEADERS: [(&str, &str); 0] = [];
