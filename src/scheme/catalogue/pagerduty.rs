//! PagerDuty.

use super::prelude::*;

/// PagerDuty v3: the body alone, a signature for each active secret.
pub const PAGERDUTY: Scheme = Scheme {
    id: Borrowed("pagerduty"),
    name: Borrowed("PagerDuty v3"),
    docs: Borrowed("https://developer.pagerduty.com/docs/webhooks/04-Signatures.md"),
    signature: header!("x-pagerduty-signature"),
    format: key_value!(',', "v1"),
    key: UTF8_KEY,
    event_id: Some(EventIdRule {
        header: None,
        json: Some(JsonPath(Borrowed("event.id"))),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed("the signed body's event.id is the same on every attempt"),
            key: Borrowed(&[KeyPart::EventId]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed("a body without an id; equal bytes count as one event"),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 48 * 3600,
        },
        timeout_s: Some(5),
        rotation: Borrowed("old and new sign side by side as several v1 values"),
        quirks: Borrowed(&[
            Borrowed("the secret looks like Base64 and is not decoded"),
            Borrowed(
                "while one delivery fails, later ones of the same resource wait; three lost ones disable the webhook for a day",
            ),
            Borrowed("custom incident actions wait 16 s for the answer, all others 5 s"),
            Borrowed(
                "no time is signed: a delivery stays valid, so only the dedupe store stops a replay",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
