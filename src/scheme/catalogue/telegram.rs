//! Telegram.

use super::prelude::*;

/// Telegram's Bot API: a shared token, which covers nothing of the delivery.
pub const TELEGRAM: Scheme = Scheme {
    id: Borrowed("telegram"),
    name: Borrowed("Telegram Bot API"),
    docs: Borrowed("https://core.telegram.org/bots/api#setwebhook"),
    signature: header!("x-telegram-bot-api-secret-token"),
    encoding: Encoding::Text,
    algorithm: Algorithm::Equals,
    // The API takes 1 to 256 characters; a token that can be guessed is no proof.
    key: UTF8_KEY,
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("update"),
            reason: Borrowed("update_id names the update and is the same on every attempt"),
            key: Borrowed(&[KeyPart::Json(JsonPath(Borrowed("update_id")))]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed("a body without an id; equal bytes count as one update"),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 24 * 3600,
        },
        rotation: Borrowed(
            "setWebhook sets a new token at once; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("nothing is signed: whoever has seen one delivery can send any"),
            Borrowed(
                "the token is the secret_token of setWebhook, 1 to 256 of A-Z, a-z, 0-9, _ and -; not the bot's token",
            ),
            Borrowed("updates are kept for 24 hours; the number of attempts is not documented"),
            Borrowed("the answer's body may call one method of the API"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    waivers: Borrowed(&[Waiver::InsecureUnsignedKey {
        reason: Borrowed(
            "a token covers nothing, so no key can be signed; who holds the token can send anything, and who does not gets no delivery this far",
        ),
    }]),
    ..HMAC_SHA256_BODY
};
