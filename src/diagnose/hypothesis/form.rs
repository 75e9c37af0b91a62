//! What a form body may have been for the sender, decoded and encoded again.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use serde::Deserialize;

use super::super::cause::Cause;
use super::body::replaced;
use super::{Row, group};

const URLENCODED: &str =
    "The form was decoded or encoded again. Hash the raw form text, before the form parser.";

/// The rows.
pub(in super::super) const ROWS: &[Row] = &[
    Row::new(
        Cause::BodyUrlencoded,
        "percent codes decoded",
        URLENCODED,
        |body, way| Some(decoded(body, way == 0)),
    )
    .ways(2)
    .group(group::FORM),
    Row::new(
        Cause::BodyUrlencoded,
        "percent-encoded",
        URLENCODED,
        |body, way| {
            let text = encoded(body, way & 1 == 0);
            Some(
                if way < 2 {
                    text
                } else {
                    text.to_ascii_lowercase()
                }
                .into_bytes(),
            )
        },
    )
    .ways(2)
    .group(group::FORM),
    Row::new(
        Cause::BodyUrlencoded,
        "form written again",
        URLENCODED,
        form,
    )
    .ways(8)
    .group(group::FORM),
    Row::new(
        Cause::BodyUrlencoded,
        "form of a JSON object",
        URLENCODED,
        |body, way| form_of_json(body, way == 0),
    )
    .ways(2)
    .group(group::FORM),
    Row::new(
        Cause::BodyUrlencoded,
        "the `payload` field of a form",
        URLENCODED,
        |body, way| {
            let text = encoded(body, way == 0);
            Some(alloc::format!("payload={text}").into_bytes())
        },
    )
    .ways(2)
    .group(group::FORM),
    Row::new(
        Cause::BodyUrlencoded,
        "the text of the `payload` field",
        URLENCODED,
        |body, _| Some(decoded(body.strip_prefix(b"payload=")?, true)),
    )
    .group(group::FORM),
];

/// Longest form that is taken apart: pairs take more room than their text.
const MAX_FORM: usize = 1024 * 1024;
/// What forms leave as it is.
const FORM_SET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'*');
/// What `encodeURIComponent` leaves as it is.
const COMPONENT_SET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'!')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');
/// What RFC 3986 leaves as it is.
const STRICT_SET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

fn decoded(body: &[u8], plus: bool) -> Vec<u8> {
    if plus {
        return percent_decode(&replaced(body, b'+', b" ")).collect();
    }
    percent_decode(body).collect()
}

/// A value as forms write it (a blank is a plus), or as URLs do.
fn encoded(body: &[u8], as_form: bool) -> String {
    if as_form {
        return percent_encode(body, FORM_SET)
            .to_string()
            .replace("%20", "+");
    }
    percent_encode(body, COMPONENT_SET).to_string()
}

/// The form with each pair decoded and encoded again, in one of eight ways: blanks as plus
/// or `%20`, codes in either case, pairs as they stand or sorted.
fn form(body: &[u8], way: u16) -> Option<Vec<u8>> {
    if body.len() > MAX_FORM
        || !body.contains(&b'=')
        || matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
    {
        return None;
    }
    let set = match way & 3 {
        0 | 2 => FORM_SET,
        _ => STRICT_SET,
    };
    let write = |text: &[u8]| {
        let text = percent_encode(&decoded(text, true), set).to_string();
        let text = if way & 3 == 0 || way & 3 == 2 {
            text.replace("%20", "+")
        } else {
            text
        };
        if way & 2 == 0 {
            text
        } else {
            lower_codes(&text)
        }
    };
    let mut pairs: Vec<String> = body
        .split(|byte| *byte == b'&')
        .map(|pair| {
            let at = pair
                .iter()
                .position(|byte| *byte == b'=')
                .unwrap_or(pair.len());
            let (name, value) = pair.split_at(at);
            let value = value.get(1..).unwrap_or_default();
            alloc::format!("{}={}", write(name), write(value))
        })
        .collect();
    if way >= 4 {
        pairs.sort();
    }
    Some(pairs.join("&").into_bytes())
}

/// Percent codes in lower case.
fn lower_codes(text: &str) -> String {
    let mut left = 0_u8;
    text.chars()
        .map(|c| {
            if c == '%' {
                left = 2;
                return c;
            }
            let is_code = left > 0;
            left = left.saturating_sub(1);
            if is_code { c.to_ascii_lowercase() } else { c }
        })
        .collect()
}

/// The form that a JSON object of texts was made of.
fn form_of_json(body: &[u8], as_form: bool) -> Option<Vec<u8>> {
    if body.len() > MAX_FORM {
        return None;
    }
    let pairs = pairs(body)?;
    let write = |text: &str| encoded(text.as_bytes(), as_form);
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| alloc::format!("{}={}", write(name), write(value)))
        .collect();
    Some(pairs.join("&").into_bytes())
}

/// Names and values of a JSON object of texts, numbers and booleans.
fn pairs(body: &[u8]) -> Option<Vec<(String, String)>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Value<'v> {
        #[serde(borrow)]
        Text(Cow<'v, str>),
        Whole(i64),
        Part(f64),
        Truth(bool),
    }
    let text = core::str::from_utf8(body).ok()?;
    if !text.trim_start().starts_with('{') {
        return None;
    }
    struct Members(Vec<(String, String)>);
    impl<'de> Deserialize<'de> for Members {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> serde::de::Visitor<'de> for Visitor {
                type Value = Members;
                fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<M: serde::de::MapAccess<'de>>(
                    self,
                    mut map: M,
                ) -> Result<Members, M::Error> {
                    let mut members = Vec::new();
                    while let Some((name, value)) = map.next_entry::<String, Value<'de>>()? {
                        let value = match value {
                            Value::Text(text) => text.into_owned(),
                            Value::Whole(number) => alloc::format!("{number}"),
                            Value::Part(number) => alloc::format!("{number}"),
                            Value::Truth(truth) => alloc::format!("{truth}"),
                        };
                        members.push((name, value));
                    }
                    Ok(Members(members))
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    serde_json::from_str::<Members>(text)
        .ok()
        .map(|members| members.0)
}

#[cfg(test)]
mod tests {
    use super::super::undoes;
    use super::*;

    /// Every row, by an example of its mistake: the body that arrived, and the signed one.
    #[test]
    fn each_row_undoes_its_mistake() {
        undoes::<[u8]>(
            ROWS,
            &[
                ("percent codes decoded", b"a%20b+c", b"a b c"),
                ("percent-encoded", b"{ }", b"%7B+%7D"),
                ("form written again", b"a=1%202&b=%c3%a9", b"a=1+2&b=%C3%A9"),
                (
                    "form of a JSON object",
                    br#"{"a":"1 2","b":3}"#,
                    b"a=1+2&b=3",
                ),
                (
                    "the `payload` field of a form",
                    br#"{"a":1}"#,
                    b"payload=%7B%22a%22%3A1%7D",
                ),
                (
                    "the text of the `payload` field",
                    b"payload=%7B%22a%22%3A1%7D",
                    br#"{"a":1}"#,
                ),
            ],
        );
    }

    #[test]
    fn pairs_are_those_of_a_flat_object() {
        let found = pairs(br#"{"a":"x","b":2,"c":true,"d":1.5}"#).unwrap();
        let found: Vec<String> = found
            .iter()
            .map(|(name, value)| alloc::format!("{name}={value}"))
            .collect();
        assert_eq!(found, ["a=x", "b=2", "c=true", "d=1.5"]);
        assert!(pairs(br#"{"a":{}}"#).is_none());
        assert!(pairs(b"[]").is_none());
    }
}
