//! Typeform.

use super::prelude::*;

/// Typeform: the body alone; the id is in the body.
pub const TYPEFORM: Scheme = Scheme {
    id: Borrowed("typeform"),
    name: Borrowed("Typeform"),
    docs: Borrowed("https://www.typeform.com/developers/webhooks/secure-your-webhooks/"),
    signature: header!("typeform-signature"),
    format: bare!("sha256="),
    encoding: Encoding::Base64,
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("tfp_"),
            is: Borrowed("a personal access token of Typeform"),
        }]),
        ..UTF8_KEY
    },
    event_id: Some(EventIdRule {
        header: None,
        json: Some(JsonPath(Borrowed("event_id"))),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed("the signed body's event_id is the same on every attempt"),
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
            horizon_s: 10 * 3600,
        },
        timeout_s: Some(30),
        rotation: Borrowed(
            "one secret per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("without a secret, which is optional, the header is absent"),
            Borrowed("404 and 410 disable the webhook at once"),
            Borrowed("the prefix is sha256= and what follows is Base64, not hexadecimal"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
