//! OpenAI.

use super::prelude::*;
use super::standard_webhooks::STANDARD_WEBHOOKS_V1;

/// OpenAI: Standard Webhooks v1 under its own header names.
pub const OPENAI: Scheme = Scheme {
    id: Borrowed("openai"),
    name: Borrowed("OpenAI"),
    docs: Borrowed("https://platform.openai.com/docs/guides/webhooks"),
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("sk-"),
            is: Borrowed("OpenAI's API key"),
        }]),
        ..STANDARD_WEBHOOKS_V1.key
    },
    aliases: Borrowed(&[]),
    sender: Sender {
        retries: Retries::Until {
            horizon_s: 72 * 3600,
        },
        tolerance: Borrowed("300 s both sides in the official libraries"),
        rotation: Borrowed("a secret per endpoint; an overlap of old and new is not documented"),
        quirks: Borrowed(&[
            Borrowed("the whsec_ secret is Base64-decoded; the id must not hold a full stop"),
            Borrowed(
                "webhook-id is not the body's id: the first names the delivery's event, and is signed",
            ),
            Borrowed("a redirect counts as a failure"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..STANDARD_WEBHOOKS_V1
};
