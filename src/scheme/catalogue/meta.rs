//! Meta: Facebook, Instagram, Messenger, WhatsApp.

use super::prelude::*;

/// Meta (Facebook, Instagram, Messenger, WhatsApp): the body alone, a batch of entries.
pub const META: Scheme = Scheme {
    id: Borrowed("meta"),
    name: Borrowed("Meta"),
    docs: Borrowed("https://developers.facebook.com/docs/graph-api/webhooks/getting-started"),
    signature: header!("x-hub-signature-256"),
    format: bare!("sha256="),
    key: UTF8_KEY,
    batch: Some(BatchRule {
        items: JsonPath(Borrowed("entry[].id")),
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no id names the batch; its entries hold ids and times, so equal bytes are one delivery",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    challenge: Challenge::EchoQuery {
        name: Borrowed("hub.challenge"),
        guard: Some(QueryGuard {
            mode: Borrowed("hub.mode"),
            is: Borrowed("subscribe"),
            verify_token: Borrowed("hub.verify_token"),
        }),
    },
    // WhatsApp documents bodies of up to 3 MB.
    body_limit: 3 * 1024 * 1024,
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 7 * 24 * 3600,
        },
        success: SuccessAnswer::Exactly(200),
        rotation: Borrowed(
            "the secret is the app secret; keep old and new in the ring while you reset it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "letters beyond ASCII come as \\u escapes: parsing and printing the body changes them",
            ),
            Borrowed(
                "the challenge's hub.verify_token is a text of your own: answer only the one that you set",
            ),
            Borrowed(
                "an entry's id names the page or account, not the event; WhatsApp's messages have ids of their own inside",
            ),
            Borrowed("retried for 36 hours, WhatsApp's for up to 7 days"),
            Borrowed("X-Hub-Signature (SHA-1) comes beside it and is never a fallback"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
