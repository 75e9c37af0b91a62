//! CircleCI.

use super::prelude::*;

/// CircleCI: a list of versions, of which v1 is the newest that is known.
pub const CIRCLECI: Scheme = Scheme {
    id: Borrowed("circleci"),
    name: Borrowed("CircleCI"),
    docs: Borrowed("https://circleci.com/docs/guides/integration/outbound-webhooks/"),
    signature: header!("circleci-signature"),
    format: key_value!(',', "v1"),
    key: UTF8_KEY,
    event_id: Some(EventIdRule {
        header: None,
        json: Some(ID),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed("the signed body's id is documented for telling repeated requests"),
            key: Borrowed(&[KeyPart::EventId]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed(
                "a body without an id is no documented event; equal bytes count as one",
            ),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        timeout_s: Some(10),
        rotation: Borrowed(
            "one secret per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "only the newest known version counts; unknown ones are skipped and never a fallback",
            ),
            Borrowed("retried, but neither schedule nor horizon is documented"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
