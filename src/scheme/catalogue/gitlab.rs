//! GitLab.

use super::prelude::*;
use super::standard_webhooks::STANDARD_WEBHOOKS_V1;

/// GitLab's signing token: Standard Webhooks v1 under its own header names.
pub const GITLAB_SIGNING: Scheme = Scheme {
    id: Borrowed("gitlab_signing"),
    name: Borrowed("GitLab signing token"),
    docs: Borrowed("https://docs.gitlab.com/user/project/integrations/webhooks/"),
    aliases: Borrowed(&[]),
    sender: Sender {
        tolerance: Borrowed("not documented; 300 s both sides as Standard Webhooks says"),
        rotation: Borrowed(
            "one signing token per webhook; an overlap of old and new is not documented",
        ),
        quirks: Borrowed(&[
            Borrowed("webhook-id equals the unsigned Idempotency-Key"),
            Borrowed(
                "older servers send X-Gitlab-Token only: the scheme gitlab_token, which signs nothing",
            ),
            Borrowed("a webhook that keeps failing is disabled, first for a while, then for good"),
        ]),
        ..GITLAB_SENDER
    },
    ..STANDARD_WEBHOOKS_V1
};

/// GitLab's secret token: it covers nothing of the delivery.
pub const GITLAB_TOKEN: Scheme = Scheme {
    id: Borrowed("gitlab_token"),
    name: Borrowed("GitLab secret token"),
    docs: Borrowed("https://docs.gitlab.com/user/project/integrations/webhooks/"),
    signature: header!("x-gitlab-token"),
    encoding: Encoding::Text,
    algorithm: Algorithm::Equals,
    key: KeyRules {
        refused_prefixes: Borrowed(&[RefusedPrefix {
            prefix: Borrowed("glpat-"),
            is: Borrowed("a personal access token of GitLab"),
        }]),
        ..UTF8_KEY
    },
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("delivery"),
        reason: Borrowed(
            "Idempotency-Key stays the same when a delivery is sent again; the digest serves servers that send none",
        ),
        key: Borrowed(&[
            KeyPart::BodyDigest,
            KeyPart::Header(Borrowed("idempotency-key")),
            KeyPart::Header(Borrowed("x-gitlab-event")),
        ]),
        ..ANY_DELIVERY
    }])),
    body_limit: 25 * 1024 * 1024,
    sender: Sender {
        rotation: Borrowed(
            "one token per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed(
                "nothing is signed: whoever has seen one delivery can send any; prefer the signing token",
            ),
            Borrowed("a webhook that keeps failing is disabled, first for a while, then for good"),
        ]),
        ..GITLAB_SENDER
    },
    waivers: Borrowed(&[Waiver::InsecureUnsignedKey {
        reason: Borrowed(
            "a token covers nothing, so no key can be signed; who holds the token can send anything, and who does not gets no delivery this far",
        ),
    }]),
    ..HMAC_SHA256_BODY
};

const GITLAB_SENDER: Sender = Sender {
    retries: Retries::Never,
    timeout_s: Some(10),
    ..UNDOCUMENTED_SENDER
};
