//! OpenPoly.

use super::prelude::*;

/// `OpenPoly` (headers say Polynion): ISO time and body; the unsigned id header
/// must agree with the signed body.
pub const OPENPOLY: Scheme = Scheme {
    id: Borrowed("openpoly"),
    name: Borrowed("OpenPoly"),
    docs: Borrowed("https://operator-docs.openpoly.app/docs/webhooks/signatures"),
    signature: header!("x-polynion-signature"),
    format: Format::Bare {
        prefix: Borrowed("v1="),
    },
    key: UTF8_KEY,
    content: TIMESTAMP_DOT_BODY,
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("x-polynion-timestamp")),
        unit: TimestampUnit::Iso8601,
        optional: false,
    }]),
    window: Window::new(300, 300),
    event_id: Some(EventIdRule {
        header: Some(Borrowed("x-polynion-event-id")),
        json: Some(JsonPath(Borrowed("event_id"))),
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("event"),
        reason: Borrowed("the signed body's event_id; the header's must equal it"),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        timeout_s: Some(5),
        tolerance: Borrowed("300 s both sides"),
        rotation: Borrowed("a secret per environment; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed(
                "the timestamp's text is signed as sent; printing it again changes the digest",
            ),
            Borrowed("the whsec_ secret is used as it is, not Base64-decoded"),
            Borrowed(
                "the provider's sample answers a duplicate 409; 200 stops the retries for certain",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
