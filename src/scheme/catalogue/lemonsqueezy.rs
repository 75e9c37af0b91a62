//! Lemon Squeezy.

use super::prelude::*;

/// Lemon Squeezy: the body alone.
pub const LEMONSQUEEZY: Scheme = Scheme {
    id: Borrowed("lemonsqueezy"),
    name: Borrowed("Lemon Squeezy"),
    docs: Borrowed("https://docs.lemonsqueezy.com/help/webhooks/signing-requests"),
    signature: header!("x-signature"),
    key: KeyRules {
        min_bytes: 6,
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no event id; data.id names an object that changes often, and the body holds event name and time of change",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[5, 25, 125]),
        },
        success: SuccessAnswer::Exactly(200),
        rotation: Borrowed(
            "one secret per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("secrets of 6 to 40 characters are taken: choose 40"),
            Borrowed("three retries within 3 minutes, and no more: be quick, or resend by hand"),
            Borrowed("X-Event-Name is not signed; meta.event_name of the body is"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
