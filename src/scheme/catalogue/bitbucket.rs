//! Bitbucket Cloud.

use super::prelude::*;

/// Bitbucket Cloud: the body alone; request id and event name split equal bytes.
pub const BITBUCKET: Scheme = Scheme {
    id: Borrowed("bitbucket"),
    name: Borrowed("Bitbucket Cloud"),
    docs: Borrowed("https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/"),
    signature: header!("x-hub-signature"),
    format: bare!("sha256="),
    key: UTF8_KEY,
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("delivery"),
        reason: Borrowed(
            "no signed id; equal bytes can be different events, which the unsigned request id and event name split",
        ),
        key: Borrowed(&[
            KeyPart::BodyDigest,
            KeyPart::Header(Borrowed("x-request-uuid")),
            KeyPart::Header(Borrowed("x-event-key")),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        timeout_s: Some(10),
        rotation: Borrowed(
            "one secret per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "X-Hub-Signature carries SHA-256 here; GitHub's legacy header of that name carries SHA-1",
            ),
            Borrowed("two more attempts at most, after delays that are not documented"),
            Borrowed("X-Request-UUID, X-Event-Key and X-Attempt-Number are not signed"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
