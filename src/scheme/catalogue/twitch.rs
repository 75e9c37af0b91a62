//! Twitch.

use super::prelude::*;

/// Twitch EventSub: message id, time and body.
pub const TWITCH: Scheme = Scheme {
    id: Borrowed("twitch"),
    name: Borrowed("Twitch EventSub"),
    docs: Borrowed("https://dev.twitch.tv/docs/eventsub/handling-webhook-events"),
    signature: header!("twitch-eventsub-message-signature"),
    format: bare!("sha256="),
    // The secret is chosen with the subscription, 10 to 100 characters.
    key: KeyRules {
        min_bytes: 10,
        ..UTF8_KEY
    },
    content: Template(Borrowed(&[
        Part::Header {
            name: MESSAGE_ID,
            shape: Shape::Without(Borrowed("{")),
        },
        Part::Timestamp,
        Part::Body,
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("twitch-eventsub-message-timestamp")),
        unit: TimestampUnit::Iso8601,
        optional: false,
    }]),
    window: Window::new(600, 300),
    event_id: Some(EventIdRule {
        header: Some(MESSAGE_ID),
        json: None,
        required: true,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("message"),
        reason: Borrowed("the signed message id is the same on every attempt"),
        key: Borrowed(&[KeyPart::EventId]),
        ..ANY_DELIVERY
    }])),
    challenge: Challenge::EchoJson {
        path: JsonPath(Borrowed("challenge")),
    },
    sender: Sender {
        tolerance: Borrowed("600 s, only too old is refused"),
        rotation: Borrowed("a secret per subscription; make a new subscription for a new one"),
        quirks: Borrowed(&[
            Borrowed("the time has nanoseconds and is signed as sent"),
            Borrowed(
                "the unsigned Twitch-Eventsub-Message-Type tells challenge, notification and revocation apart: go by the body",
            ),
            Borrowed("the challenge is answered as text/plain, 200, with nothing around it"),
            Borrowed("a few seconds to answer; a receiver that is late too often is revoked"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    waivers: Borrowed(&[Waiver::InsecureAmbiguousContent {
        reason: Borrowed(
            "id, time and body are joined without separators; the id must not hold `{`, with which every body begins, so it ends before the body, and there the only RFC 3339 time is the genuine one: nothing can move",
        ),
    }]),
    ..HMAC_SHA256_BODY
};

const MESSAGE_ID: Text = Borrowed("twitch-eventsub-message-id");
