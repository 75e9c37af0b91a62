//! From events to deliveries: rules 1 to 4.

use countersign::adapter::lambda::{PayloadFormat, Request};
use countersign::scheme::catalogue::{GITHUB, SQUARE, STRIPE, TRELLO};
use countersign::scheme::{ANY_DELIVERY, Dedupe, DedupeRule, KeyPart, Scheme};
use countersign::{Code, Outgoing};
use serde_json::{Value, json};

use super::events::{
    BODY, FORMATS, URL, event, github, in_base64, request, sign, verdict, verdict_of_text,
};

#[test]
fn rule_1_an_event_is_one_request_in_one_of_three_forms() {
    for format in FORMATS {
        let request = request(&event(format, &github()));
        assert_eq!(request.format(), format);
        assert_eq!(request.method(), "POST");
        assert_eq!(request.url(), "/hook?team=a");
        assert_eq!(request.body(), BODY);
    }
    // An HTTP API may be told to send 1.0, and says so.
    let mut http_api = event(PayloadFormat::V1, &github());
    http_api["version"] = "1.0".into();
    assert_eq!(request(&http_api).format(), PayloadFormat::V1);
}

#[test]
fn rule_1_a_signed_delivery_passes_in_every_form() {
    let url = |body| Outgoing::new(body).url(URL);
    let deliveries = [
        (GITHUB, github()),
        // What is signed is the registered URL, whatever the event says of it.
        (SQUARE, sign(SQUARE, &url(BODY))),
        (TRELLO, sign(TRELLO, &url(BODY))),
    ];
    for (scheme, delivery) in deliveries {
        for format in FORMATS {
            let plain = event(format, &delivery);
            let encoded = in_base64(plain.clone());
            assert_eq!(verdict(scheme.clone(), &plain), Ok(()), "{format:?}");
            assert_eq!(verdict(scheme.clone(), &encoded), Ok(()), "{format:?}");

            let mut changed = plain;
            changed["body"] = "{\"ref\":\"refs/heads/a\",\"n\":1e2}\r\n".into();
            let code = verdict(scheme.clone(), &changed).unwrap_err().code();
            assert_eq!(code, Code::InvalidSignature, "{format:?}");
        }
    }
}

#[test]
fn rule_2_the_body_is_the_bytes_behind_the_text() {
    let bytes = |fields: &str| {
        let text = format!(r#"{{"httpMethod":"POST","path":"/"{fields}}}"#);
        Request::from_json(text.as_bytes()).map(|request| request.body().to_vec())
    };
    for absent in [
        "",
        r#","body":null"#,
        r#","body":"","isBase64Encoded":true"#,
    ] {
        assert_eq!(bytes(absent), Ok(Vec::new()), "{absent}");
    }
    assert_eq!(
        bytes(r#","body":"a\u0000\ud83d\ude00\/""#),
        Ok("a\0😀/".as_bytes().to_vec())
    );
    // Without the word that says so, Base64 is text.
    for said in [
        "",
        r#","isBase64Encoded":false"#,
        r#","isBase64Encoded":null"#,
    ] {
        assert_eq!(
            bytes(&format!(r#","body":"/wA="{said}"#)),
            Ok(b"/wA=".to_vec())
        );
    }
    assert_eq!(
        bytes(r#","body":"/wA=","isBase64Encoded":true"#),
        Ok(vec![255, 0])
    );
}

/// The event with one more value of the signature header.
fn repeated(format: PayloadFormat, value: &str) -> Value {
    let mut event = event(format, &github());
    event["multiValueHeaders"]["x-hub-signature-256"]
        .as_array_mut()
        .unwrap()
        .push(value.into());
    event
}

#[test]
fn rule_3_every_value_of_a_repeated_header_is_shown() {
    let genuine = github();
    let genuine = genuine
        .headers()
        .iter()
        .find(|(name, _)| name == "x-hub-signature-256");
    let genuine = genuine.unwrap().1.as_str();
    for format in [PayloadFormat::V1, PayloadFormat::LoadBalancerMultiValue] {
        let code = verdict(GITHUB, &repeated(format, "sha256=00"))
            .unwrap_err()
            .code();
        assert_eq!(code, Code::AmbiguousHeader, "{format:?}");
        // The same value twice says nothing else than once.
        assert_eq!(
            verdict(GITHUB, &repeated(format, genuine)),
            Ok(()),
            "{format:?}"
        );

        let mut other_case = event(format, &github());
        other_case["multiValueHeaders"]["X-HUB-Signature-256"] = json!(["sha256=00"]);
        let code = verdict(GITHUB, &other_case).unwrap_err().code();
        assert_eq!(code, Code::AmbiguousHeader, "{format:?}");
    }
}

#[test]
fn rule_3_a_name_that_stands_twice_shows_both_values() {
    for format in FORMATS {
        let text = event(format, &github()).to_string();
        let twice = text.replace(
            r#""x-hub-signature-256":"#,
            r#""X-Hub-Signature-256":"sha256=00","x-hub-signature-256":"#,
        );
        assert_ne!(text, twice);
        let code = verdict_of_text(GITHUB, &twice).unwrap_err().code();
        assert_eq!(code, Code::AmbiguousHeader, "{format:?}");
    }
}

#[test]
fn rule_3_names_count_in_any_case_and_single_values_where_there_are_no_lists() {
    for format in FORMATS {
        let mut event = event(format, &github());
        for field in ["headers", "multiValueHeaders"] {
            if let Some(headers) = event[field].as_object_mut() {
                let signature = headers.remove("x-hub-signature-256").unwrap();
                headers.insert("X-HUB-SIGNATURE-256".into(), signature);
            }
        }
        assert_eq!(verdict(GITHUB, &event), Ok(()), "{format:?}");
    }
    for empty in [json!({}), Value::Null] {
        let mut event = event(PayloadFormat::V1, &github());
        event["multiValueHeaders"] = empty;
        assert_eq!(verdict(GITHUB, &event), Ok(()));
    }
}

#[test]
fn rule_4_values_that_were_joined_stay_joined() {
    let stripe = sign(STRIPE, &Outgoing::new(BODY));
    let other = format!("v1={}", "0".repeat(64));
    for (scheme, delivery, name, more, told) in [
        (
            GITHUB,
            github(),
            "x-hub-signature-256",
            "sha256=00",
            Err(Code::MalformedSignature),
        ),
        (
            STRIPE,
            stripe.clone(),
            "stripe-signature",
            "t=1,v1=00",
            Err(Code::MalformedSignature),
        ),
        (STRIPE, stripe, "stripe-signature", &other, Ok(())),
    ] {
        let mut event = event(PayloadFormat::V2, &delivery);
        let signature = &mut event["headers"][name];
        *signature = format!("{},{more}", signature.as_str().unwrap()).into();
        let verdict = verdict(scheme, &event);
        assert_eq!(
            verdict.map_err(|rejection| rejection.code()),
            told,
            "{more}"
        );
    }
}

#[test]
fn rule_4_cookies_are_one_header() {
    let scheme = Scheme::builder("acme", "Acme")
        .docs("https://acme.test")
        .signature_header("x-acme-signature")
        .content("{header:cookie|without:.}.{body}")
        .dedupe(Dedupe::Rules(
            vec![DedupeRule {
                name: "body".into(),
                reason: "a test".into(),
                key: vec![KeyPart::BodyDigest].into(),
                ..ANY_DELIVERY
            }]
            .into(),
        ))
        .build()
        .unwrap();
    let headers = [("cookie", "a=1; b=2")];
    let delivery = sign(scheme.clone(), &Outgoing::new(BODY).headers(&headers));
    let mut event = event(PayloadFormat::V2, &delivery);
    event["headers"]
        .as_object_mut()
        .unwrap()
        .remove("cookie")
        .unwrap();
    let code = verdict(scheme.clone(), &event).unwrap_err().code();
    assert_eq!(code, Code::MissingSignatureHeaders);

    event["cookies"] = json!(["a=1", "b=2"]);
    assert_eq!(verdict(scheme, &event), Ok(()));
}
