//! Linear.

use super::prelude::*;

/// Linear: the body alone, which holds its time.
pub const LINEAR: Scheme = Scheme {
    id: Borrowed("linear"),
    name: Borrowed("Linear"),
    docs: Borrowed("https://linear.app/developers/webhooks"),
    signature: header!("linear-signature"),
    key: UTF8_KEY,
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Json(JsonPath(Borrowed("webhookTimestamp"))),
        unit: TimestampUnit::Milliseconds,
        optional: true,
    }]),
    window: Window::new(60, 60),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no signed id; the body holds its time in milliseconds, so equal bytes are one delivery and Linear-Delivery need not split them",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[60, 3600, 21600]),
        },
        timeout_s: Some(5),
        success: SuccessAnswer::Exactly(200),
        tolerance: Borrowed("60 s both sides"),
        rotation: Borrowed(
            "one secret per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "the unsigned header linear-timestamp is not read: a fresh one must not rescue a stale signed body",
            ),
            Borrowed(
                "webhookId is the webhook's, not the delivery's; the unsigned Linear-Delivery names that",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
