//! Discord's pings: one that wants a pong, and one that wants nothing.

use super::Judged;
use super::echo::as_json;
use crate::Reply;
use crate::scheme::{JsonPath, Text};
use crate::verify::{Value, json_fields};

const TYPE: JsonPath = JsonPath(Text::Borrowed("type"));
/// A webhook event has this field, and its type is 1 as well.
const EVENT: JsonPath = JsonPath(Text::Borrowed("event"));

/// A ping of type 1 is an interaction's; one of type 0 is that of webhook events, which
/// wants a media type and no body.
pub(super) fn judge(body: &[u8]) -> Judged {
    match json_fields(body, [&TYPE, &EVENT]) {
        [Value::Integer("1"), Value::Absent] => Some(Ok(as_json(r#"{"type":1}"#.into()))),
        [Value::Integer("0"), Value::Absent] => Some(Ok(Reply::json("").status(204))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pings_are_told_from_events() {
        let body = |body: &str| judge(body.as_bytes());
        let pong = body(r#"{"id":"7","type":1,"version":1}"#).unwrap().unwrap();
        assert_eq!(pong.body(), br#"{"type":1}"#);
        let silent = body(r#"{"version":1,"type":0}"#).unwrap().unwrap();
        assert_eq!(silent.wished_status(), Some(204));
        assert!(silent.body().is_empty() && silent.content_type().is_some());
        for other in [
            r#"{"version":1,"type":1,"event":{"type":"ENTITLEMENT_CREATE"}}"#,
            r#"{"id":"7","type":2}"#,
            r#"{"type":"1"}"#,
            r#"{"type":1,"type":1}"#,
            r#"{"data":{"type":1}}"#,
            "type=1",
        ] {
            assert!(body(other).is_none(), "{other}");
        }
    }
}
