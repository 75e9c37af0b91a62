//! Coinbase Commerce.

use super::prelude::*;

/// Coinbase Commerce: the body alone; the event inside it has the id.
pub const COINBASE_COMMERCE: Scheme = Scheme {
    id: Borrowed("coinbase_commerce"),
    name: Borrowed("Coinbase Commerce"),
    docs: Borrowed("https://docs.cdp.coinbase.com/commerce-onchain/docs/webhooks-security"),
    signature: header!("x-cc-webhook-signature"),
    key: UTF8_KEY,
    event_id: Some(EventIdRule {
        header: None,
        json: Some(JsonPath(Borrowed("event.id"))),
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("event"),
        reason: Borrowed(
            "event.id is the same on every attempt; the outer id and attempt_number are the delivery's",
        ),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 3 * 24 * 3600,
        },
        rotation: Borrowed(
            "one shared secret per account; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("a retry has another body (attempt_number), so the body's digest is no key"),
            Borrowed(
                "no time is signed: a delivery stays valid, so only the dedupe store stops a replay",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
