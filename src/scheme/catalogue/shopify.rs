//! Shopify.

use super::prelude::*;

/// Shopify: the body alone; event id, topic and shop, outside the signature, split equal bytes.
pub const SHOPIFY: Scheme = Scheme {
    id: Borrowed("shopify"),
    name: Borrowed("Shopify"),
    docs: Borrowed("https://shopify.dev/docs/apps/build/webhooks/subscribe/https"),
    signature: header!("x-shopify-hmac-sha256"),
    encoding: Encoding::Base64,
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("shpat_"),
                is: Borrowed("an access token of Shopify's Admin API"),
            },
            RefusedPrefix {
                prefix: Borrowed("shpca_"),
                is: Borrowed("a custom app's access token of Shopify"),
            },
        ]),
        ..UTF8_KEY
    },
    aliases: Borrowed(&[HeaderFamily {
        prefix: Borrowed("x-shopify-"),
        alias: Borrowed("shopify-"),
    }]),
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("delivery"),
        reason: Borrowed(
            "the event id stays on a retry but is not signed, and one action may be an event of several topics: all split, the body's digest counts",
        ),
        key: Borrowed(&[
            KeyPart::BodyDigest,
            KeyPart::Header(Borrowed("x-shopify-event-id")),
            KeyPart::Header(Borrowed("x-shopify-topic")),
            KeyPart::Header(Borrowed("x-shopify-shop-domain")),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 4 * 3600,
        },
        timeout_s: Some(5),
        rotation: Borrowed(
            "the secret is the app's client secret; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "topic, shop and X-Shopify-Triggered-At are not signed: a captured body verifies under any",
            ),
            Borrowed(
                "retried with the first payload, 8 times in 4 hours; a subscription that keeps failing is removed",
            ),
            Borrowed("headers may come as shopify-* instead of x-shopify-*"),
            Borrowed(
                "no time is signed: a delivery stays valid, so only the dedupe store stops a replay",
            ),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
