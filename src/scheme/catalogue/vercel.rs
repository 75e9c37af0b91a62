//! Vercel.

use super::prelude::*;

/// Vercel: HMAC-SHA1 over the body alone; the id is in the body.
pub const VERCEL: Scheme = Scheme {
    id: Borrowed("vercel"),
    name: Borrowed("Vercel"),
    docs: Borrowed("https://vercel.com/docs/webhooks/webhooks-api"),
    signature: header!("x-vercel-signature"),
    algorithm: Algorithm::HmacSha1,
    key: UTF8_KEY,
    event_id: Some(EventIdRule {
        header: None,
        json: Some(ID),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed("the signed body's id names the delivery's event"),
            key: Borrowed(&[KeyPart::EventId]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed("log drains send lists without an id; equal bytes count as one"),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 24 * 3600,
        },
        timeout_s: Some(30),
        rotation: Borrowed(
            "a secret per webhook, shown once; an overlap of old and new is not documented",
        ),
        quirks: Borrowed(&[
            Borrowed("an integration's webhooks are signed with its client secret"),
            Borrowed(
                "no time is signed: a delivery stays valid, so only the dedupe store stops a replay",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
