//! A point in the memory store's time.

use core::time::Duration;

/// Nanoseconds since the store was made. The last one, 73 years on, is never over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(u64);

impl Moment {
    pub(super) const FIRST: Self = Self(0);
    /// 61 bits: three more fit into the same word.
    pub(super) const LAST: Self = Self(u64::MAX >> 3);

    /// So long after the store was made.
    pub(super) fn at(elapsed: Duration) -> Self {
        Self::FIRST.after(elapsed)
    }

    /// So long after this one.
    pub(super) fn after(self, duration: Duration) -> Self {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanoseconds)).min(Self::LAST)
    }

    /// So long before this one.
    pub(super) fn before(self, duration: Duration) -> Self {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(nanoseconds))
    }

    /// How long it is from `earlier` to this one.
    pub(super) const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// With three bits below it.
    pub(super) const fn with_bits(self, bits: u64) -> u64 {
        self.0 << 3 | bits & 0b111
    }

    /// From what `with_bits` made.
    pub(super) const fn without_bits(word: u64) -> Self {
        Self(word >> 3)
    }
}
