//! What is sent back as it came: a field, a parameter, a header.
//!
//! An attacker may have chosen it, and a browser may be made to read it: it is of
//! characters that no page is made of, and never called anything but plain text.

use alloc::format;
use alloc::string::{String, ToString};

use super::Judged;
use crate::scheme::{JsonPath, Text};
use crate::verify::{Value, json_fields};
use crate::{ChallengeProblem, Head, Reply};

/// Longest text that is sent back, in bytes: four times the longest that is known.
const MAX_BYTES: usize = 256;

/// A text that may be sent back: neither empty nor long, of letters, digits and
/// `-._~+/=`.
pub(super) fn plain(text: &[u8]) -> Result<&str, ChallengeProblem> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(byte);
    let text = Some(text)
        .filter(|text| (1..=MAX_BYTES).contains(&text.len()) && text.iter().all(is_plain))
        .and_then(|text| core::str::from_utf8(text).ok());
    text.ok_or(ChallengeProblem::Token)
}

/// A field of a body.
pub(super) fn field(body: &[u8], path: &JsonPath) -> Judged {
    match json_fields(body, [path]) {
        [Value::Absent | Value::Null] => None,
        [Value::Text(text)] => Some(plain(text.as_bytes()).map(as_text)),
        [_] => Some(Err(ChallengeProblem::Token)),
    }
}

/// A parameter of a query.
pub(super) fn query(head: &Head<'_>, name: &Text) -> Judged {
    let token = head.parameter(name)?;
    Some(plain(&token).map(as_text))
}

/// A text, in a field of a JSON object.
pub(super) fn wrapped(text: &[u8], field: &Text) -> Result<Reply, ChallengeProblem> {
    let text = plain(text)?;
    Ok(as_json(format!("{{{}:{}}}", quoted(field), quoted(text))))
}

/// Plain text, and to a browser nothing else.
pub(super) fn as_text(text: &str) -> Reply {
    nosniff(Reply::new("text/plain; charset=utf-8", text))
}

/// JSON text, and to a browser nothing else.
pub(super) fn as_json(text: String) -> Reply {
    nosniff(Reply::json(text))
}

/// A text as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn nosniff(reply: Reply) -> Reply {
    reply.with_header(Text::Borrowed("x-content-type-options"), "nosniff")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_text_is_sent_back() {
        for text in ["1158201444", "a", "Me_rShK8-x.~+/==", &"x".repeat(256)] {
            assert_eq!(plain(text.as_bytes()), Ok(text));
        }
        for text in [
            "",
            " ",
            "a b",
            "a\n",
            "<b>",
            "\"",
            "é",
            "a\0",
            "{}",
            &"x".repeat(257),
        ] {
            assert_eq!(
                plain(text.as_bytes()),
                Err(ChallengeProblem::Token),
                "{text:?}"
            );
        }
        assert!(plain(b"\xff").is_err());
    }

    #[test]
    fn a_field_is_sent_back_only_if_it_is_one_text() {
        let path = JsonPath("challenge".into());
        let judged = |body: &str| field(body.as_bytes(), &path);
        assert!(judged("challenge=a").is_none());
        assert!(judged(r#"{"x":{"challenge":"a"}}"#).is_none());
        assert!(judged(r#"{"challenge":null}"#).is_none());
        let reply = judged(r#"{"challenge":"a\u0062"}"#).unwrap().unwrap();
        assert_eq!(reply.body(), b"ab");
        for body in [
            r#"{"challenge":7}"#,
            r#"{"challenge":["a"]}"#,
            r#"{"challenge":""}"#,
            r#"{"challenge":"a","challenge":"b"}"#,
            r#"{"challenge":"\u003cscript>"}"#,
        ] {
            assert_eq!(judged(body).unwrap().unwrap_err(), ChallengeProblem::Token);
        }
    }
}
