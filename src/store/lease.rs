//! The right to process an event, held for a while.

use core::fmt;
use core::time::Duration;

use super::ClaimRequest;
use crate::{KeyId, StoreError};

/// The right to process an event, held until its deadline passes and somebody else
/// claims it.
#[derive(Clone, Debug)]
pub struct Lease {
    request: ClaimRequest,
    fence: u64,
    attempt: u32,
    is_takeover: bool,
}

impl Lease {
    /// For stores: the lease that answers `request`.
    #[must_use]
    pub fn granted(request: &ClaimRequest, fence: u64, attempt: u32) -> Self {
        Self {
            request: request.clone(),
            fence,
            attempt,
            is_takeover: false,
        }
    }

    /// For stores: says that it was taken over from a holder who let it expire.
    #[must_use]
    pub const fn taken_over(mut self, is_takeover: bool) -> Self {
        self.is_takeover = is_takeover;
        self
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> KeyId {
        self.request.key()
    }

    /// The holder's nonce.
    #[must_use]
    pub const fn nonce(&self) -> Nonce {
        self.request.nonce()
    }

    /// Rises with each holder of the key. A resource that remembers the highest one
    /// it saw can refuse a holder who was replaced.
    #[must_use]
    pub const fn fence(&self) -> u64 {
        self.fence
    }

    /// Which attempt at the event this is, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Whether it was taken over from a holder who let it expire, and who may have
    /// left half an effect behind.
    #[must_use]
    pub const fn is_takeover(&self) -> bool {
        self.is_takeover
    }

    /// How long it is held without being renewed.
    #[must_use]
    pub const fn duration(&self) -> Duration {
        self.request.lease()
    }

    /// How long the event is remembered from its completion.
    #[must_use]
    pub const fn retention(&self) -> Duration {
        self.request.retention()
    }

    /// With another retention.
    pub(super) fn retained(mut self, retention: Duration) -> Self {
        self.request = self.request.retained(retention);
        self
    }

    /// The body's SHA-256, if it counts.
    #[must_use]
    pub const fn body_digest(&self) -> Option<&[u8; 32]> {
        self.request.body_digest()
    }
}

/// 128 bits that nobody can guess, and prove who holds a claim, even where a store forgot it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// From the bytes that a store keeps.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// A new one, from the system's randomness.
    ///
    /// # Errors
    ///
    /// If the system has none to give.
    pub fn random() -> Result<Self, StoreError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| {
            StoreError::permanent("the system has no randomness to choose a nonce from")
        })?;
        Ok(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// Without the bytes: whoever has them can settle the claim.
impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonce(..)")
    }
}
