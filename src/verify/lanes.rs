//! Values side by side, one per key and content.
//!
//! They are kept inline, so that nothing is allocated. Most rings hold one key, so
//! the others have a place of their own that costs nothing until it is needed.

use super::mac::{Mac, Tag};

/// MACs of one delivery: eight keys, each under one of two contents.
pub(super) const MAX_LANES: usize = 16;
/// The body goes through all MACs in slices that stay in the first-level cache.
pub(super) const SLICE: usize = 8 * 1024;

/// One value per lane.
pub(crate) struct Lanes<T> {
    first: Option<T>,
    more: Option<[Option<T>; MAX_LANES - 1]>,
}

impl<T> Lanes<T> {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self {
            first: None,
            more: None,
        }
    }

    /// Fills the lanes; beyond their number nothing is taken.
    #[inline]
    fn fill(&mut self, mut values: impl Iterator<Item = T>) {
        self.first = values.next();
        if let Some(second) = values.next() {
            let more = self.more.insert([const { None }; MAX_LANES - 1]);
            let rest = core::iter::once(second).chain(values);
            more.iter_mut()
                .zip(rest)
                .for_each(|(lane, value)| *lane = Some(value));
        }
    }

    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.first
            .iter()
            .chain(self.more.iter().flatten().map_while(Option::as_ref))
    }

    #[inline]
    fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.first
            .iter_mut()
            .chain(self.more.iter_mut().flatten().map_while(Option::as_mut))
    }
}

/// Beyond their number nothing is taken.
impl<T> FromIterator<T> for Lanes<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut lanes = Self::new();
        lanes.fill(values.into_iter());
        lanes
    }
}

impl<M: Mac> Lanes<M> {
    /// Starts `contents` lanes per key.
    #[inline]
    pub(super) fn start(&mut self, keys: &[M], contents: usize) {
        self.fill(
            keys.iter()
                .flat_map(|key| core::iter::repeat_n(key, contents))
                .cloned(),
        );
    }

    /// Feeds the lanes of content `content`, of `contents` for each key: one pass
    /// over the bytes, whatever the number of lanes.
    #[inline]
    pub(super) fn update(&mut self, content: usize, contents: usize, bytes: &[u8]) {
        match (&mut self.first, &self.more) {
            (Some(only), None) => only.update(bytes),
            _ => {
                for slice in bytes.chunks(SLICE) {
                    let lanes = self.iter_mut().skip(content).step_by(contents);
                    lanes.for_each(|mac| mac.update(slice));
                }
            }
        }
    }

    /// Ends every lane.
    #[inline]
    pub(super) fn finish(&mut self, tags: &mut Lanes<Tag>) {
        let first = self.first.take().map(Mac::finish);
        if let Some(more) = &mut self.more {
            let more = more.iter_mut().map_while(Option::take).map(Mac::finish);
            tags.fill(first.into_iter().chain(more));
        } else {
            tags.first = first;
        }
    }
}
