//! Mistakes of form bodies: decoded or encoded again.

use countersign::diagnose::Cause;

use super::super::maker::Maker;
use super::super::refused::Refused;
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("a form written again", |maker| {
        let name = maker.random.word(8);
        let signed = format!(
            "event=payment%20done&id=evt_0001&event_id=evt_0001&transactionId=1&name={name}%2F%C3%A9"
        );
        let arrived = match maker.random.below(3) {
            0 => signed.replace("%20", "+"),
            1 => signed.replace("%2F%C3%A9", "%2f%c3%a9"),
            _ => signed.replace("%20", " ").replace("%2F%C3%A9", "/é"),
        };
        if maker.scheme.event_id.is_some() && maker.scheme.event_id.as_ref().unwrap().required {
            return None;
        }
        form(maker, &signed, &arrived)
    }),
    ("the payload of a form", |maker| {
        let body = maker.event();
        let encoded =
            percent_encoding::utf8_percent_encode(&body, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        let encoded = encoded
            .replace("%20", "+")
            .replace("%5F", "_")
            .replace("%2E", ".")
            .replace("%2D", "-")
            .replace("%2A", "*");
        form(maker, &format!("payload={encoded}"), &body)
    }),
];

/// A form body, for schemes that name no event by a field of it.
fn form(maker: &mut Maker<'_>, signed: &str, arrived: &str) -> Option<Refused> {
    // Where fields are signed, it does not matter how they are written.
    if maker.has_time_in_body() || maker.signs_form() {
        return None;
    }
    maker.body(Cause::BodyUrlencoded, signed.as_bytes(), arrived.as_bytes())
}
