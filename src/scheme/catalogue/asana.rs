//! Asana.

use super::prelude::*;

/// Asana: the body alone, under a secret that the first request brings.
pub const ASANA: Scheme = Scheme {
    id: Borrowed("asana"),
    name: Borrowed("Asana"),
    docs: Borrowed("https://developers.asana.com/docs/webhooks-guide"),
    signature: header!("x-hook-signature"),
    key: UTF8_KEY,
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "events have no ids but the time of the change; heartbeats are equal bytes, and merging them does no harm",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    challenge: Challenge::EchoHeader {
        header: Borrowed("x-hook-secret"),
    },
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 24 * 3600,
        },
        timeout_s: Some(10),
        rotation: Borrowed(
            "each webhook has its own secret for life; make a new webhook for a new one",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "the secret comes in X-Hook-Secret of the first request: send it back in the same header and keep it",
            ),
            Borrowed(
                "whoever reaches the endpoint can send X-Hook-Secret: accept one only while a webhook is being made",
            ),
            Borrowed(
                "a heartbeat with no events comes every 8 hours; without a success for 24 hours the webhook is deleted",
            ),
            Borrowed("410 deletes the webhook"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
