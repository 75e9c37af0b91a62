//! Mistakes of headers: dropped, renamed, repeated, another event's id.

use countersign::diagnose::Cause;
use countersign::scheme::{Dedupe, JsonPath, SignatureSource};
use serde_json::Value;

use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("headers dropped", |maker| {
        let names: Vec<String> = maker
            .scheme
            .required_headers()
            .iter()
            .map(|name| (*name).to_owned())
            .collect();
        let SignatureSource::Header {
            name: signature, ..
        } = &maker.scheme.signature.clone()
        else {
            return None;
        };
        assert!(names.iter().any(|name| name == signature));
        let mut made = maker.genuine(Cause::HeadersMissing);
        made.sent
            .headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case(signature));
        made.unproven()
    }),
    ("headers renamed", |maker| {
        let SignatureSource::Header { name, .. } = &maker.scheme.signature.clone() else {
            return None;
        };
        let way = maker.random.below(4);
        let mut made = maker.genuine(Cause::HeadersRenamed);
        let header = made
            .sent
            .headers
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .unwrap();
        header.0 = match way {
            0 => name.replace('-', "_"),
            1 => format!("HTTP_{}", name.replace('-', "_").to_uppercase()),
            2 => format!("x-forwarded-{name}"),
            _ => format!("X-Original-{name}"),
        };
        if header.0 == *name {
            return None;
        }
        Some(made)
    }),
    ("a header repeated", |maker| {
        let SignatureSource::Header { name, .. } = &maker.scheme.signature.clone() else {
            return None;
        };
        let first = maker.pick(&[true, false]);
        let mut made = maker.genuine(Cause::HeaderRepeated);
        let other = (
            name.to_string(),
            made.sent
                .header(name)
                .replace(['1', '2', '3', 'a', 'b', 'c'], "0"),
        );
        if other.1 == *made.sent.header(name) {
            return None;
        }
        made.sent
            .headers
            .insert(if first { 0 } else { made.sent.headers.len() }, other);
        Some(made)
    }),
    ("a body at another route", |maker| {
        let Dedupe::Rules(rules) = maker.scheme.dedupe.clone() else {
            return None;
        };
        let mut made = maker.genuine(Cause::EventIdMismatch);
        let body: Value = serde_json::from_slice(&made.sent.body).ok()?;
        // Fields of one segment: those are all that routes want.
        let lacks = |path: &JsonPath| body.get(path.0.as_ref()).is_none();
        let route = rules.iter().find_map(|rule| {
            let is_other = rule.has.iter().any(lacks);
            rule.route.as_ref().filter(|_| is_other)
        })?;
        made.sent.url = format!("https://shop.example{route}");
        Some(made)
    }),
    ("another event's id", |maker| {
        let rule = maker.scheme.event_id.clone()?;
        let (Some(header), Some(_)) = (&rule.header, &rule.json) else {
            return None;
        };
        if maker.scheme.content.to_string().contains(header.as_ref()) {
            return None;
        }
        let other = maker.pick(&["EVT_0001", "prod:evt_0001", "req_77"]);
        let mut made = maker.genuine(Cause::EventIdMismatch);
        *made.sent.header(header) = other.into();
        Some(made)
    }),
];
