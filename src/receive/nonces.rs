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
        let count = self.drawn.fetch_add(1, Ordering::Relaxed);
        // Machines that were started from one image, and processes that were forked, have
        // key and count in common.
        let time = UNIX_EPOCH.elapsed().unwrap_or_default();
        Ok(nonce(key, count, time.as_nanos()))
    }
}

fn nonce(key: &Nonce, count: u64, nanoseconds: u128) -> Nonce {
    let mut hash = SipHasher24::new_with_key(key.as_bytes());
    hash.write_u64(count);
    hash.write_u128(nanoseconds);
    Nonce::from_bytes(hash.finish128().as_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_of_key_count_and_time_is_enough_to_make_another() {
        let key = |byte| Nonce::from_bytes([byte; 16]);
        let all: HashSet<_> = [(1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2)]
            .map(|(byte, count, time)| *nonce(&key(byte), count, time).as_bytes())
            .into();
        assert_eq!(all.len(), 4);
    }

    #[test]
    fn receivers_have_keys_of_their_own_and_count() {
        let [one, other] = [Nonces::default(), Nonces::default()];
        for nonces in [&one, &other] {
            nonces.next().unwrap();
            nonces.next().unwrap();
            assert_eq!(nonces.drawn.load(Ordering::Relaxed), 2);
        }
        let key = |nonces: &Nonces| *nonces.key.get().unwrap().as_bytes();
        assert_ne!(key(&one), key(&other));
    }
}
