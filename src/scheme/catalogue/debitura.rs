//! Debitura.

use super::prelude::*;

/// Debitura: the shape of Stripe's header with a Base64 key, 30 s into the future.
pub const DEBITURA: Scheme = Scheme {
    id: Borrowed("debitura"),
    name: Borrowed("Debitura"),
    docs: Borrowed("https://docs.debitura.com/developer-concepts/webhooks"),
    signature: header!("x-debitura-signature"),
    format: Format::KeyValue {
        separator: ',',
        signature_key: Borrowed("v1"),
    },
    key: KeyRules {
        form: KeyForm::Base64,
        ..UTF8_KEY
    },
    content: TIMESTAMP_DOT_BODY,
    timestamp: Borrowed(&[T_IN_SIGNATURE]),
    window: Window::new(300, 30),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(ID),
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("event"),
        reason: Borrowed("the signed body's id is the same on every attempt and replay"),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[60, 120, 240, 480, 960, 1800, 1800]),
        },
        timeout_s: Some(10),
        tolerance: Borrowed("300 s past, 30 s future"),
        rotation: Borrowed("regenerated in the API; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed("the secret is Base64 and decoded first; the v1 value is hexadecimal"),
            Borrowed("X-Debitura-Timestamp, -Event and -Replay are not signed and decide nothing"),
            Borrowed("410 disables the subscription at once, 8 failures in a row do so too"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
