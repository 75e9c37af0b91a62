//! The nonces of a receiver's claims.

use core::hash::Hasher;
use core::sync::atomic::{AtomicU64, Ordering};
use std::sync::OnceLock;
use std::time::UNIX_EPOCH;

use siphasher::sip128::{Hasher128, SipHasher24};

use crate::StoreError;
use crate::store::Nonce;

/// Nonces that nobody can guess, and no other receiver draws: a keyed hash of a count and
/// the time, under a key from the system's randomness. To ask the system for each took
/// longer than the claim in memory.
#[derive(Default)]
pub(super) struct Nonces {
    key: OnceLock<Nonce>,
    drawn: AtomicU64,
}

impl Nonces {
    /// The next one.
    pub(super) fn next(&self) -> Result<Nonce, StoreError> {
        let key = match self.key.get() {
            Some(key) => key,
            None => {
                let key = Nonce::random()?;
                self.key.get_or_init(|| key)
            }
        };
        let mut hash = SipHasher24::new_with_key(key.as_bytes());
        hash.write_u64(self.drawn.fetch_add(1, Ordering::Relaxed));
        // Two machines that were started from one image have key and count in common.
        let time = UNIX_EPOCH.elapsed().unwrap_or_default();
        hash.write_u128(time.as_nanos());
        Ok(Nonce::from_bytes(hash.finish128().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn none_comes_twice() {
        let receivers = [Nonces::default(), Nonces::default()];
        let nonces = (0..1000).flat_map(|_| receivers.each_ref().map(|nonces| nonces.next()));
        let drawn: HashSet<_> = nonces.map(|nonce| *nonce.unwrap().as_bytes()).collect();
        assert_eq!(drawn.len(), 2000);
    }
}
