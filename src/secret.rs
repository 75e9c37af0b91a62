//! Secrets and key rings: named, in a stated form, redacted and wiped.
//!
//! A [`Secret`] holds the text as the user has it. What its bytes are is decided
//! by the scheme alone, when a verifier or signer is built; that is also when the
//! lint refuses texts that cannot be a secret of that scheme.

mod decode;
mod lint;

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::ConfigError;

#[cfg(feature = "diagnose")]
pub(crate) use decode::unlinted;
pub(crate) use decode::{KeyBytes, key_bytes};

/// Keys in a ring: each costs one MAC per delivery, and rotation needs two.
const MAX_KEYS: usize = 8;
/// Below this many bytes a fingerprint would help to guess the secret.
const MIN_FINGERPRINT_BYTES: usize = 16;

/// A named secret: a shared secret, or a provider's public key.
///
/// ```
/// let secret = countersign::Secret::new("current", "whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2Vj")?;
/// assert!(!format!("{secret:?}").contains("c2Vj"));
/// # Ok::<(), countersign::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct Secret {
    name: String,
    text: Zeroizing<Vec<u8>>,
}

impl Secret {
    /// A secret under a name of 1 to 32 characters of `a-z`, `0-9`, `_` and `-`.
    ///
    /// # Errors
    ///
    /// `INVALID_KEY_RING` for a name of another form.
    pub fn new(name: &str, text: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        let plain = |b: &u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        if name.is_empty() || name.len() > 32 || !name.as_bytes().iter().all(plain) {
            return Err(ConfigError::InvalidKeyRing {
                problem: "a secret's name is 1 to 32 characters of a-z, 0-9, _ and -".to_owned(),
            });
        }
        Ok(Self {
            name: name.to_owned(),
            text: Zeroizing::new(text.as_ref().to_vec()),
        })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// 16 bits that tell two secrets apart in a log, as four hexadecimal digits.
    /// `None` for secrets under 16 bytes, which it would help to guess.
    #[must_use]
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        if self.text.len() < MIN_FINGERPRINT_BYTES {
            return None;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.text).ok()?;
        mac.update(b"countersign/fingerprint/1");
        let tag = mac.finalize().into_bytes();
        Some(Fingerprint([*tag.first()?, *tag.get(1)?]))
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// 16 bits of a secret, one-way, for logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 2]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [high, low] = self.0;
        write!(f, "{high:02x}{low:02x}")
    }
}

/// One to eight named secrets. All are tried on every delivery, so that a secret
/// can be replaced without a gap; a match says which.
///
/// ```
/// use countersign::KeyRing;
///
/// let ring = KeyRing::new()
///     .with("2026-11", "a new secret of the provider")?
///     .with("2026-05", "an old secret of the provider")?;
/// assert_eq!(ring.names().collect::<Vec<_>>(), ["2026-11", "2026-05"]);
/// # Ok::<(), countersign::ConfigError>(())
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct KeyRing {
    secrets: Vec<Secret>,
    allow_short: bool,
}

impl KeyRing {
    /// An empty ring.
    pub const fn new() -> Self {
        Self {
            secrets: Vec::new(),
            allow_short: false,
        }
    }

    /// Adds a secret.
    ///
    /// # Errors
    ///
    /// `INVALID_KEY_RING` for a name of another form or taken already, or a ninth secret.
    pub fn with(self, name: &str, text: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        let secret = Secret::new(name, text)?;
        self.with_secret(secret)
    }

    /// Adds a secret made before.
    ///
    /// # Errors
    ///
    /// `INVALID_KEY_RING` for a name taken already, or a ninth secret.
    pub fn with_secret(mut self, secret: Secret) -> Result<Self, ConfigError> {
        if self.secrets.iter().any(|other| other.name == secret.name) {
            return Err(ConfigError::InvalidKeyRing {
                problem: alloc::format!("two secrets are named `{}`", secret.name),
            });
        }
        if self.secrets.len() >= MAX_KEYS {
            return Err(ConfigError::InvalidKeyRing {
                problem: alloc::format!(
                    "a ring holds at most {MAX_KEYS} secrets; each costs a MAC per delivery"
                ),
            });
        }
        self.secrets.push(secret);
        Ok(self)
    }

    /// Takes secrets that are shorter than the scheme's least. They can be guessed.
    pub const fn insecure_allow_short_secrets(mut self) -> Self {
        self.allow_short = true;
        self
    }

    /// The names, in the order of the ring.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(Secret::name)
    }

    pub(crate) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    pub(crate) const fn allows_short(&self) -> bool {
        self.allow_short
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.secrets).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_names_only() {
        let ring = KeyRing::new()
            .with("current", "a secret that nobody may see")
            .unwrap();
        assert_eq!(
            alloc::format!("{ring:?}"),
            "[Secret { name: \"current\", .. }]"
        );
    }

    #[test]
    fn a_fingerprint_tells_secrets_apart_and_short_ones_have_none() {
        let print = |text: &str| Secret::new("k", text).unwrap().fingerprint();
        assert_ne!(print("0123456789abcdef"), print("0123456789abcdeg"));
        assert!(print("0123456789abcde").is_none());
    }

    #[test]
    fn names_and_sizes_have_bounds() {
        for name in [
            "",
            "Current",
            "with space",
            "0123456789012345678901234567890123",
        ] {
            assert!(Secret::new(name, "text").is_err(), "{name}");
        }
        let mut ring = KeyRing::new();
        for index in 0..MAX_KEYS {
            ring = ring.with(&alloc::format!("k{index}"), "text").unwrap();
        }
        assert!(ring.clone().with("k0", "text").is_err());
        assert!(ring.with("one-more", "text").is_err());
    }
}
