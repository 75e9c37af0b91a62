//! Discord.

use super::prelude::*;

/// Discord's interactions and webhook events: Ed25519 over time and body.
pub const DISCORD: Scheme = Scheme {
    id: Borrowed("discord"),
    name: Borrowed("Discord"),
    docs: Borrowed("https://discord.com/developers/docs/interactions/overview"),
    signature: header!("x-signature-ed25519"),
    algorithm: Algorithm::Ed25519,
    key: KeyRules {
        form: KeyForm::Ed25519Hex,
        min_bytes: 32,
        ..UTF8_KEY
    },
    // No separator stands between them: ten digits it is, until the year 2286.
    content: Template(Borrowed(&[
        Part::Header {
            name: Borrowed("x-signature-timestamp"),
            shape: Shape::Digits(10),
        },
        Part::Body,
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("x-signature-timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: Window::new(600, 300),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(ID),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("interaction"),
            reason: Borrowed("the signed body's id names the interaction"),
            key: Borrowed(&[KeyPart::EventId]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed(
                "webhook events have no id but the time of the event; equal bytes are one event",
            ),
            has: Borrowed(&[JsonPath(Borrowed("event"))]),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("ping"),
            reason: Borrowed("a ping has equal bytes each time, and each wants its answer"),
            ..ANY_DELIVERY
        },
    ])),
    challenge: Challenge::Pong,
    sender: Sender {
        retries: Retries::Never,
        timeout_s: Some(3),
        reply_matters: true,
        rotation: Borrowed("the application's public key does not change"),
        quirks: Borrowed(&[
            Borrowed(
                "Discord sends wrong signatures on purpose and removes an endpoint that does not answer them 401",
            ),
            Borrowed(
                "interactions are never retried and want their answer in 3 s; webhook events are retried for 10 minutes",
            ),
            Borrowed("no tolerance is documented: 600 s past, the horizon of webhook events"),
            Borrowed(
                "webhook events want 204, also for their ping of type 0; an interaction's ping of type 1 wants {\"type\":1}",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
