//! What stands for a key in the memory store's tables.

use core::hash::BuildHasher;
use std::hash::RandomState;

use siphasher::sip128::SipHasher13;

use crate::KeyId;
use crate::store::Lease;

/// A key under a hash that only this store knows: nobody can choose ids that crowd
/// one shard, or one corner of a table. In bytes, so that it stands anywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Fingerprint {
    shard: [u8; 8],
    hash: [u8; 8],
}

impl Fingerprint {
    /// Where it stands in a table.
    pub(super) const fn hash(self) -> u64 {
        u64::from_le_bytes(self.hash)
    }

    /// Which shard's it is; nothing of this shows in `hash`.
    pub(super) const fn shard(self) -> u64 {
        u64::from_le_bytes(self.shard)
    }
}

/// 32 bits of a holder's nonce and fence. They are all that is kept of whoever
/// completed an event, and decide one thing: whether a holder who completes it again is
/// told that it is, or that he was replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Holder([u8; 4]);

impl Holder {
    pub(super) fn of(lease: &Lease) -> Self {
        let [a, b, c, d, ..] = *lease.nonce().as_bytes();
        let [e, f, g, h, ..] = lease.fence().to_le_bytes();
        Self([a ^ e, b ^ f, c ^ g, d ^ h])
    }
}

/// SipHash-1-3 with 128 bits, under a key of this store's own.
pub(super) struct Fingerprints(SipHasher13);

impl Fingerprints {
    /// The key comes from std's, which has the system's randomness.
    pub(super) fn new() -> Self {
        let random = RandomState::new();
        let (low, high) = (random.hash_one(0_u8), random.hash_one(1_u8));
        Self(SipHasher13::new_with_keys(low, high))
    }

    pub(super) fn of(&self, key: KeyId) -> Fingerprint {
        let hash = self.0.hash(key.as_bytes());
        Fingerprint {
            shard: hash.h1.to_le_bytes(),
            hash: hash.h2.to_le_bytes(),
        }
    }
}
