//! Airtable.

use super::prelude::*;

/// Airtable: a thin ping, signed as a whole, that says only that something changed.
pub const AIRTABLE: Scheme = Scheme {
    id: Borrowed("airtable"),
    name: Borrowed("Airtable"),
    docs: Borrowed("https://airtable.com/developers/web/api/webhooks-overview"),
    signature: header!("x-airtable-content-mac"),
    format: bare!("hmac-sha256="),
    key: KeyRules {
        form: KeyForm::Base64,
        ..UTF8_KEY
    },
    dedupe: Dedupe::None {
        reason: Borrowed(
            "a ping names no change; reading the payloads from the kept cursor twice does no harm, and leaving out a ping may",
        ),
    },
    sender: Sender {
        rotation: Borrowed(
            "the secret is shown once, when the webhook is created; make a new webhook for a new one",
        ),
        quirks: Borrowed(&[
            Borrowed("macSecretBase64 is decoded first; the MAC is hexadecimal"),
            Borrowed(
                "the payloads are fetched by cursor and kept 7 days; a webhook that nobody renews ends after 7 days",
            ),
            Borrowed("answer 200 or 204 with an empty body"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
