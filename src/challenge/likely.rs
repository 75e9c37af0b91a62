//! Whether a request may be a challenge, genuine or not: told without a key, for whoever
//! keeps refused deliveries. What a challenge brings may be a secret.

use alloc::string::String;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::pong;
use crate::scheme::{Challenge, JsonPath, Scheme, TokenPlace};
use crate::verify::{Value, json_fields};
use crate::{Delivery, Head, HeaderName};

/// Whether a request may be a challenge of the scheme's sender rather than an event,
/// genuine or not. A log or a capture must keep nothing of it: the first body of Notion
/// *is* the secret. In doubt it is one.
///
/// ```
/// use countersign::scheme::catalogue::NOTION;
/// use countersign::{Delivery, challenge};
///
/// let headers = [("host", "receiver.example")];
/// let first = Delivery::new(&headers, br#"{"verification_token":"secret_a1b2c3"}"#);
/// assert!(challenge::is_likely(&NOTION, &first));
/// let event = Delivery::new(&headers, br#"{"id":"7","type":"page.created"}"#);
/// assert!(!challenge::is_likely(&NOTION, &event));
/// ```
#[must_use]
pub fn is_likely(scheme: &Scheme, delivery: &Delivery<'_>) -> bool {
    let Delivery { head, body } = delivery;
    match &scheme.challenge {
        Challenge::Confirm { url: path } | Challenge::EchoJson { path } => holds(body, path),
        // A body that cannot be read may hold the secret in some other form.
        Challenge::Secret { path } => has_key(body, path).unwrap_or(true) || names(body, path),
        Challenge::Mac(challenge) => match &challenge.token {
            TokenPlace::Json(path) => holds(body, path),
            TokenPlace::Query(name) => asks(head, name),
        },
        Challenge::EchoHeader { header } | Challenge::WrapHeader { header, .. } => {
            let mut is_there = false;
            let name = HeaderName::new(header);
            head.headers.visit(&name, &mut |_| is_there = true);
            is_there
        }
        Challenge::EchoQuery { name, .. } => asks(head, name),
        Challenge::Pong => pong::judge(body).is_some(),
        Challenge::Status => head.method == Some("HEAD"),
        Challenge::None => false,
    }
}

/// Whether a body has the field, were it twice; one that cannot be read, whether it has the
/// field's name or an escape that may write it.
fn holds(body: &[u8], path: &JsonPath) -> bool {
    if has_key(body, path).is_some() {
        return !matches!(json_fields(body, [path]), [Value::Absent | Value::Null]);
    }
    names(body, path) || has(body, b"\\u")
}

/// Whether the field's name stands anywhere as it is.
fn names(body: &[u8], path: &JsonPath) -> bool {
    has(body, name(path).as_bytes())
}

fn name(path: &JsonPath) -> &str {
    path.segments().last().unwrap_or_default()
}

fn has(body: &[u8], text: &[u8]) -> bool {
    body.windows(text.len().max(1)).any(|window| window == text)
}

/// Whether a key at any depth is the field's name, however it is written. `None` for a body
/// that cannot be read whole: no JSON, broken texts, too deep.
fn has_key(body: &[u8], path: &JsonPath) -> Option<bool> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let found = KeySearch(name(path)).deserialize(&mut json).ok()?;
    json.end().ok()?;
    Some(found)
}

/// Looks for a key in a value, and decodes every text on the way.
#[derive(Clone, Copy)]
struct KeySearch<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for KeySearch<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for KeySearch<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(inner) = items.next_element_seed(self)? {
            found |= inner;
        }
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            found |= key == self.0;
            found |= map.next_value_seed(self)?;
        }
        Ok(found)
    }
}

/// Whether a request may ask for a parameter of its query to be sent back.
fn asks(head: &Head<'_>, name: &str) -> bool {
    matches!(head.method, Some("GET" | "HEAD")) || head.query().contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::catalogue::{
        self, ASANA, AWS_SNS, BRAINTREE, DISCORD, META, NOTION, OKTA, SLACK, TRELLO, ZOOM,
    };

    fn likely(scheme: &Scheme, headers: &[(&str, &str)], method: &str, body: &[u8]) -> bool {
        let headers = headers.to_vec();
        let delivery = Delivery::new(&headers, body).method(method).url("/in");
        is_likely(scheme, &delivery)
    }

    #[test]
    fn challenges_are_told_from_events() {
        let body = |scheme, body: &str| likely(scheme, &[], "POST", body.as_bytes());
        assert!(body(
            &SLACK,
            r#"{"token":"t","challenge":"c","type":"url_verification"}"#
        ));
        assert!(!body(
            &SLACK,
            r#"{"token":"t","event":{"text":"a challenge"}}"#
        ));
        assert!(body(&ZOOM, r#"{"payload":{"plainToken":"p"}}"#));
        assert!(!body(&ZOOM, r#"{"payload":{"object":{}}}"#));
        assert!(body(&AWS_SNS, r#"{"SubscribeURL":"https://a"}"#));
        assert!(!body(&AWS_SNS, r#"{"Message":"m"}"#));
        assert!(body(&DISCORD, r#"{"type":1}"#) && !body(&DISCORD, r#"{"type":2}"#));
        for (scheme, header) in [
            (&ASANA, "X-Hook-Secret"),
            (&OKTA, "X-Okta-Verification-Challenge"),
        ] {
            assert!(likely(
                scheme,
                &[(header, "s"), (header, "t")],
                "POST",
                b"{}"
            ));
            assert!(!likely(scheme, &[], "POST", b"{}"));
        }
        for scheme in [&META, &BRAINTREE] {
            assert!(likely(scheme, &[], "GET", b"") && !likely(scheme, &[], "POST", b"{}"));
        }
        assert!(likely(&TRELLO, &[], "HEAD", b"") && !likely(&TRELLO, &[], "POST", b"{}"));
    }

    /// A challenge that was mangled on its way is one all the same.
    #[test]
    fn in_doubt_it_is_one() {
        let mangled = b"\xef\xbb\xbf{\"challenge\":\"c\"}";
        assert!(likely(&SLACK, &[], "POST", mangled));
        assert!(!likely(&SLACK, &[], "POST", b"command=%2Fhelp"));
        assert!(likely(
            &NOTION,
            &[],
            "POST",
            b"eyJ2ZXJpZmljYXRpb25fdG9rZW4iOiJzIn0="
        ));
        assert!(likely(
            &NOTION,
            &[],
            "POST",
            br#"[{"verification_token":"s"}]"#
        ));
        assert!(likely(
            &NOTION,
            &[],
            "POST",
            br#"{"verification_token":1,"verification_token":2}"#
        ));
    }

    /// Whatever a field's name is written with, and wherever it stands.
    #[test]
    fn an_escaped_a_doubled_and_a_deep_field_is_one() {
        let deep = |inner: &str| alloc::format!("{}{inner}{}", "[".repeat(200), "]".repeat(200));
        for body in [
            r#"{"verification_tok\u0065n":"s"}"#,
            r#"{"a":{"verification\u005ftoken":"s"},"a":1}"#,
            r#"[[{"\u0076erification_token":"s"}]]"#,
            r#"{"a":"\ud800"}"#,
            &deep(r#"{"verification_tok\u0065n":"s"}"#),
        ] {
            assert!(likely(&NOTION, &[], "POST", body.as_bytes()), "{body}");
        }
        for body in [
            r#"{"ch\u0061llenge":"c"}"#,
            r#"{"challenge":null,"challenge":"c"}"#,
            r#"{"challenge":"c","ch\u0061llenge":null}"#,
            "{\"challenge\":\"c\",\"a\":\"\\ud800\"}",
            "{\"ch\\u0061llenge\":\"c\",\"a\":\"\\ud800\"}",
            &deep(r#"{"challenge":"c"}"#),
            &deep(r#"{"ch\u0061llenge":"c"}"#),
        ] {
            assert!(likely(&SLACK, &[], "POST", body.as_bytes()), "{body}");
        }
        // A name or an escape alone is none where the body can be read.
        let event = r#"{"id":"7","title":"caf\u00e9","type":"page.created"}"#;
        assert!(!likely(&NOTION, &[], "POST", event.as_bytes()));
        let event = r#"{"event":{"text":"caf\u00e9, a challenge"}}"#;
        assert!(!likely(&SLACK, &[], "POST", event.as_bytes()));
    }

    #[test]
    fn where_nothing_is_asked_nothing_is_one() {
        for scheme in catalogue::ALL {
            if scheme.challenge == Challenge::None {
                assert!(!likely(scheme, &[], "GET", b""), "{}", scheme.id);
            }
        }
    }
}
