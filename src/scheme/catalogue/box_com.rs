//! Box.

use super::prelude::*;

/// Box: body and time under two keys, a header for each; version and algorithm are fixed.
pub const BOX: Scheme = Scheme {
    id: Borrowed("box"),
    name: Borrowed("Box"),
    docs: Borrowed("https://developer.box.com/guides/webhooks/v2/signatures-v2/"),
    signature: SignatureSource::Header {
        name: Borrowed("box-signature-primary"),
        also: Borrowed(&[Borrowed("box-signature-secondary")]),
    },
    encoding: Encoding::Base64,
    key: UTF8_KEY,
    // No separator is needed: no RFC 3339 time with a zone ends another one.
    content: Template(Borrowed(&[Part::Body, Part::Timestamp])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("box-delivery-timestamp")),
        unit: TimestampUnit::Iso8601,
        optional: false,
    }]),
    window: Window::new(600, 300),
    require: Borrowed(&[
        FixedHeader {
            name: Borrowed("box-signature-version"),
            value: Borrowed("1"),
        },
        FixedHeader {
            name: Borrowed("box-signature-algorithm"),
            value: Borrowed("HmacSHA256"),
        },
    ]),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(ID),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed("the signed body's id stays on a retry; box-delivery-id changes"),
            key: Borrowed(&[KeyPart::EventId]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed("a body without an id; equal bytes count as one event"),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 2 * 3600,
        },
        timeout_s: Some(30),
        tolerance: Borrowed("600 s, only too old is refused"),
        rotation: Borrowed(
            "a primary and a secondary key sign side by side; replace one at a time",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "the time follows the body in the signed text, as sent and without a separator",
            ),
            Borrowed(
                "letters beyond ASCII come as \\u escapes: parsing and printing the body changes them",
            ),
            Borrowed("up to 12 attempts in about 2 hours; box-delivery-id is new on each"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
