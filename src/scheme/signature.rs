//! Where a signature stands, how it splits, how it is written and computed.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{JsonPath, List, Text};

/// Where the signature stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum SignatureSource {
    /// In a form field of the body (Braintree).
    Form {
        /// The field's name.
        field: Text,
    },
    /// In a header; every one of `also` that is present holds candidates too (Box).
    Header {
        /// The header's name.
        name: Text,
        /// More headers that may carry a signature; at least one must be present.
        #[cfg_attr(
            feature = "serde",
            serde(default, skip_serializing_if = "super::is_empty")
        )]
        also: List<Text>,
    },
    /// In a JSON field of the body (Mailgun).
    Json {
        /// The field's path.
        path: JsonPath,
    },
    /// In headers `{prefix}{from}` to `{prefix}{to}` (`DocuSign`).
    Numbered {
        /// The name without its number.
        prefix: Text,
        /// The first number.
        from: u8,
        /// The last number.
        to: u8,
    },
}

/// How the signature text splits into candidates.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Format {
    /// One signature after a required prefix, which may be empty (GitHub's `sha256=`).
    Bare {
        /// What stands before the signature.
        #[cfg_attr(feature = "serde", serde(default))]
        prefix: Text,
    },
    /// `key=value` items (Stripe's `t=1,v1=ab,v1=cd`). The signature key may
    /// repeat; white space around items is trimmed; other keys are skipped.
    KeyValue {
        /// What stands between items.
        separator: char,
        /// The key of a signature.
        signature_key: Text,
    },
    /// `public id|signature` items (Braintree); only the item whose id is our key's counts.
    Pairs {
        /// What stands between items.
        separator: char,
        /// What stands between id and signature.
        pair_separator: char,
    },
    /// `tag,signature` items (Standard Webhooks' `v1,…`). The tag must match
    /// exactly; items with another tag are skipped.
    Tagged {
        /// What stands between items.
        separator: char,
        /// What stands between tag and signature.
        tag_separator: char,
        /// The tag of a signature.
        tag: Text,
    },
}

/// How one signature is written. Decoding is canonical: one text per signature,
/// but for the case of hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Encoding {
    /// Base64 with padding, RFC 4648 section 4.
    Base64,
    /// URL-safe Base64 without padding, RFC 4648 section 5.
    Base64Url,
    /// Hexadecimal, either case.
    Hex,
    /// The text itself: a shared token.
    Text,
}

/// What computes a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256, DER signatures (feature `ecdsa`).
    EcdsaP256Sha256,
    /// Ed25519 (feature `ed25519`).
    Ed25519,
    /// A shared token, compared in constant time. Signs nothing.
    Equals,
    /// HMAC with SHA-1.
    HmacSha1,
    /// HMAC with SHA-256.
    HmacSha256,
    /// HMAC with SHA-512.
    HmacSha512,
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 to 8192 bits (feature `rsa`).
    RsaPkcs1Sha256,
    /// SHA-256 over secret and message (`HubSpot` v1, v2). Weak: who has one signed
    /// message can sign that message with more at its end (length extension).
    WeakHashSha256,
}

impl Algorithm {
    /// Length of a signature in bytes, where it is fixed.
    #[must_use]
    pub const fn signature_length(self) -> Option<usize> {
        match self {
            Self::HmacSha1 => Some(20),
            Self::Equals | Self::WeakHashSha256 | Self::HmacSha256 => Some(32),
            Self::Ed25519 | Self::HmacSha512 => Some(64),
            Self::EcdsaP256Sha256 | Self::RsaPkcs1Sha256 => None,
        }
    }

    /// Whether a receiver holds only the public half of the key.
    #[must_use]
    pub const fn is_public_key(self) -> bool {
        matches!(
            self,
            Self::EcdsaP256Sha256 | Self::Ed25519 | Self::RsaPkcs1Sha256
        )
    }

    /// Whether the signature covers the content at all.
    #[must_use]
    pub const fn covers_content(self) -> bool {
        !matches!(self, Self::Equals)
    }
}
