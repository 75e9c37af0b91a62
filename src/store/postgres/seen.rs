//! Keys that this process met of late: their records are looked for before new ones are
//! made, so that a duplicate costs one read.

use alloc::boxed::Box;
use core::sync::atomic::{AtomicU64, Ordering};

use crate::KeyId;

/// Some keys, by half of their bits. What it says is a guess, and only chooses which of
/// two statements comes first.
pub(super) struct Seen(Box<[AtomicU64]>);

/// So many keys at most: 8 KiB.
const KEYS: usize = 1024;

impl Default for Seen {
    fn default() -> Self {
        Self((0..KEYS).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Seen {
    pub(super) fn holds(&self, key: KeyId) -> bool {
        let (place, mark) = self.at(key);
        place.is_some_and(|place| place.load(Ordering::Relaxed) == mark)
    }

    /// In place of another.
    pub(super) fn note(&self, key: KeyId) {
        self.put(key, |mark| mark);
    }

    pub(super) fn forget(&self, key: KeyId) {
        self.put(key, |mark| !mark);
    }

    fn put(&self, key: KeyId, value: impl Fn(u64) -> u64) {
        let (place, mark) = self.at(key);
        if let Some(place) = place {
            place.store(value(mark), Ordering::Relaxed);
        }
    }

    /// Keys are hashes: some of the bits say where, others which.
    fn at(&self, key: KeyId) -> (Option<&AtomicU64>, u64) {
        let [a, b, _, _, _, _, _, _, mark @ ..] = *key.as_bytes();
        let place = usize::from(u16::from_be_bytes([a, b])) % KEYS;
        (self.0.get(place), u64::from_be_bytes(mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_held_until_it_is_forgotten_or_replaced() {
        let seen = Seen::default();
        let key = |low: u8, high: u8| {
            let mut bytes = [0; 16];
            (bytes[1], bytes[15]) = (high, low);
            KeyId::from_bytes(bytes)
        };
        assert!(!seen.holds(key(1, 1)));
        seen.note(key(1, 1));
        seen.note(key(2, 2));
        assert!(seen.holds(key(1, 1)) && seen.holds(key(2, 2)));
        assert!(!seen.holds(key(2, 1)));
        seen.forget(key(1, 1));
        assert!(!seen.holds(key(1, 1)) && seen.holds(key(2, 2)));
        seen.note(key(3, 2));
        assert!(!seen.holds(key(2, 2)) && seen.holds(key(3, 2)));
    }
}
