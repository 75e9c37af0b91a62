//! Telnyx.

use super::prelude::*;

/// Telnyx: Ed25519 over time and body; the id is in the body.
pub const TELNYX: Scheme = Scheme {
    id: Borrowed("telnyx"),
    name: Borrowed("Telnyx"),
    docs: Borrowed("https://developers.telnyx.com/docs/development/sdk/node/webhooks"),
    signature: header!("telnyx-signature-ed25519"),
    encoding: Encoding::Base64,
    algorithm: Algorithm::Ed25519,
    key: KeyRules {
        form: KeyForm::Ed25519Base64,
        min_bytes: 32,
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("KEY"),
            is: Borrowed("Telnyx's API key"),
        }]),
        ..UTF8_KEY
    },
    content: Template(Borrowed(&[
        Part::Timestamp,
        Part::Literal(Borrowed("|")),
        Part::Body,
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("telnyx-timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: Window::new(300, 300),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(JsonPath(Borrowed("data.id"))),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed("the signed body's data.id names the event, not the call or message"),
            key: Borrowed(&[KeyPart::EventId]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed(
                "TeXML forms and some older events have no data.id; equal bytes count as one",
            ),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        success: SuccessAnswer::Exactly(200),
        tolerance: Borrowed("300 s both sides in the official libraries"),
        rotation: Borrowed("one public key per account; keep old and new in the ring"),
        quirks: Borrowed(&[
            Borrowed("an answer other than 200 is tried again at the failover address"),
            Borrowed("the secret to give is Telnyx's public key in Base64"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
