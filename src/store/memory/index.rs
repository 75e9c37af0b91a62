//! Where the done records stand.

use alloc::boxed::Box;

use super::slots::Slots;

/// From a hash to the place that stands under it: in parts, of which each grows at its
/// own time, so that no step does more than a part's work.
pub(super) struct Index {
    parts: Box<[Slots]>,
    len: usize,
}

/// The most places of a part, as long as there are not too many parts: it grows within
/// a small part of a millisecond.
const PART: usize = 32 * 1024;
const MOST_PARTS: usize = 1024;

impl Index {
    /// For about so many places; more cost time, no harm.
    pub(super) fn for_places(places: usize) -> Self {
        let parts = places.div_ceil(PART).clamp(1, MOST_PARTS);
        Self {
            parts: (0..parts).map(|_| Slots::default()).collect(),
            len: 0,
        }
    }

    /// How many places there are.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// The place under this hash that is the one looked for.
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        self.parts.get(self.part(hash))?.find(hash, is_it)
    }

    /// Adds a place, which is not `u32::MAX`.
    pub(super) fn insert(&mut self, hash: u64, place: u32) {
        let part = self.part(hash);
        if let Some(part) = self.parts.get_mut(part) {
            part.insert(hash, place);
            self.len = self.len.saturating_add(1);
        }
    }

    /// Takes away the place under this hash that is the one looked for; whether it was
    /// there.
    pub(super) fn remove(&mut self, hash: u64, is_it: impl Fn(u32) -> bool) -> bool {
        let part = self.part(hash);
        let part = self.parts.get_mut(part);
        let was_there = part.is_some_and(|part| part.remove(hash, is_it));
        self.len = self.len.saturating_sub(usize::from(was_there));
        was_there
    }

    /// By the hash's low half: the slots go by the high one.
    fn part(&self, hash: u64) -> usize {
        let parts = u64::try_from(self.parts.len()).unwrap_or_default();
        let part = (hash & u64::from(u32::MAX)).saturating_mul(parts) >> 32;
        usize::try_from(part).unwrap_or_default()
    }
}
