//! How a secret's text becomes key bytes.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{List, Text};

/// How a secret's text becomes key bytes, and which texts are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields, default = "super::text::defaults::key")
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct KeyRules {
    /// The form of the text. Never guessed from the text itself.
    pub form: KeyForm,
    /// A prefix that is cut before decoding, where present (`whsec_` of Standard Webhooks).
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub strip_prefix: Option<Text>,
    /// Shortest key accepted without a waiver, in decoded bytes.
    pub min_bytes: u16,
    /// Prefixes of things that users paste by mistake.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "super::is_empty")
    )]
    pub refused_prefixes: List<RefusedPrefix>,
}

/// A prefix that shows the text to be something else than the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct RefusedPrefix {
    /// The prefix.
    pub prefix: Text,
    /// What a text with that prefix is.
    pub is: Text,
}

/// The form of a secret's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "kebab-case")
)]
#[non_exhaustive]
pub enum KeyForm {
    /// Base64, decoded. Missing padding and stray trailing bits are taken, as
    /// official suites need it; nothing else is.
    Base64,
    /// An Ed25519 public key of 32 bytes, as Base64.
    Ed25519Base64,
    /// An Ed25519 public key of 32 bytes, as hexadecimal.
    Ed25519Hex,
    /// Hexadecimal, decoded.
    Hex,
    /// A public key of P-256 with its `kid`, as a JSON Web Key (Plaid).
    Jwk,
    /// `public id|private key`; the key is the SHA-1 of the private key (Braintree).
    Sha1OfUtf8,
    /// A public key, SPKI DER as Base64 without PEM lines.
    SpkiBase64,
    /// A public key, PEM (`BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`).
    SpkiPem,
    /// The whole text as UTF-8, prefix and all.
    Utf8,
    /// An X.509 certificate with an RSA key, PEM (`BEGIN CERTIFICATE`). Of a chain the
    /// first one counts. For the schemes of a procedure that says so.
    #[cfg_attr(feature = "serde", serde(rename = "x509-pem"))]
    X509Pem,
}
