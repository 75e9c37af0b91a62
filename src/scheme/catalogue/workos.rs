//! WorkOS.

use super::prelude::*;

/// WorkOS: the shape of Stripe's header, in milliseconds; the id is in the body.
pub const WORKOS: Scheme = Scheme {
    id: Borrowed("workos"),
    name: Borrowed("WorkOS"),
    docs: Borrowed("https://workos.com/docs/events/data-syncing/webhooks"),
    signature: header!("workos-signature"),
    format: key_value!(',', "v1"),
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("sk_"),
            is: Borrowed("WorkOS's API key"),
        }]),
        ..UTF8_KEY
    },
    content: TIMESTAMP_DOT_BODY,
    timestamp: Borrowed(&[TimestampSource {
        place: TimestampPlace::SignatureField(Borrowed("t")),
        unit: TimestampUnit::Milliseconds,
        optional: false,
    }]),
    window: Window::new(180, 180),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(ID),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("event"),
            reason: Borrowed("the signed body's id is the same on every attempt"),
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
        tolerance: Borrowed(
            "180 s both sides in the official libraries, in some only too old is refused",
        ),
        rotation: Borrowed("a secret per endpoint; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed("the time is in milliseconds; a space follows the comma in the header"),
            Borrowed(
                "AuthKit's actions have the same shape and a secret of their own, and want a signed answer",
            ),
            Borrowed("up to 12 attempts in 3 days; outside production for some minutes only"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
