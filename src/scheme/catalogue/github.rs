//! GitHub.

use super::prelude::*;

/// GitHub: the body alone is signed, so its digest is the key; delivery id and
/// event name, outside the signature, split equal bytes.
pub const GITHUB: Scheme = Scheme {
    id: Borrowed("github"),
    name: Borrowed("GitHub"),
    docs: Borrowed(
        "https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries",
    ),
    signature: header!("x-hub-signature-256"),
    format: Format::Bare {
        prefix: Borrowed("sha256="),
    },
    key: UTF8_KEY,
    dedupe: Dedupe::Rules(Borrowed(&[DedupeRule {
        name: Borrowed("delivery"),
        reason: Borrowed(
            "no signed id; equal bytes can be different events (membership changes), which the unsigned delivery id and event name split",
        ),
        key: Borrowed(&[
            KeyPart::BodyDigest,
            KeyPart::Header(Borrowed("x-github-delivery")),
            KeyPart::Header(Borrowed("x-github-event")),
        ]),
        ..ANY_DELIVERY
    }])),
    body_limit: 25 * 1024 * 1024,
    sender: Sender {
        retries: Retries::Never,
        timeout_s: Some(10),
        rotation: Borrowed(
            "one secret per webhook; keep old and new in the ring while you change it",
        ),
        quirks: Borrowed(&[
            Borrowed("form-encoded deliveries sign the encoded body; choose application/json"),
            Borrowed("X-Hub-Signature (SHA-1) is legacy and never a fallback"),
            Borrowed("failed deliveries are never retried; redeliver by hand or API within 3 days"),
        ]),
        ..UNDOCUMENTED_SENDER
    },
    ..HMAC_SHA256_BODY
};

/// GitHub's legacy header with SHA-512, as some servers sent it. Choose [`GITHUB`].
pub const GITHUB_LEGACY_SHA512: Scheme = Scheme {
    id: Borrowed("github_legacy_sha512"),
    name: Borrowed("GitHub, legacy SHA-512"),
    signature: header!("x-hub-signature"),
    format: bare!("sha512="),
    algorithm: Algorithm::HmacSha512,
    sender: LEGACY_SENDER,
    ..GITHUB
};

/// GitHub's legacy header with SHA-1, for servers that send no other. Choose [`GITHUB`].
pub const GITHUB_SHA1: Scheme = Scheme {
    id: Borrowed("github_sha1"),
    name: Borrowed("GitHub, legacy SHA-1"),
    signature: header!("x-hub-signature"),
    format: bare!("sha1="),
    algorithm: Algorithm::HmacSha1,
    sender: LEGACY_SENDER,
    ..GITHUB
};

const LEGACY_SENDER: Sender = Sender {
    retries: Retries::Never,
    timeout_s: Some(10),
    rotation: Borrowed("one secret per webhook; keep old and new in the ring while you change it"),
    quirks: Borrowed(&[
        Borrowed("legacy: a scheme of its own, to be chosen; nothing falls back to it"),
        Borrowed("form-encoded deliveries sign the encoded body; choose application/json"),
        Borrowed("failed deliveries are never retried; redeliver by hand or API within 3 days"),
    ]),
    ..UNDOCUMENTED_SENDER
};
