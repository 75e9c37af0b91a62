//! Revtain.

use super::prelude::*;

/// Revtain: the body alone is signed; transaction and event name the event.
pub const REVTAIN: Scheme = Scheme {
    id: Borrowed("revtain"),
    name: Borrowed("Revtain"),
    docs: Borrowed("https://docs.revtain.com/guides/webhooks"),
    signature: header!("x-revtain-signature"),
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("rev_pk_"),
                is: Borrowed("Revtain's publishable key"),
            },
            RefusedPrefix {
                prefix: Borrowed("rev_"),
                is: Borrowed("Revtain's API key"),
            },
        ]),
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("transaction"),
        reason: Borrowed(
            "no event id; a later outcome for the same transaction is possible, so the id alone is too coarse",
        ),
        key: Borrowed(&[
            KeyPart::Json(JsonPath(Borrowed("revtainTransactionId"))),
            KeyPart::Json(JsonPath(Borrowed("event"))),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[2, 8, 60, 300, 1800, 7200, 86400]),
        },
        timeout_s: Some(10),
        success: SuccessAnswer::Exactly(200),
        rotation: Borrowed("shown once at onboarding; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed("the whsec_ secret is used as it is, not Base64-decoded"),
            Borrowed("200 exactly; 202 and 204 count as failures"),
            Borrowed(
                "no time and no id: a delivery stays valid, so only the dedupe store stops a replay",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
