//! Adyen: platform and management webhooks.

use super::prelude::*;

/// Adyen's platform and management webhooks: the body under a hexadecimal key.
pub const ADYEN_PLATFORM: Scheme = Scheme {
    id: Borrowed("adyen_platform"),
    name: Borrowed("Adyen platform"),
    docs: Borrowed("https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures"),
    signature: header!("hmacsignature"),
    encoding: Encoding::Base64,
    key: KeyRules {
        form: KeyForm::Hex,
        min_bytes: 32,
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("AQE"),
            is: Borrowed("Adyen's API key"),
        }]),
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("body"),
        reason: Borrowed(
            "no event id; each body holds the time of its event, so equal bytes are one event",
        ),
        key: Borrowed(&[KeyPart::BodyDigest]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 30 * 24 * 3600,
        },
        timeout_s: Some(10),
        rotation: Borrowed(
            "a key per webhook; keep old and new in the ring until the old one no longer signs",
        ),
        quirks: Borrowed(&[
            Borrowed("the key is hexadecimal and decoded first; the signature is Base64"),
            Borrowed(
                "standard payment notifications are signed otherwise, item by item in the body",
            ),
            Borrowed(
                "failing deliveries are retried in order: the first holds up the ones behind it",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
