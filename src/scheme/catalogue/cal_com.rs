//! Cal.com.

use super::prelude::*;

/// Cal.com: the body alone.
pub const CAL_COM: Scheme = Scheme {
    id: Borrowed("cal_com"),
    name: Borrowed("Cal.com"),
    docs: Borrowed("https://cal.com/docs/developing/guides/automation/webhooks"),
    signature: header!("x-cal-signature-256"),
    key: UTF8_KEY,
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no id; a body holds its trigger and the time it was made, so equal bytes are one event",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        rotation: Borrowed(
            "one secret per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("hexadecimal without a prefix"),
            Borrowed(
                "a webhook without a secret sends the words no-secret-provided: MALFORMED_SIGNATURE here",
            ),
            Borrowed(
                "a custom payload template changes the body, and may leave out what tells events apart",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
