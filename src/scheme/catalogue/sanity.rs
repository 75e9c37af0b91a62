//! Sanity.

use super::prelude::*;

/// Sanity: the shape of Stripe's header, in milliseconds and URL-safe Base64.
pub const SANITY: Scheme = Scheme {
    id: Borrowed("sanity"),
    name: Borrowed("Sanity"),
    docs: Borrowed("https://github.com/sanity-io/webhook-toolkit"),
    signature: header!("sanity-webhook-signature"),
    format: key_value!(',', "v1"),
    encoding: Encoding::Base64Url,
    key: UTF8_KEY,
    content: TIMESTAMP_DOT_BODY,
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::SignatureField(Borrowed("t")),
        unit: TimestampUnit::Milliseconds,
        optional: false,
    }]),
    window: Window::new(3600, 300),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("delivery"),
        reason: Borrowed(
            "a body is what the projection makes of a document, so equal bytes can be two changes, which the unsigned idempotency key splits",
        ),
        key: Borrowed(&[
            KeyPart::BodyDigest,
            KeyPart::Header(Borrowed("idempotency-key")),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[30, 30]),
        },
        timeout_s: Some(30),
        tolerance: Borrowed("not documented; the official library checks no time"),
        rotation: Borrowed(
            "one secret per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "the time is in milliseconds; the signature is URL-safe Base64 without padding",
            ),
            Borrowed("no tolerance is documented: an hour past, since deliveries may be late"),
            Borrowed("only 429 and 5xx are retried, twice at 30 s"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
