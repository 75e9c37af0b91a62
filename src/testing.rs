//! For tests of your own: a clock that only moves when told, and throw-away keys.

use std::sync::Mutex;

use time::Duration;

use crate::{Clock, Timestamp};

/// A clock that only moves when told.
///
/// ```
/// use countersign::testing::FakeClock;
/// use countersign::{Clock, Timestamp};
///
/// let clock = FakeClock::at(Timestamp::EPOCH);
/// clock.advance(time::Duration::seconds(5));
/// assert_eq!(clock.now().unix_seconds(), 5);
/// ```
#[derive(Debug)]
pub struct FakeClock(Mutex<Timestamp>);

impl FakeClock {
    /// A clock that stands at `moment`.
    #[must_use]
    pub const fn at(moment: Timestamp) -> Self {
        Self(Mutex::new(moment))
    }

    /// Moves it; backwards too.
    pub fn advance(&self, by: Duration) {
        let mut moment = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *moment = moment.saturating_add(by);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// For a store in memory: the time since 1970. A fake clock that is moved back
/// stands still for a store, as the contract of [`Monotonic`](crate::store::Monotonic) wants.
#[cfg(feature = "receiver")]
impl crate::store::Monotonic for FakeClock {
    fn elapsed(&self) -> core::time::Duration {
        self.now()
            .since(Timestamp::EPOCH)
            .try_into()
            .unwrap_or_default()
    }
}

#[cfg(feature = "ecdsa")]
pub use ecdsa::P256KeyPair;
#[cfg(feature = "ed25519")]
pub use ed25519::Ed25519KeyPair;
#[cfg(feature = "rsa")]
pub use rsa::RsaKeyPair;

/// 32 bytes that nobody else has.
#[cfg(any(feature = "ecdsa", feature = "ed25519"))]
fn random(scheme: &str) -> Result<zeroize::Zeroizing<[u8; 32]>, crate::ConfigError> {
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(|_| failed(scheme))?;
    Ok(seed)
}

#[cfg(any(feature = "ecdsa", feature = "ed25519", feature = "rsa"))]
fn failed(scheme: &str) -> crate::ConfigError {
    crate::ConfigError::CannotSign {
        scheme: scheme.into(),
        why: "no key pair could be made".into(),
    }
}

#[cfg(feature = "ecdsa")]
mod ecdsa {
    use alloc::string::String;
    use core::fmt;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use p256::pkcs8::{EncodePrivateKey, EncodePublicKey};
    use pem_rfc7468::LineEnding;

    use super::{failed, random};
    use crate::{ConfigError, Secret};

    /// A throw-away P-256 key pair, for tests of schemes whose private key only the
    /// provider holds (`SendGrid`).
    pub struct P256KeyPair {
        private: String,
        public: String,
    }

    impl P256KeyPair {
        /// Makes a new pair.
        ///
        /// # Errors
        ///
        /// `CANNOT_SIGN` if the system has no randomness to make one from.
        pub fn generate() -> Result<Self, ConfigError> {
            let failed = || failed("ecdsa");
            let seed = random("ecdsa")?;
            // One of 2^32 draws is no key; such a draw is as bad as none.
            let private = p256::SecretKey::from_slice(seed.as_slice()).map_err(|_| failed())?;
            let public = private.public_key().to_public_key_der();
            let private = private.to_pkcs8_der().map_err(|_| failed())?;
            let pem = pem_rfc7468::encode_string("PRIVATE KEY", LineEnding::LF, private.as_bytes());
            Ok(Self {
                private: pem.map_err(|_| failed())?,
                public: STANDARD.encode(public.map_err(|_| failed())?.as_bytes()),
            })
        }

        /// The private key as a signer's secret.
        ///
        /// # Errors
        ///
        /// `INVALID_KEY_RING` for a name that cannot be used.
        pub fn private(&self, name: &str) -> Result<Secret, ConfigError> {
            Secret::new(name, &self.private)
        }

        /// The public key as SPKI in Base64, as `SendGrid` shows it.
        #[must_use]
        pub fn public_base64(&self) -> &str {
            &self.public
        }
    }

    impl fmt::Debug for P256KeyPair {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("P256KeyPair").finish_non_exhaustive()
        }
    }
}

#[cfg(feature = "ed25519")]
mod ed25519 {
    use alloc::string::String;
    use core::fmt;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use ed25519_dalek::SigningKey;
    use pem_rfc7468::LineEnding;

    use super::{failed, random};
    use crate::{ConfigError, Secret};

    /// A throw-away Ed25519 key pair, for tests of schemes whose private key only the
    /// provider holds (Discord, Telnyx, Standard Webhooks v1a).
    pub struct Ed25519KeyPair {
        private: String,
        public: [u8; 32],
    }

    impl Ed25519KeyPair {
        /// Makes a new pair.
        ///
        /// # Errors
        ///
        /// `CANNOT_SIGN` if the system has no randomness to make one from.
        pub fn generate() -> Result<Self, ConfigError> {
            let seed = random("ed25519")?;
            let der = [PKCS8_HEAD, seed.as_slice()].concat();
            let private = pem_rfc7468::encode_string("PRIVATE KEY", LineEnding::LF, &der);
            Ok(Self {
                private: private.map_err(|_| failed("ed25519"))?,
                public: SigningKey::from_bytes(&seed).verifying_key().to_bytes(),
            })
        }

        /// The private key as a signer's secret.
        ///
        /// # Errors
        ///
        /// `INVALID_KEY_RING` for a name that cannot be used.
        pub fn private(&self, name: &str) -> Result<Secret, ConfigError> {
            Secret::new(name, &self.private)
        }

        /// The public key as Base64, as Telnyx and Standard Webhooks show it.
        #[must_use]
        pub fn public_base64(&self) -> String {
            STANDARD.encode(self.public)
        }

        /// The public key as hexadecimal, as Discord shows it.
        #[must_use]
        pub fn public_hex(&self) -> String {
            hex::encode(self.public)
        }
    }

    /// What stands before the seed in PKCS#8 (RFC 8410, section 7).
    const PKCS8_HEAD: &[u8] = &[
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];

    impl fmt::Debug for Ed25519KeyPair {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Ed25519KeyPair").finish_non_exhaustive()
        }
    }
}

#[cfg(feature = "rsa")]
mod rsa {
    use alloc::string::String;
    use core::fmt;

    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::KeyPair as _;
    use pem_rfc7468::LineEnding;

    use crate::{ConfigError, Secret};

    /// A throw-away RSA key pair of 2048 bits, for tests of schemes whose private
    /// key only the provider holds.
    pub struct RsaKeyPair {
        private: String,
        public: String,
    }

    impl RsaKeyPair {
        /// Makes a new pair.
        ///
        /// # Errors
        ///
        /// `CANNOT_SIGN` if the system has no randomness to make one from.
        pub fn generate() -> Result<Self, ConfigError> {
            let failed = || super::failed("rsa");
            let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| failed())?;
            let private: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| failed())?;
            let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| failed())?;
            let pem = |label, der| {
                pem_rfc7468::encode_string(label, LineEnding::LF, der).map_err(|_| failed())
            };
            Ok(Self {
                private: pem("PRIVATE KEY", private.as_ref())?,
                public: pem("PUBLIC KEY", public.as_ref())?,
            })
        }

        /// The private key as a signer's secret.
        ///
        /// # Errors
        ///
        /// `INVALID_KEY_RING` for a name that cannot be used.
        pub fn private(&self, name: &str) -> Result<Secret, ConfigError> {
            Secret::new(name, &self.private)
        }

        /// The public key as a verifier's secret.
        ///
        /// # Errors
        ///
        /// `INVALID_KEY_RING` for a name that cannot be used.
        pub fn public(&self, name: &str) -> Result<Secret, ConfigError> {
            Secret::new(name, &self.public)
        }

        /// The public key as PEM.
        #[must_use]
        pub fn public_pem(&self) -> &str {
            &self.public
        }
    }

    impl fmt::Debug for RsaKeyPair {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("RsaKeyPair").finish_non_exhaustive()
        }
    }
}
