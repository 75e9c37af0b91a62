//! What a search may cost.

/// MACs of a search, unless told: with all causes alone and the usual pairs for one secret
/// some 12,000 are needed.
pub(super) const DEFAULT: u32 = 20_000;
/// A MAC over a longer message counts as several, so that the budget bounds the time too:
/// 20,000 over 128 KiB take some three seconds. Of longer bodies no more is hashed, 2.5 GiB
/// in all, however far over the scheme's cap: 77 MACs of 32 MiB, and 9 of 256 MiB.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hashed_is_bounded_whatever_the_length() {
        let macs = |bytes: usize| {
            let mut budget = Budget::new(DEFAULT);
            while budget.take(bytes).is_ok() {}
            budget.used()
        };
        let mib = 1024 * 1024;
        assert_eq!(macs(100), DEFAULT);
        assert_eq!(macs(32 * mib), 77);
        assert_eq!(macs(256 * mib), 9);
        for bytes in [0, 100, MESSAGE - 1, MESSAGE, mib, 25 * mib, 256 * mib] {
            let hashed = usize::try_from(macs(bytes)).unwrap() * bytes;
            assert!(hashed <= usize::try_from(DEFAULT).unwrap() * MESSAGE);
        }
    }
}
