//! Replicate.

use super::prelude::*;
use super::standard_webhooks::STANDARD_WEBHOOKS_V1;

/// Replicate: Standard Webhooks v1 under its own header names.
pub const REPLICATE: Scheme = Scheme {
    id: Borrowed("replicate"),
    name: Borrowed("Replicate"),
    docs: Borrowed("https://replicate.com/docs/topics/webhooks/verify-webhook"),
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("r8_"),
            is: Borrowed("Replicate's API token"),
        }]),
        ..STANDARD_WEBHOOKS_V1.key
    },
    aliases: Borrowed(&[]),
    sender: Sender {
        retries: Retries::Until { horizon_s: 60 },
        tolerance: Borrowed(
            "to be chosen by the receiver; the official libraries check no time unless told",
        ),
        rotation: Borrowed(
            "one secret per account, read over the API; an overlap of old and new is not documented",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "only the event of a finished prediction is retried, for about a minute; the others come once",
            ),
            Borrowed("a prediction sends several events, each with a webhook-id of its own"),
            Borrowed("the whsec_ secret is Base64-decoded; the id must not hold a full stop"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..STANDARD_WEBHOOKS_V1
};
