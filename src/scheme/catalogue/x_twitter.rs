//! X.

use super::prelude::*;

/// X (Twitter): the body alone, under the app's consumer secret.
pub const X_TWITTER: Scheme = Scheme {
    id: Borrowed("x_twitter"),
    name: Borrowed("X / Twitter"),
    docs: Borrowed("https://docs.x.com/x-api/webhooks/introduction"),
    signature: header!("x-twitter-webhooks-signature"),
    format: bare!("sha256="),
    encoding: Encoding::Base64,
    key: UTF8_KEY,
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no id names a delivery; its events hold ids and times in milliseconds, so equal bytes are one delivery",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    challenge: Challenge::Mac(MacChallenge {
        token: TokenPlace::Query(Borrowed("crc_token")),
        alphabet: TokenAlphabet::Base64,
        max_bytes: 256,
        prefix: Borrowed("sha256="),
        encoding: Encoding::Base64,
        answer: MacAnswer::Json {
            token: None,
            mac: Borrowed("response_token"),
        },
        apart: Borrowed(
            "a message is a JSON object and begins with `{`, which no token of this alphabet holds; anybody can send the GET, so nothing else may be answered",
        ),
    }),
    sender: Sender {
        timeout_s: Some(10),
        success: SuccessAnswer::Exactly(200),
        rotation: Borrowed(
            "the secret is the app's consumer secret; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "the challenge is answered with the signing key: an endpoint that answers any token signs any message",
            ),
            Borrowed("the challenge comes when a webhook is made, about hourly, and on request"),
            Borrowed("the Account Activity API and its successor sign alike"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
