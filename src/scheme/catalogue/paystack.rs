//! Paystack.

use super::prelude::*;

/// Paystack: HMAC-SHA512 over the body alone, under the secret API key itself.
pub const PAYSTACK: Scheme = Scheme {
    id: Borrowed("paystack"),
    name: Borrowed("Paystack"),
    docs: Borrowed("https://paystack.com/docs/payments/webhooks/"),
    signature: header!("x-paystack-signature"),
    algorithm: Algorithm::HmacSha512,
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("pk_"),
            is: Borrowed("Paystack's public key"),
        }]),
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[
        DedupeRule {
            name: Borrowed("charge"),
            reason: Borrowed("no event id; data.id names the payment, which succeeds once"),
            equals: Borrowed(&[FieldEquals {
                json: EVENT,
                value: Borrowed("charge.success"),
            }]),
            key: Borrowed(&[
                KeyPart::Json(EVENT),
                KeyPart::Json(JsonPath(Borrowed("data.id"))),
            ]),
            required: false,
            ..ANY_DELIVERY
        },
        DedupeRule {
            name: Borrowed("body"),
            reason: Borrowed(
                "what else happens to a subscription, a transfer or a dispute may happen to it again; a retry repeats the body, so equal bytes count as one event",
            ),
            key: Borrowed(&[KeyPart::BodyDigest]),
            ..ANY_DELIVERY
        },
    ])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 72 * 3600,
        },
        success: SuccessAnswer::Exactly(200),
        rotation: Borrowed(
            "the secret is the account's secret API key; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("the secret is the sk_ API key itself: who reads it can spend"),
            Borrowed("test and live have a key each, and send to one address each"),
            Borrowed("every 3 minutes for the first 4 attempts, then hourly for 72 hours"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

const EVENT: JsonPath = JsonPath(Borrowed("event"));
