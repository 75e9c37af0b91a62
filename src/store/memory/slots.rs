//! A table of places by their hash.

use alloc::vec;
use alloc::vec::Vec;
use core::mem;
use core::num::NonZeroU64;

/// Places under hashes. A place and 32 bits of its hash are one word, and the words
/// stand in their order near where the hash leads: a look reads one cache line as a
/// rule, and asks for the place only where those bits agree. A word that goes leaves no
/// gap in a row, so that nothing has to be tidied up later; and the table grows from its
/// first word to its last, without a look at what stands in the places.
#[derive(Default)]
pub(super) struct Slots {
    /// A hash leads to one of the first `homes`, and from there on to the next gap.
    slots: Vec<Option<NonZeroU64>>,
    homes: usize,
    taken: usize,
}

/// Six of seven are taken before there are a quarter more: between 9.4 and 11.7 bytes
/// for each place.
const MOST_TAKEN: usize = 6;
const OF_HOMES: usize = 7;

/// What stands beyond the last home has no home there.
const BEYOND: usize = 32;

impl Slots {
    /// The place under this hash that is the one looked for.
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        Some(self.position(hash, is_it)?.1.place())
    }

    /// Adds a place, which is not `u32::MAX`.
    pub(super) fn insert(&mut self, hash: u64, place: u32) {
        self.taken = self.taken.saturating_add(1);
        let most = self.homes.saturating_mul(MOST_TAKEN);
        if self.taken.saturating_mul(OF_HOMES) > most {
            self.grow();
        }
        if let Some(word) = Word::new(hash, place) {
            self.put(word);
        }
    }

    /// Takes away the place under this hash that is the one looked for; whether it was
    /// there.
    pub(super) fn remove(&mut self, hash: u64, is_it: impl Fn(u32) -> bool) -> bool {
        let Some((mut gap, _)) = self.position(hash, is_it) else {
            return false;
        };
        self.taken = self.taken.saturating_sub(1);
        // What follows moves up, until something stands where its hash leads.
        loop {
            let next = gap.saturating_add(1);
            match self.slots.get(next).copied().flatten().map(Word) {
                Some(word) if self.home(word) <= gap => self.set(gap, word),
                _ => break,
            }
            gap = next;
        }
        if let Some(slot) = self.slots.get_mut(gap) {
            *slot = None;
        }
        true
    }

    fn position(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<(usize, Word)> {
        let wanted = Word::new(hash, 0)?;
        let home = self.home(wanted);
        for (at, word) in self.slots.get(home..)?.iter().enumerate() {
            let word = Word((*word)?);
            if word.half() > wanted.half() {
                return None;
            }
            if word.half() == wanted.half() && is_it(word.place()) {
                return Some((home.saturating_add(at), word));
            }
        }
        None
    }

    /// Puts a word before the greater ones, each of which moves on by one.
    fn put(&mut self, word: Word) {
        let home = self.home(word);
        let mut carried = word.0;
        for slot in self.slots.iter_mut().skip(home) {
            match slot {
                None => {
                    *slot = Some(carried);
                    return;
                }
                Some(stands) if *stands > carried => mem::swap(stands, &mut carried),
                Some(_) => {}
            }
        }
        self.slots.push(Some(carried));
    }

    fn set(&mut self, at: usize, word: Word) {
        match self.slots.get_mut(at) {
            Some(slot) => *slot = Some(word.0),
            None => self.slots.push(Some(word.0)),
        }
    }

    fn grow(&mut self) {
        let more = self.homes.div_ceil(4).max(7);
        self.homes = self.homes.saturating_add(more);
        let grown = vec![None; self.homes.saturating_add(BEYOND)];
        let mut free = 0;
        for word in mem::replace(&mut self.slots, grown).into_iter().flatten() {
            let at = self.home(Word(word)).max(free);
            self.set(at, Word(word));
            free = at.saturating_add(1);
        }
    }

    /// Where its hash leads. A greater hash leads as far or farther.
    fn home(&self, word: Word) -> usize {
        let homes = u64::try_from(self.homes).unwrap_or_default();
        let home = word.half().saturating_mul(homes) >> 32;
        usize::try_from(home).unwrap_or_default()
    }
}

/// The hash's high half, and below it the place's complement, which is never zero.
#[derive(Clone, Copy)]
struct Word(NonZeroU64);

impl Word {
    fn new(hash: u64, place: u32) -> Option<Self> {
        NonZeroU64::new(hash & !LOW | u64::from(!place)).map(Self)
    }

    const fn half(self) -> u64 {
        self.0.get() >> 32
    }

    fn place(self) -> u32 {
        u32::try_from(!self.0.get() & LOW).unwrap_or_default()
    }
}

const LOW: u64 = 0xffff_ffff;

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::collections::btree_map::Entry;

    use super::*;

    /// Against a map, with hashes that crowd the same few slots, the last ones among
    /// them.
    #[test]
    fn it_knows_what_a_map_knows() {
        let mut slots = Slots::default();
        let mut map = BTreeMap::new();
        let mut random = 1_u64;
        for step in 0..200_000_u32 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let crowded = [0, 0x8000_0000, 0xffff_ff00][usize::try_from(step % 3).unwrap()];
            let number = random >> 40 & if step % 20_000 < 15_000 { 0x3ff } else { 0x3f };
            let hash = (crowded | number & 0xff) << 32 | number;
            let is_it = |place: u32| map.get(&hash) == Some(&place);
            assert_eq!(slots.find(hash, is_it), map.get(&hash).copied());
            match map.entry(hash) {
                Entry::Vacant(entry) => {
                    entry.insert(step);
                    slots.insert(hash, step);
                }
                Entry::Occupied(entry) => {
                    let place = entry.remove();
                    assert!(slots.remove(hash, |other| other == place));
                    assert!(!slots.remove(hash, |other| other == place));
                }
            }
            assert_eq!(slots.taken, map.len());
        }
        for (&hash, &place) in &map {
            assert_eq!(slots.find(hash, |other| other == place), Some(place));
        }
        assert!(map.len() > 100);
    }
}
