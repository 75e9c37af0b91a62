//! Public keys: from the text that a provider hands out to a check of one
//! signature. What an algorithm needs beyond this crate's core is a feature.
#![cfg_attr(
    not(all(feature = "ecdsa", feature = "ed25519", feature = "rsa")),
    allow(
        dead_code,
        unused_imports,
        unused_variables,
        reason = "what only a feature's keys use"
    )
)]

use alloc::vec::Vec;

use crate::scheme::{Algorithm, KeyForm, KeyRules};
use crate::secret::{KeyBytes, Secret};
use crate::{ConfigError, SecretProblem};

/// A public key of one algorithm.
pub(crate) enum PublicKey {
    #[cfg(feature = "ecdsa")]
    Ecdsa(p256::ecdsa::VerifyingKey),
    #[cfg(feature = "ed25519")]
    Ed25519(ed25519_dalek::VerifyingKey),
    #[cfg(feature = "rsa")]
    Rsa {
        key: aws_lc_rs::signature::ParsedPublicKey,
        signature_bytes: usize,
    },
}

/// What a signature was computed over: the message, or its SHA-256.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Message<'m> {
    Sha256(&'m [u8; 32]),
    Whole(&'m [u8]),
}

impl PublicKey {
    #[cfg_attr(
        not(any(feature = "ecdsa", feature = "ed25519", feature = "rsa")),
        allow(unused_variables)
    )]
    pub(crate) fn new(
        algorithm: Algorithm,
        rules: &KeyRules,
        secret: &Secret,
        key: &KeyBytes,
    ) -> Result<Self, ConfigError> {
        let invalid = |problem| ConfigError::InvalidSecret {
            name: secret.name().into(),
            problem,
        };
        match algorithm {
            #[cfg(feature = "ecdsa")]
            Algorithm::EcdsaP256Sha256 => {
                use p256::pkcs8::DecodePublicKey;
                let der = spki_der(rules, key, EC_KEY).map_err(invalid)?;
                p256::ecdsa::VerifyingKey::from_public_key_der(&der)
                    .map(Self::Ecdsa)
                    .map_err(|_| invalid(SecretProblem::NotKey { expected: EC_KEY }))
            }
            #[cfg(feature = "ed25519")]
            Algorithm::Ed25519 => key
                .bytes
                .as_slice()
                .try_into()
                .ok()
                .and_then(|bytes| ed25519_dalek::VerifyingKey::from_bytes(bytes).ok())
                .filter(|key| !key.is_weak())
                .map(Self::Ed25519)
                .ok_or_else(|| {
                    invalid(SecretProblem::NotKey {
                        expected: "an Ed25519 public key of 32 bytes",
                    })
                }),
            #[cfg(feature = "rsa")]
            Algorithm::RsaPkcs1Sha256 => {
                let der = spki_der(rules, key, RSA_KEY).map_err(invalid)?;
                rsa(&der).ok_or_else(|| invalid(SecretProblem::NotKey { expected: RSA_KEY }))
            }
            _ => Err(ConfigError::FeatureMissing {
                feature: feature(algorithm),
                needed_for: "the scheme's algorithm",
            }),
        }
    }

    /// Fewest and most bytes of a signature under this key.
    pub(super) const fn signature_lengths(&self) -> (usize, usize) {
        match *self {
            #[cfg(feature = "ecdsa")]
            Self::Ecdsa(_) => (8, 72),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(_) => (64, 64),
            #[cfg(feature = "rsa")]
            Self::Rsa {
                signature_bytes, ..
            } => (signature_bytes, signature_bytes),
        }
    }

    /// Whether `signature` is this key's over `message`.
    #[cfg_attr(
        not(any(feature = "ecdsa", feature = "ed25519", feature = "rsa")),
        allow(unused_variables)
    )]
    pub(crate) fn matches(&self, message: Message<'_>, signature: &[u8]) -> bool {
        match (self, message) {
            #[cfg(feature = "ecdsa")]
            (Self::Ecdsa(key), Message::Sha256(digest)) => {
                use p256::ecdsa::signature::hazmat::PrehashVerifier;
                p256::ecdsa::DerSignature::from_bytes(signature)
                    .is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok())
            }
            #[cfg(feature = "ed25519")]
            (Self::Ed25519(key), Message::Whole(message)) => {
                ed25519_dalek::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
            }
            #[cfg(feature = "rsa")]
            (Self::Rsa { key, .. }, Message::Sha256(digest)) => {
                use aws_lc_rs::digest::{Digest, SHA256};
                Digest::import_less_safe(digest, &SHA256)
                    .is_ok_and(|digest| key.verify_digest_sig(&digest, signature).is_ok())
            }
            #[allow(
                unreachable_patterns,
                reason = "with no public-key feature there is no key"
            )]
            _ => false,
        }
    }
}

#[cfg(feature = "diagnose")]
impl PublicKey {
    /// Ways to sign that a diagnosis tries beside the scheme's own.
    pub(crate) const OTHER_WAYS: &[&str] = &[
        "RSA-PSS with SHA-256",
        "RSA PKCS#1 v1.5 with SHA-512",
        "RSA PKCS#1 v1.5 with SHA-384",
        "RSA PKCS#1 v1.5 with SHA-1",
        "RSA-PSS with SHA-512",
        "RSA-PSS with SHA-384",
    ];

    /// Whether `signature` is this key's over `message` in one of the other ways.
    pub(crate) fn matches_otherwise(&self, way: &str, message: &[u8], signature: &[u8]) -> bool {
        match self {
            #[cfg(feature = "rsa")]
            Self::Rsa { key, .. } => {
                use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
                use aws_lc_rs::signature as rsa;
                let parameters = match way {
                    "RSA-PSS with SHA-256" => &rsa::RSA_PSS_2048_8192_SHA256,
                    "RSA PKCS#1 v1.5 with SHA-512" => &rsa::RSA_PKCS1_2048_8192_SHA512,
                    "RSA PKCS#1 v1.5 with SHA-384" => &rsa::RSA_PKCS1_2048_8192_SHA384,
                    "RSA PKCS#1 v1.5 with SHA-1" => {
                        &rsa::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY
                    }
                    "RSA-PSS with SHA-512" => &rsa::RSA_PSS_2048_8192_SHA512,
                    _ => &rsa::RSA_PSS_2048_8192_SHA384,
                };
                let der: Option<PublicKeyX509Der<'_>> = key.as_der().ok();
                der.is_some_and(|der| {
                    let key = rsa::UnparsedPublicKey::new(parameters, der.as_ref());
                    key.verify(message, signature).is_ok()
                })
            }
            #[allow(unreachable_patterns, reason = "where RSA keys are the only ones")]
            _ => false,
        }
    }
}

impl core::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PublicKey(..)")
    }
}

#[cfg(feature = "ecdsa")]
const EC_KEY: &str = "a P-256 public key (SPKI)";
#[cfg(feature = "rsa")]
const RSA_KEY: &str =
    "an RSA public key of 2048 to 8192 bits (PEM, `BEGIN PUBLIC KEY` or `BEGIN RSA PUBLIC KEY`)";

/// The feature that an algorithm needs.
pub(crate) const fn feature(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::EcdsaP256Sha256 => "ecdsa",
        Algorithm::Ed25519 => "ed25519",
        _ => "rsa",
    }
}

#[cfg(feature = "rsa")]
fn rsa(der: &[u8]) -> Option<PublicKey> {
    use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).ok()?;
    Some(PublicKey::Rsa {
        signature_bytes: rsa_bytes(&key)?,
        key,
    })
}

/// The bytes of a modulus, which every signature has too; `None` for one of a size that
/// is not taken. Only the SPKI form tells.
#[cfg(feature = "rsa")]
pub(super) fn rsa_bytes(key: &aws_lc_rs::signature::ParsedPublicKey) -> Option<usize> {
    let spki = aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::PublicKeyX509Der<'_>>::as_der(key)
        .ok()?;
    let key = aws_lc_rs::rsa::PublicEncryptingKey::from_der(spki.as_ref()).ok()?;
    Some(key.key_size_bytes())
}

/// The DER of a public key, from PEM or as given.
#[cfg(any(feature = "rsa", feature = "ecdsa"))]
fn spki_der(
    rules: &KeyRules,
    key: &KeyBytes,
    expected: &'static str,
) -> Result<Vec<u8>, SecretProblem> {
    if rules.form != KeyForm::SpkiPem {
        return Ok(key.bytes.to_vec());
    }
    let text = core::str::from_utf8(&key.bytes).map_err(|_| SecretProblem::NotKey { expected })?;
    if text.contains("PRIVATE KEY") {
        return Err(SecretProblem::PrivateKeyGiven);
    }
    let (label, der) = pem_rfc7468::decode_vec(text.trim().as_bytes())
        .map_err(|_| SecretProblem::NotKey { expected })?;
    if label == "PUBLIC KEY" || label == "RSA PUBLIC KEY" {
        Ok(der)
    } else {
        Err(SecretProblem::NotKey { expected })
    }
}
