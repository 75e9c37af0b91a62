//! Mistakes of the body: printed again, its ends and lines, its characters, nothing.

use countersign::diagnose::Cause;

use super::super::json;
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("printed again", |maker| {
        let seed = maker.random.clone();
        let place = maker.random.below(json::PAIRS.len());
        let (_, signed, arrived) = json::PAIRS[place];
        let signed = json::event(signed, &mut seed.clone());
        let arrived = json::event(arrived, &mut seed.clone());
        maker.body(
            Cause::BodyReserialized,
            signed.as_bytes(),
            arrived.as_bytes(),
        )
    }),
    ("a newline added", |maker| {
        let body = maker.event();
        let end = maker.pick(&["\n", "\r\n"]);
        maker.body(
            Cause::BodyNewline,
            body.as_bytes(),
            format!("{body}{end}").as_bytes(),
        )
    }),
    ("a newline lost", |maker| {
        let body = maker.event();
        let end = maker.pick(&["\n", "\r\n"]);
        maker.body(
            Cause::BodyNewline,
            format!("{body}{end}").as_bytes(),
            body.as_bytes(),
        )
    }),
    ("line ends changed", |maker| {
        let body = maker.pretty();
        let other = body.replace('\n', "\r\n");
        let (signed, arrived) = maker.pick(&[(&body, &other), (&other, &body)]);
        maker.body(
            Cause::BodyLineEndings,
            signed.as_bytes(),
            arrived.as_bytes(),
        )
    }),
    ("a byte order mark", |maker| {
        let body = maker.event();
        let other = format!("\u{feff}{body}");
        let (signed, arrived) = maker.pick(&[(&body, &other), (&other, &body)]);
        maker.body(Cause::BodyBom, signed.as_bytes(), arrived.as_bytes())
    }),
    ("blanks around the body", |maker| {
        let body = maker.event();
        let start = maker.pick(&[" ", ""]);
        let end = if start.is_empty() { " " } else { "" };
        let other = format!("{start}{body}{end}");
        let (signed, arrived) = maker.pick(&[(&body, &other), (&other, &body)]);
        maker.body(Cause::BodyTrimmed, signed.as_bytes(), arrived.as_bytes())
    }),
    ("another character set", |maker| {
        let body = maker.event();
        let latin: Vec<u8> = body
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        let (signed, arrived) = match maker.random.below(3) {
            0 => (body.clone().into_bytes(), latin),
            1 => (latin, body.into_bytes()),
            // The sender's Latin-1, decoded as UTF-8.
            _ => (
                latin.clone(),
                String::from_utf8_lossy(&latin).into_owned().into_bytes(),
            ),
        };
        if maker.has_time_in_body() && core::str::from_utf8(&signed).is_err() {
            return None;
        }
        maker.body(Cause::BodyCharset, &signed, &arrived)
    }),
    ("consumed", |maker| {
        let body = maker.event();
        let mut made = maker.body(Cause::BodyEmpty, body.as_bytes(), b"")?;
        made.sent
            .headers
            .push(("Content-Length".into(), body.len().to_string()));
        made.unproven()
    }),
    ("nothing signed", |maker| {
        if maker.has_time_in_body() {
            return None;
        }
        let body = maker.event();
        maker.body(Cause::BodyEmpty, b"", body.as_bytes())
    }),
];
