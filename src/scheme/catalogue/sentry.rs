//! Sentry.

use super::prelude::*;

/// Sentry's integration platform: the body alone; request id and resource split equal bytes.
pub const SENTRY: Scheme = Scheme {
    id: Borrowed("sentry"),
    name: Borrowed("Sentry"),
    docs: Borrowed(
        "https://docs.sentry.io/organization/integrations/integration-platform/webhooks/",
    ),
    signature: header!("sentry-hook-signature"),
    key: KeyRules {
        refused_prefixes: Borrowed(&[
            RefusedPrefix {
                prefix: Borrowed("sntrys_"),
                is: Borrowed("an organization's API token of Sentry"),
            },
            RefusedPrefix {
                prefix: Borrowed("sntryu_"),
                is: Borrowed("a user's API token of Sentry"),
            },
        ]),
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("delivery"),
        reason: Borrowed(
            "no signed id; equal bytes can be different events, which the unsigned request id and resource split",
        ),
        key: Borrowed(&[
            KeyPart::BodyDigest,
            KeyPart::Header(Borrowed("request-id")),
            KeyPart::Header(Borrowed("sentry-hook-resource")),
        ]),
        ..ANY_DELIVERY
    }])),
    sender: Sender {
        retries: Retries::Never,
        timeout_s: Some(1),
        rotation: Borrowed(
            "the secret is the integration's client secret; an overlap of old and new is not documented",
        ),
        quirks: Borrowed(&[
            Borrowed("1 s to answer, and nothing is retried: hand the work over first"),
            Borrowed("1000 time-outs in 24 hours end the deliveries to an internal integration"),
            Borrowed("Sentry-Hook-Timestamp and Sentry-Hook-Resource are not signed"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};
