//! Schemes and templates as text: what is read and checked, written out and read again, is
//! the same; and a verifier built from it stands any delivery.

use countersign::scheme::{HMAC_SHA256_BODY, JsonPath, Part, Scheme, Shape, Template};
use countersign::{Delivery, KeyRing, Timestamp, Verifier};

use super::Reached;
use super::input::Input;
use super::oracle::secrets;

pub static REACHED: Reached = Reached::new();

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    match input.byte() % 4 {
        0 => template(&String::from_utf8_lossy(input.rest())),
        1 => parts(&mut input),
        _ => scheme(&String::from_utf8_lossy(input.rest())),
    }
}

fn template(text: &str) {
    let read = text.parse::<Template>();
    REACHED.note(read.is_ok());
    if let Ok(template) = read {
        let written = template.to_string();
        assert_eq!(written.parse(), Ok(template), "{written}");
    }
}

/// A template from code instead of text: where the checker lets it pass, its text must not
/// mean another one. Neighbouring literals are one literal in text.
fn parts(input: &mut Input<'_>) {
    let mut parts = Vec::new();
    while !input.is_empty() && parts.len() < 8 {
        let kind = input.byte();
        let text = String::from_utf8_lossy(input.short()).into_owned();
        let shape = match input.byte() % 5 {
            0 => Shape::Any,
            1 => Shape::Digits(input.u16()),
            2 => Shape::Hex(input.u16()),
            3 => Shape::Length(input.u16()),
            _ => Shape::Without(String::from_utf8_lossy(input.short()).into_owned().into()),
        };
        parts.push(match kind % 8 {
            0 => Part::Body,
            1 => Part::Form {
                field: text.into(),
                shape,
            },
            2 => Part::Header {
                name: text.into(),
                shape,
            },
            3 => Part::Json {
                path: JsonPath(text.into()),
                shape,
            },
            4 if !matches!(parts.last(), Some(Part::Literal(_))) => Part::Literal(text.into()),
            4 => Part::BodySha256,
            5 => Part::Method,
            6 => Part::QuerySorted,
            _ => Part::Url,
        });
    }
    let mut scheme = HMAC_SHA256_BODY;
    scheme.id = "fuzz".into();
    if let countersign::scheme::SignatureSource::Header { name, .. } = &mut scheme.signature {
        *name = "x-signature".into();
    }
    scheme.dedupe = countersign::scheme::Dedupe::None {
        reason: "not what is tested".into(),
    };
    scheme.content = Template(parts.into());
    let passes = scheme.check().is_ok();
    REACHED.note(passes);
    if passes {
        let written = scheme.content.to_string();
        assert_eq!(written.parse(), Ok(scheme.content), "{written}");
    }
}

fn scheme(text: &str) {
    let read = if text.trim_start().starts_with('{') {
        Scheme::from_json(text)
    } else {
        Scheme::from_toml(text)
    };
    REACHED.note(read.is_ok());
    let scheme = match read {
        Ok(scheme) => scheme,
        Err(fault) => {
            let message = fault.to_string();
            assert!(message.len() < 8192, "{message:?}");
            assert!(!message.contains(char::is_control), "{message:?}");
            return;
        }
    };
    assert_eq!(scheme.check(), Ok(()));
    let json = scheme.to_json().unwrap();
    assert_eq!(Scheme::from_json(&json).as_ref(), Ok(&scheme), "{json}");
    // TOML has no number above i64::MAX.
    if let Ok(toml) = scheme.to_toml() {
        assert_eq!(Scheme::from_toml(&toml).as_ref(), Ok(&scheme), "{toml}");
    } else {
        assert!(i64::try_from(scheme.body_limit).is_err(), "{json}");
    }

    let ring = KeyRing::new().with_secret(secrets(&scheme).1).unwrap();
    let built = Verifier::builder(scheme.clone())
        .ring(&ring)
        .registered_url("https://example.com/hook")
        .build();
    if let Ok(verifier) = built {
        let names = scheme.required_headers();
        let headers: Vec<(&str, &str)> = names.iter().map(|name| (*name, "v1=00,t=0")).collect();
        let delivery = Delivery::new(&headers, b"{}")
            .method("POST")
            .url("/hook?a=1");
        let _ = verifier.verify(&delivery, Timestamp::EPOCH).is_ok();
        if let Ok(streaming) = verifier.streaming() {
            let head = countersign::Head::new(&headers)
                .method("POST")
                .url("/hook?a=1");
            let _ = streaming.begin(head).is_ok();
        }
    }
}
