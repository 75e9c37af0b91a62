//! The key that signs: shared secrets, and private keys where a feature has them.

use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

#[cfg(any(feature = "ecdsa", feature = "ed25519", feature = "rsa"))]
use crate::scheme::Algorithm;
use crate::scheme::Scheme;
use crate::secret::{KeyBytes, key_bytes};
use crate::verify::mac::MacKeys;
use crate::{ConfigError, Secret};

/// A key of one algorithm.
#[allow(clippy::large_enum_variant, reason = "one per signer")]
pub(super) enum SigningKey {
    #[cfg(feature = "ecdsa")]
    Ecdsa(p256::ecdsa::SigningKey),
    #[cfg(feature = "ed25519")]
    Ed25519(ed25519_dalek::SigningKey),
    Mac {
        key: MacKeys,
        id: String,
    },
    #[cfg(feature = "rsa")]
    Rsa(aws_lc_rs::signature::RsaKeyPair),
    Token(Zeroizing<Vec<u8>>),
}

/// A message while it is fed.
pub(super) enum Message {
    Macs(MacKeys),
    Whole(Vec<u8>),
}

impl SigningKey {
    pub(super) fn new(
        scheme: &Scheme,
        secret: &Secret,
        allow_short: bool,
    ) -> Result<Self, ConfigError> {
        if scheme.algorithm.is_public_key() {
            return private_key(scheme, secret);
        }
        let KeyBytes { bytes, id } = key_bytes(&scheme.key, secret, allow_short)?;
        let id = id
            .and_then(|id| String::from_utf8(id).ok())
            .unwrap_or_default();
        match MacKeys::new(scheme.algorithm, core::iter::once(bytes.as_slice())) {
            Some(key) => Ok(Self::Mac { key, id }),
            None => Ok(Self::Token(bytes)),
        }
    }

    pub(super) fn public_id(&self) -> &str {
        match self {
            Self::Mac { id, .. } => id,
            _ => "",
        }
    }

    pub(super) fn start(&self) -> Message {
        match self {
            Self::Mac { key, .. } => Message::Macs(key.clone()),
            _ => Message::Whole(Vec::new()),
        }
    }

    pub(super) fn sign(&self, message: Message) -> Option<Vec<u8>> {
        match (self, message) {
            (Self::Mac { .. }, Message::Macs(macs)) => {
                let tags = macs.finish();
                tags.iter().next().map(|tag| tag.bytes().to_vec())
            }
            #[cfg(feature = "ecdsa")]
            (Self::Ecdsa(key), Message::Whole(message)) => {
                use p256::ecdsa::DerSignature;
                use p256::ecdsa::signature::Signer;
                let signature: DerSignature = key.try_sign(&message).ok()?;
                Some(signature.as_bytes().to_vec())
            }
            #[cfg(feature = "ed25519")]
            (Self::Ed25519(key), Message::Whole(message)) => {
                use ed25519_dalek::Signer;
                Some(key.try_sign(&message).ok()?.to_bytes().to_vec())
            }
            #[cfg(feature = "rsa")]
            (Self::Rsa(pair), Message::Whole(message)) => {
                let mut signature = alloc::vec![0; pair.public_modulus_len()];
                let random = aws_lc_rs::rand::SystemRandom::new();
                pair.sign(
                    &aws_lc_rs::signature::RSA_PKCS1_SHA256,
                    &random,
                    &message,
                    &mut signature,
                )
                .ok()?;
                Some(signature)
            }
            (Self::Token(token), Message::Whole(_)) => Some(token.to_vec()),
            _ => None,
        }
    }
}

impl Message {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Macs(macs) => macs.update(bytes),
            Self::Whole(message) => message.extend_from_slice(bytes),
        }
    }
}

#[cfg_attr(
    not(any(feature = "ecdsa", feature = "ed25519", feature = "rsa")),
    allow(unused_variables, reason = "what only a feature's keys use")
)]
fn private_key(scheme: &Scheme, secret: &Secret) -> Result<SigningKey, ConfigError> {
    match scheme.algorithm {
        #[cfg(feature = "ecdsa")]
        Algorithm::EcdsaP256Sha256 => {
            use p256::pkcs8::DecodePrivateKey;
            let key = |der: &[u8]| p256::ecdsa::SigningKey::from_pkcs8_der(der).ok();
            pkcs8(secret, EC_KEY, key).map(SigningKey::Ecdsa)
        }
        #[cfg(feature = "ed25519")]
        Algorithm::Ed25519 => {
            use ed25519_dalek::pkcs8::DecodePrivateKey;
            let key = |der: &[u8]| ed25519_dalek::SigningKey::from_pkcs8_der(der).ok();
            pkcs8(secret, ED25519_KEY, key).map(SigningKey::Ed25519)
        }
        #[cfg(feature = "rsa")]
        Algorithm::RsaPkcs1Sha256 => {
            let key = |der: &[u8]| aws_lc_rs::signature::RsaKeyPair::from_pkcs8(der).ok();
            pkcs8(secret, RSA_KEY, key).map(SigningKey::Rsa)
        }
        algorithm => Err(ConfigError::FeatureMissing {
            feature: crate::verify::public_key_feature(algorithm),
            needed_for: "the scheme's algorithm",
        }),
    }
}

#[cfg(feature = "ecdsa")]
const EC_KEY: &str = "a P-256 private key (PKCS#8 as PEM, `BEGIN PRIVATE KEY`)";
#[cfg(feature = "ed25519")]
const ED25519_KEY: &str = "an Ed25519 private key (PKCS#8 as PEM, `BEGIN PRIVATE KEY`)";
#[cfg(feature = "rsa")]
const RSA_KEY: &str = "an RSA private key (PKCS#8 as PEM, `BEGIN PRIVATE KEY`)";

/// A private key from its PEM.
#[cfg(any(feature = "ecdsa", feature = "ed25519", feature = "rsa"))]
fn pkcs8<K>(
    secret: &Secret,
    expected: &'static str,
    key: impl Fn(&[u8]) -> Option<K>,
) -> Result<K, ConfigError> {
    let refused = || ConfigError::InvalidSecret {
        name: secret.name().into(),
        problem: crate::SecretProblem::NotKey { expected },
    };
    let (label, der) =
        pem_rfc7468::decode_vec(secret.text().trim_ascii()).map_err(|_| refused())?;
    let der = Zeroizing::new(der);
    if label != "PRIVATE KEY" {
        return Err(refused());
    }
    key(&der).ok_or_else(refused)
}
