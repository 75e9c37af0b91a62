//! Zendesk.

use super::prelude::*;

/// Zendesk: ISO time and body.
pub const ZENDESK: Scheme = Scheme {
    id: Borrowed("zendesk"),
    name: Borrowed("Zendesk"),
    docs: Borrowed("https://developer.zendesk.com/documentation/webhooks/verifying/"),
    signature: header!("x-zendesk-webhook-signature"),
    encoding: Encoding::Base64,
    key: UTF8_KEY,
    // No separator is needed: no RFC 3339 time with a zone begins another one.
    content: Template(Borrowed(&[Part::Timestamp, Part::Body])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("x-zendesk-webhook-signature-timestamp")),
        unit: TimestampUnit::Iso8601,
        optional: false,
    }]),
    window: Window::new(3600, 300),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed(
                "an event of Zendesk's own form has an id; a trigger's body is the user's, and its `id` may be a ticket's",
            ),
            has: Borrowed(&[JsonPath(Borrowed("zendesk_event_version"))]),
            key: Borrowed(&[KeyPart::Json(ID)]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("invocation"),
            reason: Borrowed(
                "equal bytes can be two invocations of a trigger, which the unsigned invocation id splits",
            ),
            key: Borrowed(&[
                KeyPart::BodyDigest,
                KeyPart::Header(Borrowed("x-zendesk-webhook-invocation-id")),
            ]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        // Five at most, each within a minute of the one before.
        retries: Retries::Until { horizon_s: 300 },
        timeout_s: Some(10),
        rotation: Borrowed(
            "one secret per webhook, replaced at once; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("the secret looks like Base64 and is not decoded"),
            Borrowed(
                "503 and 429 are retried only with a Retry-After of less than 60 s; 409 is retried 3 times at once",
            ),
            Borrowed("a trigger may use any method and any body, JSON, XML or a form"),
            Borrowed(
                "no tolerance is documented: an hour past, beyond the few minutes of its retries",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
