//! Dropbox.

use super::prelude::*;

/// Dropbox: a thin ping, signed as a whole, that names accounts and no change.
pub const DROPBOX: Scheme = Scheme {
    id: Borrowed("dropbox"),
    name: Borrowed("Dropbox"),
    docs: Borrowed("https://www.dropbox.com/developers/reference/webhooks"),
    signature: header!("x-dropbox-signature"),
    key: UTF8_KEY,
    dedupe: Dedupe::None {
        reason: Borrowed(
            "a ping names the accounts that changed and nothing else: the next change of the same account has equal bytes",
        ),
    },
    challenge: Challenge::EchoQuery {
        name: Borrowed("challenge"),
        guard: None,
    },
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 10 * 3600,
        },
        timeout_s: Some(10),
        rotation: Borrowed(
            "the secret is the app secret; an overlap of old and new is not documented",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "GET with ?challenge= is answered with its value as text/plain and X-Content-Type-Options: nosniff",
            ),
            Borrowed("the changes are fetched by cursor: doing that twice does no harm"),
            Borrowed("an endpoint that often fails is disabled"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
