//! Razorpay.

use super::prelude::*;

/// Razorpay: the body alone; the event id, outside the signature, splits equal bytes.
pub const RAZORPAY: Scheme = Scheme {
    id: Borrowed("razorpay"),
    name: Borrowed("Razorpay"),
    docs: Borrowed("https://razorpay.com/docs/webhooks/validate-test/"),
    signature: header!("x-razorpay-signature"),
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("rzp_"),
            is: Borrowed("Razorpay's API key id"),
        }]),
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("delivery"),
        reason: Borrowed(
            "the event id stays on a retry but is not signed: it splits, the body's digest counts",
        ),
        key: Borrowed(&[
            KeyPart::BodyDigest,
            KeyPart::Header(Borrowed("x-razorpay-event-id")),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 24 * 3600,
        },
        timeout_s: Some(5),
        rotation: Borrowed(
            "retries of older events keep the old secret: keep it in the ring for a day after a change",
        ),
        quirks: Borrowed(&[
            Borrowed("the webhook's secret is yours to choose, and is not the API key's secret"),
            Borrowed(
                "events may be sent again by hand for 7 days, signed with the secret of that day",
            ),
            Borrowed("a webhook that fails for 24 hours is disabled"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
