//! Anthropic.

use super::prelude::*;
use super::standard_webhooks::STANDARD_WEBHOOKS_V1;

/// Anthropic: Standard Webhooks v1 under its own header names.
pub const ANTHROPIC: Scheme = Scheme {
    id: Borrowed("anthropic"),
    name: Borrowed("Anthropic"),
    docs: Borrowed("https://github.com/anthropics/anthropic-sdk-python"),
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("sk-ant-"),
            is: Borrowed("Anthropic's API key"),
        }]),
        ..STANDARD_WEBHOOKS_V1.key
    },
    aliases: Borrowed(&[]),
    sender: Sender {
        tolerance: Borrowed("300 s both sides in the official libraries"),
        quirks: Borrowed(&[Borrowed(
            "Standard Webhooks: the whsec_ secret is Base64-decoded; the id must not hold a full stop",
        )]),
        ..UNDOCUMENTED_SENDER
    },
    ..STANDARD_WEBHOOKS_V1
};
