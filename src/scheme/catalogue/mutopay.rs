//! MutoPay.

use super::prelude::*;

/// `MutoPay`: the body alone is signed; payment and event name the event.
pub const MUTOPAY: Scheme = Scheme {
    id: Borrowed("mutopay"),
    name: Borrowed("MutoPay"),
    docs: Borrowed("https://mutopay.com/docs/verify-webhook-signature/"),
    signature: header!("x-mutopay-signature"),
    format: Format::Bare {
        prefix: Borrowed("sha256="),
    },
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("msk_"),
                is: Borrowed("MutoPay's master key"),
            },
            RefusedPrefix {
                prefix: Borrowed("ep_"),
                is: Borrowed("a MutoPay channel's API key"),
            },
        ]),
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("payment"),
        reason: Borrowed(
            "no event id; a payment passes several states, so payment_id alone is too coarse",
        ),
        key: Borrowed(&[
            KeyPart::Json(JsonPath(Borrowed("payment_id"))),
            KeyPart::Json(JsonPath(Borrowed("event"))),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 15 * 3600,
        },
        rotation: Borrowed("one secret per channel; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed(
                "events of test channels carry \"test\": true under a good signature; never fulfil them",
            ),
            Borrowed("payment.completed may follow payment.expired for one payment"),
            Borrowed(
                "no time is signed: a delivery stays valid, so only the dedupe store stops a replay",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
