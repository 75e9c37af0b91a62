//! Deliveries that are signed as they must be, and refused for something else.

use countersign::diagnose::Cause;

use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("a body over the cap", |maker| {
        let mut made = maker.genuine(Cause::SignatureMatches);
        made.scheme.body_limit = u64::try_from(made.sent.body.len()).unwrap() - 1;
        Some(made)
    }),
    ("no event id", |maker| {
        let rule = maker.scheme.event_id.clone().filter(|rule| rule.required)?;
        let member = format!(r#""{}":"evt_0001","#, rule.json?.0);
        let body = maker.event().replace(&member, "");
        maker.genuine_with(body.as_bytes(), Cause::SignatureMatches)
    }),
    ("an event id that is a list", |maker| {
        let path = maker.scheme.event_id.clone()?.json?;
        let body = maker.event();
        let list = format!(r#""{}":["evt_0001"]"#, path.0);
        let other = body.replace(&format!(r#""{}":"evt_0001""#, path.0), &list);
        if other == body {
            return None;
        }
        maker.genuine_with(other.as_bytes(), Cause::SignatureMatches)
    }),
];
