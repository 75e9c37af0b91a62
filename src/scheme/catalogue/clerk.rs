//! Clerk.

use super::prelude::*;
use super::standard_webhooks::STANDARD_WEBHOOKS_V1;

/// Clerk: Standard Webhooks v1, sent by Svix.
pub const CLERK: Scheme = Scheme {
    id: Borrowed("clerk"),
    name: Borrowed("Clerk"),
    docs: Borrowed("https://clerk.com/docs/webhooks/sync-data"),
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("sk_"),
                is: Borrowed("Clerk's secret API key"),
            },
            RefusedPrefix {
                prefix: Borrowed("pk_"),
                is: Borrowed("Clerk's publishable key"),
            },
        ]),
        ..STANDARD_WEBHOOKS_V1.key
    },
    sender: Sender {
        retries: SVIX_RETRIES,
        tolerance: Borrowed("300 s both sides in the libraries"),
        rotation: Borrowed("old and new sign side by side in one space-separated list"),
        quirks: Borrowed(&[
            Borrowed("headers come as svix-*; webhook-* is taken too"),
            Borrowed("the whsec_ secret is Base64-decoded; each endpoint has its own"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..STANDARD_WEBHOOKS_V1
};
