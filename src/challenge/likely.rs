//! Whether a request may be a challenge, genuine or not: told without a key, for whoever
//! keeps refused deliveries. What a challenge brings may be a secret.

use serde::de::IgnoredAny;

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
        Challenge::Secret { path } => !is_json(body) || names(body, path),
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

/// Whether a body has the field; one that cannot be read, whether it has its name.
fn holds(body: &[u8], path: &JsonPath) -> bool {
    if is_json(body) {
        return !matches!(json_fields(body, [path]), [Value::Absent | Value::Null]);
    }
    names(body, path)
}

/// Whether the field's name stands anywhere.
fn names(body: &[u8], path: &JsonPath) -> bool {
    let name = path.segments().last().unwrap_or_default().as_bytes();
    body.windows(name.len().max(1)).any(|window| window == name)
}

fn is_json(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_ok()
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

    #[test]
    fn where_nothing_is_asked_nothing_is_one() {
        for scheme in catalogue::ALL {
            if scheme.challenge == Challenge::None {
                assert!(!likely(scheme, &[], "GET", b""), "{}", scheme.id);
            }
        }
    }
}
