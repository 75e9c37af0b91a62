//! The key that signs: shared secrets, and private keys where a feature has them.

use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::scheme::{Algorithm, Scheme};
use crate::secret::{KeyBytes, key_bytes};
use crate::verify::lanes::Lanes;
use crate::verify::mac::{MacKeys, RunningMacs};
use crate::{ConfigError, Secret};

/// A key of one algorithm.
#[allow(clippy::large_enum_variant, reason = "one per signer")]
pub(super) enum SigningKey {
    Mac {
        key: MacKeys,
        id: String,
    },
    #[cfg(feature = "rsa")]
    Rsa(aws_lc_rs::signature::RsaKeyPair),
    Token(Zeroizing<Vec<u8>>),
}

/// A message while it is fed.
#[allow(clippy::large_enum_variant, reason = "short-lived")]
pub(super) enum Message {
    Macs(RunningMacs),
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
            Self::Mac { key, .. } => {
                let mut macs = RunningMacs::idle();
                key.start(1, &mut macs);
                Message::Macs(macs)
            }
            _ => Message::Whole(Vec::new()),
        }
    }

    pub(super) fn sign(&self, message: Message) -> Option<Vec<u8>> {
        match (self, message) {
            (Self::Mac { .. }, Message::Macs(mut macs)) => {
                let mut tags = Lanes::new();
                macs.finish(&mut tags);
                tags.iter().next().map(|tag| tag.bytes().to_vec())
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
            Self::Macs(macs) => macs.update(0, 1, bytes),
            Self::Whole(message) => message.extend_from_slice(bytes),
        }
    }
}

fn private_key(scheme: &Scheme, secret: &Secret) -> Result<SigningKey, ConfigError> {
    match scheme.algorithm {
        Algorithm::RsaPkcs1Sha256 => rsa(secret),
        _ => Err(super::cannot(
            scheme,
            "only the provider holds its private key",
        )),
    }
}

#[cfg(not(feature = "rsa"))]
fn rsa(_: &Secret) -> Result<SigningKey, ConfigError> {
    Err(ConfigError::FeatureMissing {
        feature: "rsa",
        needed_for: "signing with RSA",
    })
}

#[cfg(feature = "rsa")]
fn rsa(secret: &Secret) -> Result<SigningKey, ConfigError> {
    let refused = || ConfigError::InvalidSecret {
        name: secret.name().into(),
        problem: crate::SecretProblem::NotKey {
            expected: "an RSA private key (PKCS#8 as PEM, `BEGIN PRIVATE KEY`)",
        },
    };
    let (label, der) =
        pem_rfc7468::decode_vec(secret.text().trim_ascii()).map_err(|_| refused())?;
    let der = Zeroizing::new(der);
    if label != "PRIVATE KEY" {
        return Err(refused());
    }
    aws_lc_rs::signature::RsaKeyPair::from_pkcs8(&der)
        .map(SigningKey::Rsa)
        .map_err(|_| refused())
}
