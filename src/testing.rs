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

#[cfg(feature = "rsa")]
pub use rsa::RsaKeyPair;

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
            let failed = || ConfigError::CannotSign {
                scheme: "rsa".into(),
                why: "no key pair could be made".into(),
            };
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
