//! Xero.

use super::prelude::*;

/// Xero: the body alone, a batch of thin events.
pub const XERO: Scheme = Scheme {
    id: Borrowed("xero"),
    name: Borrowed("Xero"),
    docs: Borrowed("https://developer.xero.com/documentation/guides/webhooks/overview/"),
    signature: header!("x-xero-signature"),
    encoding: Encoding::Base64,
    key: UTF8_KEY,
    batch: Some(BatchRule {
        items: JsonPath(Borrowed("events[].resourceId")),
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no id names the batch; it holds the numbers of its first and last event, so equal bytes are one delivery",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    challenge: Challenge::Status,
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 24 * 3600,
        },
        timeout_s: Some(5),
        success: SuccessAnswer::Exactly(200),
        rotation: Borrowed("one key per app; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed("the key looks like Base64 and is not decoded"),
            Borrowed(
                "to see who answers, Xero sends good and bad signatures: 200 for the good, 401 for the bad, empty bodies, no cookies",
            ),
            Borrowed(
                "an event names what changed, not the change: a resourceId comes again with each, tell them by eventType and eventDateUtc",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
