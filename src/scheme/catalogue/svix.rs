//! Svix.

use super::prelude::*;
use super::standard_webhooks::STANDARD_WEBHOOKS_V1;

/// Svix: Standard Webhooks v1 under Svix's header names, which come first here.
pub const SVIX: Scheme = Scheme {
    id: Borrowed("svix"),
    name: Borrowed("Svix"),
    docs: Borrowed("https://docs.svix.com/receiving/verifying-payloads/how"),
    signature: header!("svix-signature"),
    content: Template(Borrowed(&[
        Part::Header {
            name: Borrowed("svix-id"),
            shape: Shape::Without(Borrowed(".")),
        },
        Part::Literal(Borrowed(".")),
        Part::Timestamp,
        Part::Literal(Borrowed(".")),
        Part::Body,
    ])),
    aliases: Borrowed(&[HeaderFamily {
        prefix: Borrowed("svix-"),
        alias: Borrowed("webhook-"),
    }]),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("svix-timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    event_id: Some(EventIdRule {
        header: Some(Borrowed("svix-id")),
        json: None,
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("event"),
        reason: Borrowed("the signed svix-id is the same on every attempt"),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: SVIX_RETRIES,
        timeout_s: Some(15),
        tolerance: Borrowed("300 s both sides in the libraries"),
        rotation: Borrowed(
            "old and new sign side by side in one space-separated list, the old one for 24 hours",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "svix-* and webhook-* name the same headers; a delivery carries one family or both",
            ),
            Borrowed("the whsec_ secret is Base64-decoded; each endpoint has its own"),
            Borrowed(
                "endpoints with an Ed25519 key send entries tagged v1a: the scheme standard_webhooks_v1a",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..STANDARD_WEBHOOKS_V1
};
