//! Okta.

use super::prelude::*;

/// Okta's event hooks: a shared token, which covers nothing of the delivery.
pub const OKTA: Scheme = Scheme {
    id: Borrowed("okta"),
    name: Borrowed("Okta event hooks"),
    docs: Borrowed("https://developer.okta.com/docs/concepts/event-hooks/"),
    signature: header!("authorization"),
    encoding: Encoding::Text,
    algorithm: Algorithm::Equals,
    key: UTF8_KEY,
    batch: Some(BatchRule {
        items: JsonPath(Borrowed("data.events[].uuid")),
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed("eventId names the delivery and is the same when it is sent again"),
            key: Borrowed(&[KeyPart::Json(JsonPath(Borrowed("eventId")))]),
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
    challenge: Challenge::WrapHeader {
        header: Borrowed("x-okta-verification-challenge"),
        field: Borrowed("verification"),
    },
    sender: Sender {
        retries: Retries::Never,
        timeout_s: Some(3),
        rotation: Borrowed(
            "the header's value is yours; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("nothing is signed: whoever has seen one delivery can send any"),
            Borrowed(
                "one attempt more, at once, after a time-out or a 5xx; what then fails is lost",
            ),
            Borrowed(
                "the secret is the whole value of the header, also where it begins with `Bearer `",
            ),
            Borrowed("a hook may use a header of another name: write a scheme of your own for it"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    waivers: Borrowed(&[Waiver::InsecureUnsignedKey {
        reason: Borrowed(
            "a token covers nothing, so no key can be signed; who holds the token can send anything, and who does not gets no delivery this far",
        ),
    }]),
    ..HMAC_SHA256_BODY
};
