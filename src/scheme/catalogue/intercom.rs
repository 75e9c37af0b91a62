//! Intercom.

use super::prelude::*;

/// Intercom: HMAC-SHA1 over the body alone; the notification in it has an id.
pub const INTERCOM: Scheme = Scheme {
    id: Borrowed("intercom"),
    name: Borrowed("Intercom"),
    docs: Borrowed("https://developers.intercom.com/docs/webhooks/webhook-notifications"),
    signature: header!("x-hub-signature"),
    format: bare!("sha1="),
    algorithm: Algorithm::HmacSha1,
    key: UTF8_KEY,
    event_id: Some(EventIdRule {
        header: None,
        json: Some(ID),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("ping"),
            reason: Borrowed("a ping has a null for an id and nothing to process"),
            equals: Borrowed(&[FieldEquals {
                json: JsonPath(Borrowed("topic")),
                value: Borrowed("ping"),
            }]),
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("notification"),
            reason: Borrowed(
                "the signed body's id stays on a retry; delivery_attempts changes the body",
            ),
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
    challenge: Challenge::Status,
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[60]),
        },
        timeout_s: Some(5),
        rotation: Borrowed(
            "the secret is the app's client secret; an overlap of old and new is not documented",
        ),
        quirks: Borrowed(&[
            Borrowed("SHA-1 in X-Hub-Signature, a name that GitHub and Bitbucket use too"),
            Borrowed("a HEAD request comes when the endpoint is saved; any 2xx serves"),
            Borrowed("one retry after a minute, and no more"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
