//! A clock that only goes forward.

use core::time::Duration;
use std::time::Instant;

/// A clock that only goes forward, and knows nothing of the time of day.
pub trait Monotonic: Send + Sync + 'static {
    /// The time since some fixed moment.
    fn elapsed(&self) -> Duration;
}

/// The system's monotonic clock. On Linux it stands still while the host sleeps.
#[derive(Clone, Copy, Debug)]
pub struct SystemMonotonic(Instant);

impl Default for SystemMonotonic {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Monotonic for SystemMonotonic {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
