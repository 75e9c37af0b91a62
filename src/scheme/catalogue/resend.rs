//! Resend.

use super::prelude::*;
use super::svix::SVIX;

/// Resend: Standard Webhooks v1, sent by Svix.
pub const RESEND: Scheme = Scheme {
    id: Borrowed("resend"),
    name: Borrowed("Resend"),
    docs: Borrowed("https://resend.com/docs/dashboard/webhooks/verify-webhooks-requests"),
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("re_"),
            is: Borrowed("Resend's API key"),
        }]),
        ..SVIX.key
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
    ..SVIX
};
