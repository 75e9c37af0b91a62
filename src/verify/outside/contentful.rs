//! Contentful: HMAC-SHA256 over method, path, the headers that the request names, and
//! the body.
//!
//! An attacker controls which headers are named and what they hold, but the list stands
//! in the signed text itself. A genuine signature over headers that could be cut into
//! other ones is refused.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::absent_from_body;
use super::super::fields::one_value;
use super::super::headers::HeaderName;
use super::super::time;
use super::{Outsider, Proof, Request, signature};
use crate::scheme::{Encoding, TimestampUnit};
use crate::{EventIdProblem, HeaderSet, Rejection, SignatureProblem};

/// Headers that a request may name. Contentful names about ten of its own, and those
/// that the webhook's owner added.
const MAX_NAMED: usize = 64;

#[derive(Debug)]
pub(super) struct Contentful;

impl Outsider for Contentful {
    fn prove<'d>(&self, request: &Request<'_, 'd>) -> Result<Proof<'d>, Rejection> {
        let text = request.header("x-contentful-signature").unwrap_or_default();
        let signature = signature::<32>(Encoding::Hex, text)?;
        let names = names(request.header(NAMES).unwrap_or_default())?;
        let values = values(request, &names)?;
        let time = request.header(TIME).unwrap_or_default();
        let time = time::parse(time, TimestampUnit::Milliseconds)?;
        request.within_cap()?;

        let method = request.head.method.ok_or_else(absent_from_body)?;
        let path = signed_path(request.url.unwrap_or_default());
        let mut headers = Vec::new();
        for (name, value) in names.iter().zip(&values) {
            if !headers.is_empty() {
                headers.push(b';');
            }
            headers.extend_from_slice(name.as_bytes());
            headers.push(b':');
            headers.extend_from_slice(value);
        }
        let message: [&[u8]; 7] = [
            method.as_bytes(),
            b"\n",
            path.as_bytes(),
            b"\n",
            &headers,
            b"\n",
            request.body,
        ];
        let key = request.keys.matching(&message, &[&signature]);
        let key = key.ok_or_else(|| request.no_match(1))?;
        if !is_one_reading(method, &names, &values) {
            return Err(Rejection::InvalidEventId {
                problem: EventIdProblem::Ambiguous,
            });
        }
        Ok(Proof {
            key,
            time: Some(time),
            claimed_id: None,
        })
    }
}

/// The named headers: lower case, each once, the list itself and the time among them.
fn names(list: &[u8]) -> Result<Vec<&str>, Rejection> {
    let malformed = |problem| Rejection::MalformedSignature {
        problem,
        length: list.len(),
    };
    let text = core::str::from_utf8(list).map_err(|_| malformed(SignatureProblem::Item))?;
    let mut names = Vec::new();
    for name in text.split(',') {
        if names.len() == MAX_NAMED {
            return Err(malformed(SignatureProblem::TooLong));
        }
        let plain = |byte: u8| {
            byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && !matches!(byte, b':' | b';')
        };
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(malformed(SignatureProblem::Item));
        }
        if names.contains(&name) {
            return Err(malformed(SignatureProblem::RepeatedField));
        }
        names.push(name);
    }
    if [NAMES, TIME].iter().all(|name| names.contains(name)) {
        Ok(names)
    } else {
        Err(malformed(SignatureProblem::MissingField))
    }
}

/// The named headers' values. One that is absent counts as empty: what was signed under
/// its name then decides.
fn values<'d>(request: &Request<'_, 'd>, names: &[&str]) -> Result<Vec<&'d [u8]>, Rejection> {
    let value = |name: &&str| {
        one_value(request.head.headers, &HeaderName::new(name))
            .map(Option::unwrap_or_default)
            .map_err(|_| Rejection::AmbiguousHeader {
                header: request
                    .slots
                    .index(name)
                    .map_or_else(HeaderSet::default, HeaderSet::of),
            })
    };
    names.iter().map(value).collect()
}

/// Whether the signed text can be cut into these headers and this body only: the list
/// then stands at one place, and each name on it at one too.
fn is_one_reading(method: &str, names: &[&str], values: &[&[u8]]) -> bool {
    let starts: Vec<String> = names.iter().map(|name| format!(";{name}:")).collect();
    let holds = |value: &[u8], start: &String| {
        let mut windows = value.windows(start.len());
        windows.any(|window| window == start.as_bytes())
    };
    method.bytes().all(|byte| byte.is_ascii_uppercase())
        && values
            .iter()
            .all(|value| !value.contains(&b'\n') && !starts.iter().any(|start| holds(value, start)))
}

/// Path and query as Contentful signs them: the query escaped whole, then both escaped
/// as a URI is, so that `?a=1` becomes `?a%253D1`.
fn signed_path(url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find(['/', '?']).and_then(|at| rest.get(at..));
    let (path, query) = match path.unwrap_or_default().split_once('?') {
        Some((path, query)) => (path, query),
        None => (path.unwrap_or_default(), ""),
    };
    let mut signed = escaped(if path.is_empty() { "/" } else { path }, URI);
    if !query.is_empty() {
        signed.push('?');
        signed.push_str(&escaped(&escaped(query, COMPONENT), URI));
    }
    signed
}

/// Every byte but letters, digits and those of `plain` as `%XX`.
fn escaped(text: &str, plain: &[u8]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || plain.contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

const NAMES: &str = "x-contentful-signed-headers";
const TIME: &str = "x-contentful-timestamp";
/// What ECMAScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &[u8] = b"-_.!~*'()";
/// What its `encodeURI` does.
const URI: &[u8] = b"-_.!~*'();,/?:@&=+$#";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_query_are_escaped() {
        for (url, signed) in [
            ("https://h.test", "/"),
            ("https://h.test/a/b#c", "/a/b"),
            ("https://h.test?", "/"),
            ("https://h.test/a%20b", "/a%2520b"),
            ("https://h.test/a?b=1&c=d e", "/a?b%253D1%2526c%253Dd%2520e"),
        ] {
            assert_eq!(signed_path(url), signed, "{url}");
        }
    }

    #[test]
    fn a_value_that_holds_a_name_has_two_readings() {
        let names = ["a", "b"];
        assert!(is_one_reading("GET", &names, &[b"x; q", b"y;c:1"]));
        assert!(!is_one_reading("GET", &names, &[b"x;b:y", b""]));
        assert!(!is_one_reading("GET", &names, &[b"x\ny", b""]));
        assert!(!is_one_reading("G\n", &names, &[b"", b""]));
    }
}
