//! Stripe.

use super::prelude::*;

/// Stripe: time and signatures in one header; the id is in the body.
pub const STRIPE: Scheme = Scheme {
    id: Borrowed("stripe"),
    name: Borrowed("Stripe"),
    docs: Borrowed("https://docs.stripe.com/webhooks/signature"),
    signature: header!("stripe-signature"),
    format: Format::KeyValue {
        separator: ',',
        signature_key: Borrowed("v1"),
    },
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("sk_"),
                is: Borrowed("Stripe's secret API key"),
            },
            RefusedPrefix {
                prefix: Borrowed("rk_"),
                is: Borrowed("a restricted API key of Stripe"),
            },
            RefusedPrefix {
                prefix: Borrowed("pk_"),
                is: Borrowed("Stripe's publishable key"),
            },
        ]),
        ..UTF8_KEY
    },
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
            reason: Borrowed(
                "a body without an id is no event of the API; equal bytes count as one",
            ),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 3 * 24 * 3600,
        },
        tolerance: Borrowed("300 s in the official libraries, only too old is refused"),
        rotation: Borrowed("old and new sign side by side as several v1 values for up to 24 hours"),
        quirks: Borrowed(&[
            Borrowed("the whsec_ secret is used as it is, not Base64-decoded"),
            Borrowed("v0 values are test signatures of another algorithm and skipped"),
            Borrowed("the official libraries set no limit on future times; 300 s here"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
