//! DocuSign Connect.

use super::prelude::*;

/// DocuSign Connect: the body alone, a numbered header for each active key.
pub const DOCUSIGN: Scheme = Scheme {
    id: Borrowed("docusign"),
    name: Borrowed("DocuSign Connect"),
    docs: Borrowed("https://developers.docusign.com/platform/webhooks/connect/hmac/"),
    signature: SignatureSource::Numbered {
        prefix: Borrowed("x-docusign-signature-"),
        from: 1,
        to: 100,
    },
    encoding: Encoding::Base64,
    key: UTF8_KEY,
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("recipient"),
            reason: Borrowed(
                "no event id; an envelope has many events, so its id alone is too coarse",
            ),
            has: Borrowed(&[RECIPIENT_ID]),
            key: Borrowed(&[
                KeyPart::Json(ENVELOPE_ID),
                KeyPart::Json(RECIPIENT_ID),
                KeyPart::Json(EVENT),
                KeyPart::Json(GENERATED),
            ]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("envelope"),
            reason: Borrowed(
                "as for recipients; retryCount changes the body on a retry, so its digest is no key",
            ),
            key: Borrowed(&[
                KeyPart::Json(ENVELOPE_ID),
                KeyPart::Json(EVENT),
                KeyPart::Json(GENERATED),
            ]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed("XML, or JSON of another kind; equal bytes count as one event"),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 15 * 24 * 3600,
        },
        timeout_s: Some(100),
        rotation: Borrowed("up to 100 keys are active at once, each signs in a header of its own"),
        quirks: Borrowed(&[
            Borrowed(
                "a key's number is its header's, and changes when another key is removed: all headers are tried",
            ),
            Borrowed("messages that include documents are long: raise the body limit for them"),
            Borrowed("the key looks like Base64 and is not decoded"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

const ENVELOPE_ID: JsonPath = JsonPath(Borrowed("data.envelopeId"));
const EVENT: JsonPath = JsonPath(Borrowed("event"));
const GENERATED: JsonPath = JsonPath(Borrowed("generatedDateTime"));
const RECIPIENT_ID: JsonPath = JsonPath(Borrowed("data.recipientId"));
