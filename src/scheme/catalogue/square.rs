//! Square.

use super::prelude::*;

/// Square: the notification URL as registered, and the body; the id is in the body.
pub const SQUARE: Scheme = Scheme {
    id: Borrowed("square"),
    name: Borrowed("Square"),
    docs: Borrowed("https://developer.squareup.com/docs/webhooks/step3validate"),
    signature: header!("x-square-hmacsha256-signature"),
    encoding: Encoding::Base64,
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("EAAA"),
                is: Borrowed("an access token of Square"),
            },
            RefusedPrefix {
                prefix: Borrowed("sq0"),
                is: Borrowed("an application id or secret of Square"),
            },
        ]),
        ..UTF8_KEY
    },
    // No separator is needed: the URL is the receiver's own constant.
    content: Template(Borrowed(&[Part::Url, Part::Body])),
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
            reason: Borrowed("a body without an id; equal bytes count as one event"),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 24 * 3600,
        },
        timeout_s: Some(10),
        rotation: Borrowed(
            "one signature key per subscription; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("the URL is signed as registered, which is often not the one behind a proxy"),
            Borrowed("the signature key looks like Base64 and is not decoded"),
            Borrowed(
                "no time is signed: a delivery stays valid, so only the dedupe store stops a replay",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
