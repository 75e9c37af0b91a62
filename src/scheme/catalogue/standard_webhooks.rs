//! Standard Webhooks.

use super::prelude::*;

/// Standard Webhooks v1, also under Svix's header names.
pub const STANDARD_WEBHOOKS_V1: Scheme = Scheme {
    id: Borrowed("standard_webhooks_v1"),
    name: Borrowed("Standard Webhooks v1"),
    docs: Borrowed(
        "https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
    ),
    signature: header!("webhook-signature"),
    format: Format::Tagged {
        separator: ' ',
        tag_separator: ',',
        tag: Borrowed("v1"),
    },
    encoding: Encoding::Base64,
    key: KeyRules {
        form: KeyForm::Base64,
        strip_prefix: Some(Borrowed("whsec_")),
        min_bytes: 24,
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("whpk_"),
                is: Borrowed("a public key of scheme v1a"),
            },
            RefusedPrefix {
                prefix: Borrowed("whsk_"),
                is: Borrowed("a private key of scheme v1a"),
            },
        ]),
    },
    content: Template(Borrowed(&[
        Part::Header {
            name: Borrowed("webhook-id"),
            shape: Shape::Without(Borrowed(".")),
        },
        Part::Literal(Borrowed(".")),
        Part::Timestamp,
        Part::Literal(Borrowed(".")),
        Part::Body,
    ])),
    aliases: Borrowed(&[HeaderFamily {
        prefix: Borrowed("webhook-"),
        alias: Borrowed("svix-"),
    }]),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("webhook-timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: Window::new(300, 300),
    event_id: Some(EventIdRule {
        header: Some(Borrowed("webhook-id")),
        json: None,
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("event"),
        reason: Borrowed("the signed webhook-id is the same on every attempt"),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]),
        },
        timeout_s: Some(20),
        tolerance: Borrowed("300 s both sides in the libraries"),
        rotation: Borrowed("old and new sign side by side in one space-separated list"),
        quirks: Borrowed(&[
            Borrowed("entries tagged v1a are Ed25519 and skipped here"),
            Borrowed("410 disables the endpoint"),
            Borrowed(
                "an id that holds a full stop would make the signed text ambiguous and is refused",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// Standard Webhooks v1a: Ed25519 over the same text, also under Svix's header names.
pub const STANDARD_WEBHOOKS_V1A: Scheme = Scheme {
    id: Borrowed("standard_webhooks_v1a"),
    name: Borrowed("Standard Webhooks v1a"),
    format: Format::Tagged {
        separator: ' ',
        tag_separator: ',',
        tag: Borrowed("v1a"),
    },
    algorithm: Algorithm::Ed25519,
    key: KeyRules {
        form: KeyForm::Ed25519Base64,
        strip_prefix: Some(Borrowed("whpk_")),
        min_bytes: 32,
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("whsk_"),
                is: Borrowed("a private key, which a receiver must not have"),
            },
            RefusedPrefix {
                prefix: Borrowed("whsec_"),
                is: Borrowed("a shared secret of scheme v1"),
            },
        ]),
    },
    sender: Sender {
        quirks: Borrowed(&[
            Borrowed("entries tagged v1 are HMAC-SHA256 and skipped here"),
            Borrowed("the key is the public one, whpk_ and Base64"),
            Borrowed(
                "an id that holds a full stop would make the signed text ambiguous and is refused",
            ),
        ]),
        ..STANDARD_WEBHOOKS_V1.sender
    },
    ..STANDARD_WEBHOOKS_V1
};
