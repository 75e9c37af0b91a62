//! Cloudflare Stream.

use super::prelude::*;

/// Cloudflare Stream: time and signature in one header, over time and body.
pub const CLOUDFLARE_STREAM: Scheme = Scheme {
    id: Borrowed("cloudflare_stream"),
    name: Borrowed("Cloudflare Stream"),
    docs: Borrowed("https://developers.cloudflare.com/stream/manage-video-library/using-webhooks/"),
    signature: header!("webhook-signature"),
    format: key_value!(',', "sig1"),
    key: UTF8_KEY,
    content: TIMESTAMP_DOT_BODY,
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::SignatureField(Borrowed("time")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: Window::new(ASSUMED_HORIZON_S, 300),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("video"),
            reason: Borrowed(
                "no event id; a video passes several states, so uid alone is too coarse",
            ),
            key: Borrowed(&[
                KeyPart::Json(JsonPath(Borrowed("uid"))),
                KeyPart::Json(JsonPath(Borrowed("status.state"))),
            ]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed("a body without uid and state; equal bytes count as one event"),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        tolerance: Borrowed("requests that are too old are to be discarded; no value is given"),
        rotation: Borrowed(
            "one secret per account, new with each call that sets the webhook's URL",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "the header's name is also Standard Webhooks' and GoCardless's; time= and sig1= tell it apart",
            ),
            Borrowed("no tolerance is given: 72 h past, as retries may carry the first time"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
