//! Notion.

use super::prelude::*;

/// Notion: the body alone, under a token that the first request brings.
pub const NOTION: Scheme = Scheme {
    id: Borrowed("notion"),
    name: Borrowed("Notion"),
    docs: Borrowed("https://developers.notion.com/reference/webhooks"),
    signature: header!("x-notion-signature"),
    format: bare!("sha256="),
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("ntn_"),
            is: Borrowed("an integration's API token of Notion"),
        }]),
        ..UTF8_KEY
    },
    event_id: Some(EventIdRule {
        header: None,
        json: Some(ID),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed(
                "the signed body's id names the event; attempt_number changes the body on a retry",
            ),
            key: Borrowed(&[KeyPart::EventId]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed("a body without an id, such as the first; equal bytes count as one"),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    challenge: Challenge::Secret {
        path: JsonPath(Borrowed("verification_token")),
    },
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 24 * 3600,
        },
        rotation: Borrowed("a token per subscription; make a new subscription for a new one"),
        quirks: Borrowed(&[
            Borrowed(
                "the first request brings verification_token: a person enters it in Notion, and it is the key from then on",
            ),
            Borrowed(
                "the first request proves nothing, even where it is signed: the key is in its own body",
            ),
            Borrowed("up to 8 attempts in 24 hours; events may come late, joined and out of order"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
