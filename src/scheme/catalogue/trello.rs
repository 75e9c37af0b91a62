//! Trello.

use super::prelude::*;

/// Trello: HMAC-SHA1 over the body and the callback URL as registered.
pub const TRELLO: Scheme = Scheme {
    id: Borrowed("trello"),
    name: Borrowed("Trello"),
    docs: Borrowed("https://developer.atlassian.com/cloud/trello/guides/rest-api/webhooks/"),
    signature: header!("x-trello-webhook"),
    encoding: Encoding::Base64,
    algorithm: Algorithm::HmacSha1,
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("ATTA"),
            is: Borrowed("a user's token of Trello"),
        }]),
        ..UTF8_KEY
    },
    // No separator is needed: the URL is the receiver's own constant.
    content: Template(Borrowed(&[Part::Body, Part::Url])),
    event_id: Some(EventIdRule {
        header: None,
        json: Some(JsonPath(Borrowed("action.id"))),
        required: false,
    }),
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("action"),
            reason: Borrowed("the signed body's action.id names the change"),
            key: Borrowed(&[KeyPart::EventId]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed("a body without an action; equal bytes count as one event"),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    challenge: Challenge::Status,
    sender: Sender {
        retries: Retries::Schedule {
            delays_s: Borrowed(&[30, 60, 120]),
        },
        success: SuccessAnswer::Exactly(200),
        rotation: Borrowed(
            "the secret is the app's secret; an overlap of old and new is not documented",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "a HEAD of the address must be answered 200 when a webhook is made; it is not signed",
            ),
            Borrowed("the URL is signed as registered, query and all"),
            Borrowed(
                "two webhooks of one address send the same action: give each an endpoint name of its own",
            ),
            Borrowed("410 deletes the webhook"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
