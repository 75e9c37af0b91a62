//! GoCardless.

use super::prelude::*;

/// GoCardless: the body alone, a batch of events.
pub const GOCARDLESS: Scheme = Scheme {
    id: Borrowed("gocardless"),
    name: Borrowed("GoCardless"),
    docs: Borrowed(
        "https://developer.gocardless.com/getting-started/api/staying-up-to-date-with-webhooks/",
    ),
    signature: header!("webhook-signature"),
    key: UTF8_KEY,
    event_id: Some(EventIdRule {
        header: None,
        json: Some(JsonPath(Borrowed("meta.webhook_id"))),
        required: false,
    }),
    batch: Some(BatchRule {
        items: JsonPath(Borrowed("events[].id")),
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("webhook"),
            reason: Borrowed(
                "the signed body's meta.webhook_id names the batch, which a retry sends again whole",
            ),
            key: Borrowed(&[KeyPart::EventId]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed(
                "older bodies have no meta; each event in them has its id, so equal bytes are one batch",
            ),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        timeout_s: Some(10),
        rotation: Borrowed(
            "one secret per endpoint; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "a batch: the claim is for the whole, and each event's id goes to the handler",
            ),
            Borrowed("up to 8 attempts at increasing intervals; the last one's is not documented"),
            Borrowed("the sender's documentation answers a wrong signature 498; any 4xx serves"),
            Borrowed(
                "the header's name is also Standard Webhooks' and Cloudflare Stream's; here it is bare hexadecimal",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
