//! What a search may cost.

/// MACs of a search, unless told: with all causes alone and the usual pairs for one secret
/// some 12,000 are needed.
pub(super) const DEFAULT: u32 = 20_000;
/// A MAC over a longer message counts as several, so that the budget bounds the time too:
/// 20,000 over 128 KiB take some three seconds.
const MESSAGE: usize = 128 * 1024;

/// MACs that are left, and those that were computed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    left: u32,
    used: u32,
}

/// The budget is spent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spent;

impl Budget {
    pub(super) const fn new(macs: u32) -> Self {
        Self {
            left: macs,
            used: 0,
        }
    }

    /// Takes one MAC over a message of about `bytes`.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Spent> {
        let cost = u32::try_from(bytes / MESSAGE)
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        self.left = self.left.checked_sub(cost).ok_or(Spent)?;
        self.used = self.used.saturating_add(1);
        Ok(())
    }

    /// How many were computed.
    pub(super) const fn used(&self) -> u32 {
        self.used
    }
}
