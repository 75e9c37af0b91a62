//! Fields that a signer writes into a body: a form or a JSON object. What stands
//! beside them keeps its order and its spelling.

use alloc::vec::Vec;
use core::fmt;

use crate::scheme::JsonPath;

/// The place of one field.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'p> {
    Form(&'p str),
    Json(&'p JsonPath),
}

/// How JSON writes the value.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "json"), allow(dead_code, reason = "told, not used"))]
pub(super) enum Kind {
    Number,
    Text,
}

/// The body with the field in it, in place of one that was there. `None` if it is no
/// body that can hold such a field, or the reader of such bodies is not compiled in.
pub(super) fn put(body: &[u8], place: Place<'_>, value: &str, kind: Kind) -> Option<Vec<u8>> {
    match place {
        Place::Form(name) => form(body, name, value),
        Place::Json(path) => json(body, path, value, kind),
    }
}

#[cfg(not(feature = "form"))]
const fn form(_: &[u8], _: &str, _: &str) -> Option<Vec<u8>> {
    None
}

#[cfg(feature = "form")]
fn form(body: &[u8], name: &str, value: &str) -> Option<Vec<u8>> {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.');
    let is_other = |pair: &&[u8]| {
        let key = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
        !pair.is_empty() && !percent_decode(key).eq(name.bytes())
    };
    let mut pairs: Vec<&[u8]> = body.split(|byte| *byte == b'&').filter(is_other).collect();
    let encoded = |text| utf8_percent_encode(text, ENCODED);
    let own = alloc::format!("{}={}", encoded(name), encoded(value));
    pairs.push(own.as_bytes());
    Some(pairs.join(&b'&'))
}

#[cfg(not(feature = "json"))]
const fn json(_: &[u8], _: &JsonPath, _: &str, _: Kind) -> Option<Vec<u8>> {
    None
}

#[cfg(feature = "json")]
fn json(body: &[u8], path: &JsonPath, value: &str, kind: Kind) -> Option<Vec<u8>> {
    let value = match kind {
        Kind::Number => value.into(),
        Kind::Text => serde_json::to_string(value).ok()?,
    };
    let path: Vec<&str> = path.segments().collect();
    object::put(core::str::from_utf8(body).ok()?, &path, &value).map(Into::into)
}

/// JSON objects as lists of members whose values are their own text.
#[cfg(feature = "json")]
mod object {
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use core::fmt;

    use serde::Deserialize;
    use serde::de::{MapAccess, Visitor};
    use serde::{Deserializer, Serialize, Serializer};
    use serde_json::value::RawValue;

    struct Members<'t>(Vec<(String, &'t RawValue)>);

    /// The object's text with `value` at `path`; objects on the way are made.
    /// A path has few segments: the checker saw it.
    pub(super) fn put(text: &str, path: &[&str], value: &str) -> Option<String> {
        let Some((name, rest)) = path.split_first() else {
            return Some(value.to_string());
        };
        let mut members: Members<'_> = serde_json::from_str(text).ok()?;
        let old = members.0.iter().position(|(key, _)| key == name);
        let inner = old
            .and_then(|at| members.0.get(at))
            .map(|(_, raw)| raw.get());
        let inner = if rest.is_empty() { None } else { inner };
        let new = put(inner.unwrap_or("{}"), rest, value)?;
        let raw = RawValue::from_string(new).ok()?;
        match old.and_then(|at| members.0.get_mut(at)) {
            Some((_, old)) => *old = &raw,
            None => members.0.push(((*name).to_string(), &raw)),
        }
        serde_json::to_string(&members).ok()
    }

    impl<'de> Deserialize<'de> for Members<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(MemberList)
        }
    }

    impl Serialize for Members<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
        }
    }

    struct MemberList;

    impl<'de> Visitor<'de> for MemberList {
        type Value = Members<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(Members(members))
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(name) => write!(f, "the form field `{name}`"),
            Self::Json(path) => write!(f, "the JSON field `{}`", path.0),
        }
    }
}

#[cfg(all(test, feature = "form", feature = "json"))]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_put_beside_what_was_there() {
        let put = |body: &str, path: &'static str, kind| {
            let path = JsonPath(path.into());
            let body = put(body.as_bytes(), Place::Json(&path), "7", kind);
            body.map(|body| alloc::string::String::from_utf8(body).unwrap())
        };
        let text = |text: &str| Some(text.into());
        assert_eq!(put("{}", "a", Kind::Number), text(r#"{"a":7}"#));
        assert_eq!(put(r#"{"a":1}"#, "a", Kind::Text), text(r#"{"a":"7"}"#));
        assert_eq!(
            put(r#"{"z":1.00,"s":{"t":"x"}}"#, "s.a.b", Kind::Number),
            text(r#"{"z":1.00,"s":{"t":"x","a":{"b":7}}}"#)
        );
        for body in ["", "[]", "1", r#"{"s":1}"#, "{} x"] {
            assert_eq!(put(body, "s.a", Kind::Number), None, "{body}");
        }
    }

    #[test]
    fn a_form_field_is_put_at_the_end_once() {
        let put = |body: &[u8]| put(body, Place::Form("a_b"), "x+/=|", Kind::Text).unwrap();
        assert_eq!(put(b""), b"a_b=x%2B%2F%3D%7C");
        assert_eq!(put(b"a%5Fb=old&c=1"), b"c=1&a_b=x%2B%2F%3D%7C");
    }
}
