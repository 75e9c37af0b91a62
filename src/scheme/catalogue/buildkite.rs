//! Buildkite.

use super::prelude::*;

/// Buildkite: time and signature in one header, over time and body.
pub const BUILDKITE: Scheme = Scheme {
    id: Borrowed("buildkite"),
    name: Borrowed("Buildkite"),
    docs: Borrowed("https://buildkite.com/docs/apis/webhooks/pipelines"),
    signature: header!("x-buildkite-signature"),
    format: key_value!(',', "signature"),
    key: UTF8_KEY,
    content: TIMESTAMP_DOT_BODY,
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::SignatureField(Borrowed("timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: Window::new(ASSUMED_HORIZON_S, 300),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no id; a body holds the state and times of its build or job, so equal bytes are one event",
        ),
        key: Borrowed(&[
            KeyPart::BodyDigest,
            KeyPart::Header(Borrowed("x-buildkite-event")),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        rotation: Borrowed(
            "one token per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "X-Buildkite-Token is the other way: the token in clear, which covers nothing; choose the signature",
            ),
            Borrowed("no tolerance is documented: 72 h past, as retries may carry the first time"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
