//! An event id in a header that is another one than the signed body's: what moved it?

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::cause::Cause;
use super::finding::Mistake;
use crate::scheme::Scheme;
use crate::{HeaderName, Headers};

/// What the transform is called, and what it makes of an id.
type Transform = (&'static str, fn(&str) -> String);

/// The transforms that middleware does to ids.
const TRANSFORMS: &[Transform] = &[
    ("blanks around it", |id| id.trim().to_string()),
    ("lower case", |id| id.to_ascii_lowercase()),
    ("upper case", |id| id.to_ascii_uppercase()),
    ("quotes around it removed", |id| {
        id.trim_matches(['"', '\'']).to_string()
    }),
    ("percent codes decoded", |id| {
        percent_decode_str(id).decode_utf8_lossy().into_owned()
    }),
    ("hyphens removed", |id| id.replace('-', "")),
    ("underscores for hyphens", |id| id.replace('-', "_")),
    ("leading zeros removed", |id| {
        id.trim_start_matches('0').to_string()
    }),
    ("written as Base64", |id| STANDARD.encode(id)),
    ("the first of a list", |id| {
        id.split(',').next().unwrap_or_default().trim().to_string()
    }),
    ("the last of a list", |id| {
        id.rsplit(',').next().unwrap_or_default().trim().to_string()
    }),
    ("a number printed again", |id| {
        id.parse::<f64>()
            .map_or_else(|_| id.to_string(), |number| number.to_string())
    }),
];

/// What is known of a mismatch in a genuine delivery.
pub(super) fn mismatch(
    scheme: &Scheme,
    headers: &dyn Headers,
    body: &[u8],
    by_route: bool,
) -> Mistake {
    if by_route {
        return Mistake {
            cause: Cause::EventIdMismatch,
            detail: alloc::vec![("by", "route".into())],
            fix: "The signed body does not belong to the route it was posted to. If the provider sent it there, the routes of the reverse proxy are mixed up; otherwise it is a captured delivery.".into(),
        };
    }
    let mut detail: Vec<(&'static str, super::DetailValue)> = alloc::vec![("by", "header".into())];
    let rule = scheme.event_id.as_ref();
    let header = rule
        .and_then(|rule| rule.header.as_deref())
        .unwrap_or_default();
    detail.push(("header", header.into()));
    let name = HeaderName::new(header);
    let mut of_header = String::new();
    headers.visit(&name, &mut |value| {
        of_header = String::from_utf8_lossy(value.trim_ascii()).into_owned();
    });
    let of_body = rule.and_then(|rule| rule.json.as_ref()).and_then(|path| {
        let mut value: &Value = &serde_json::from_slice(body).ok()?;
        for segment in path.segments() {
            value = value.get(segment)?;
        }
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    });
    let transform = of_body.and_then(|of_body| transform(&of_header, &of_body));
    let words = transform.unwrap_or("none that is known: another id");
    detail.push(("transform", words.into()));
    Mistake {
        cause: Cause::EventIdMismatch,
        detail,
        fix: match transform {
            Some(words) => alloc::format!(
                "The signature is right, and the header `{header}` was changed on its way ({words}). Look for the middleware that writes it, and pass it on as it came."
            ),
            None => alloc::format!(
                "The signature is right, and the header `{header}` names another event. Middleware put in an id of its own (a request id), or somebody posts a captured body under a new id."
            ),
        },
    }
}

/// The transform that makes one id of the other, in either direction.
fn transform(header: &str, body: &str) -> Option<&'static str> {
    let known = TRANSFORMS
        .iter()
        .find(|(_, change)| change(header) == body || change(body) == header);
    known.map(|(words, _)| *words).or_else(|| {
        let is_part = |a: &str, b: &str| b.len() >= 4 && a.len() > b.len() && a.contains(b);
        if is_part(header, body) {
            Some("something added to it")
        } else if is_part(body, header) {
            Some("cut")
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_transform_is_named() {
        for (header, body, words) in [
            ("EVT_1", "evt_1", "lower case"),
            ("evt_1", "EVT_1", "lower case"),
            ("\"evt_1\"", "evt_1", "quotes around it removed"),
            ("evt%5F1", "evt_1", "percent codes decoded"),
            ("a1b2", "a-1-b-2", "hyphens removed"),
            ("0017", "17", "leading zeros removed"),
            ("ZXZ0XzE=", "evt_1", "written as Base64"),
            ("evt_1, evt_2", "evt_1", "the first of a list"),
            ("prod:evt_1", "evt_1", "something added to it"),
            ("evt_", "evt_1", "cut"),
        ] {
            assert_eq!(transform(header, body), Some(words), "{header} {body}");
        }
        assert_eq!(transform("req_1", "evt_2"), None);
    }
}
