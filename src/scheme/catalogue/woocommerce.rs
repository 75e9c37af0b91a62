//! WooCommerce.

use super::prelude::*;

/// WooCommerce: the body alone; delivery id and topic split equal bytes.
pub const WOOCOMMERCE: Scheme = Scheme {
    id: Borrowed("woocommerce"),
    name: Borrowed("WooCommerce"),
    docs: Borrowed("https://woocommerce.com/document/webhooks/"),
    signature: header!("x-wc-webhook-signature"),
    encoding: Encoding::Base64,
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("ck_"),
            is: Borrowed("a consumer key of WooCommerce's API"),
        }]),
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("delivery"),
        reason: Borrowed(
            "no signed id; equal bytes can be events of two topics or shops, which the unsigned delivery id, topic and source split",
        ),
        key: Borrowed(&[
            KeyPart::BodyDigest,
            KeyPart::Header(Borrowed("x-wc-webhook-delivery-id")),
            KeyPart::Header(Borrowed("x-wc-webhook-topic")),
            KeyPart::Header(Borrowed("x-wc-webhook-source")),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Never,
        timeout_s: Some(60),
        rotation: Borrowed(
            "one secret per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "a new webhook first sends an unsigned ping, the form webhook_id=N, which is refused here; it does not matter",
            ),
            Borrowed("five failures in a row disable the webhook; 301 and 302 count as success"),
            Borrowed("nothing is retried: ask the API for what was missed"),
            Borrowed("the topic is not signed: a captured body verifies under any"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
