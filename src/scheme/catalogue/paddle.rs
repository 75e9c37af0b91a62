//! Paddle Billing.

use super::prelude::*;

/// Paddle Billing: time and signatures in one header; the id is in the body.
pub const PADDLE: Scheme = Scheme {
    id: Borrowed("paddle"),
    name: Borrowed("Paddle Billing"),
    docs: Borrowed("https://developer.paddle.com/webhooks/signature-verification"),
    signature: header!("paddle-signature"),
    format: key_value!(';', "h1"),
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("pdl_live_apikey_"),
                is: Borrowed("Paddle's API key"),
            },
            RefusedPrefix {
                prefix: Borrowed("pdl_sdbx_apikey_"),
                is: Borrowed("Paddle's API key of the sandbox"),
            },
        ]),
        ..UTF8_KEY
    },
    content: Template(Borrowed(&[
        Part::Timestamp,
        Part::Literal(Borrowed(":")),
        Part::Body,
    ])),
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::SignatureField(Borrowed("ts")),
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
            reason: Borrowed(
                "the signed body's event_id is the same on every attempt; notification_id is one per destination",
            ),
            key: Borrowed(&[KeyPart::EventId]),
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
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 3 * 24 * 3600,
        },
        timeout_s: Some(5),
        success: SuccessAnswer::Exactly(200),
        tolerance: Borrowed("5 s in the official libraries, only too old is refused"),
        rotation: Borrowed("old and new sign side by side as several h1 values"),
        quirks: Borrowed(&[
            Borrowed(
                "the libraries' 5 s refuse deliveries after a small drift of the clock; 300 s here",
            ),
            Borrowed("the secret begins with pdl_ntfset_ and is used as it is"),
            Borrowed("60 attempts in 3 days, in the sandbox 3 in 15 minutes"),
            Borrowed("a sandbox destination has a secret of its own"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
