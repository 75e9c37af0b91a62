//! Calendly.

use super::prelude::*;

/// Calendly: the shape of Stripe's header, 180 s into the past.
pub const CALENDLY: Scheme = Scheme {
    id: Borrowed("calendly"),
    name: Borrowed("Calendly"),
    docs: Borrowed("https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures"),
    signature: header!("calendly-webhook-signature"),
    format: key_value!(',', "v1"),
    key: UTF8_KEY,
    content: TIMESTAMP_DOT_BODY,
    timestamp: Borrowed(&[T_IN_SIGNATURE]),
    window: Window::new(180, 300),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no id; a body holds its event and the time it was made, so equal bytes are one event",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 24 * 3600,
        },
        tolerance: Borrowed("180 s, only too old is refused"),
        rotation: Borrowed(
            "a key per webhook subscription or app; an overlap of old and new is not documented",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "without a signing key, which is optional for personal tokens, the header is absent",
            ),
            Borrowed("a subscription that fails for 24 hours is disabled"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
