//! Mux.

use super::prelude::*;

/// Mux: the shape of Stripe's header; the id is in the body.
pub const MUX: Scheme = Scheme {
    id: Borrowed("mux"),
    name: Borrowed("Mux"),
    docs: Borrowed("https://mux.com/docs/core/verify-webhook-signatures"),
    signature: header!("mux-signature"),
    format: key_value!(',', "v1"),
    key: UTF8_KEY,
    content: TIMESTAMP_DOT_BODY,
    timestamp: Borrowed(&[T_IN_SIGNATURE]),
    window: Window::new(300, 300),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(ID),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed("the signed body's id is the same on every attempt"),
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
            horizon_s: 24 * 3600,
        },
        tolerance: Borrowed("300 s in the official libraries, only too old is refused"),
        rotation: Borrowed("a secret per webhook; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed("each endpoint has its own secret"),
            Borrowed("the official libraries set no limit on future times; 300 s here"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
