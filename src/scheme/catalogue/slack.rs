//! Slack.

use super::prelude::*;

/// Slack: version, time and body; events, commands and interactions alike.
pub const SLACK: Scheme = Scheme {
    id: Borrowed("slack"),
    name: Borrowed("Slack"),
    docs: Borrowed("https://docs.slack.dev/authentication/verifying-requests-from-slack/"),
    signature: header!("x-slack-signature"),
    format: bare!("v0="),
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("xoxb-"),
                is: Borrowed("a bot token of Slack"),
            },
            RefusedPrefix {
                prefix: Borrowed("xoxp-"),
                is: Borrowed("a user token of Slack"),
            },
            RefusedPrefix {
                prefix: Borrowed("xapp-"),
                is: Borrowed("an app-level token of Slack"),
            },
        ]),
        ..UTF8_KEY
    },
    content: Template(Borrowed(&[
        Part::Literal(Borrowed("v0:")),
        Part::Timestamp,
        Part::Literal(Borrowed(":")),
        Part::Body,
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::Header(Borrowed("x-slack-request-timestamp")),
        unit: TimestampUnit::Seconds,
        optional: false,
    }]),
    window: Window::new(300, 300),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(JsonPath(Borrowed("event_id"))),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed("the signed body's event_id is the same on every attempt"),
            key: Borrowed(&[KeyPart::EventId]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed(
                "commands and interactions are forms with a trigger_id of their own; equal bytes are one",
            ),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    challenge: Challenge::EchoJson {
        path: JsonPath(Borrowed("challenge")),
    },
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[1, 60, 300]),
        },
        timeout_s: Some(3),
        reply_matters: true,
        tolerance: Borrowed("300 s both sides"),
        rotation: Borrowed(
            "one signing secret per app; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("3 s to answer; the answer's body is shown to the user of a command"),
            Borrowed(
                "events are retried at once, after 1 and after 5 minutes; commands and interactions never",
            ),
            Borrowed("url_verification comes signed like any event"),
            Borrowed("the verification token inside the body is deprecated and proves nothing"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
