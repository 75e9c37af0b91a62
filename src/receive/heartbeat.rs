//! A timer that is armed as long as deliveries come.
//!
//! A runtime that sleeps until its earliest timer has to be woken for an earlier one: by a
//! system call, and a switch of threads. Each body and each handler that waits has a
//! time-out, and on a service with nothing else to time each would be the earliest. Beside
//! a beat that is earlier still, none is. Where a receiver serves several runtimes, it beats
//! in one of them.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;

use tokio::time::sleep;

/// Earlier than the usual time-outs, and seldom enough to cost nothing.
const BEAT: Duration = Duration::from_millis(500);

/// Beats while it is needed; a clone is the same.
#[derive(Clone, Default)]
pub(super) struct Heartbeat(Arc<State>);

#[derive(Default)]
struct State {
    beats: AtomicBool,
    is_needed: AtomicBool,
}

/// While this lives, somebody beats.
struct Beating(Heartbeat);

impl Heartbeat {
    /// A time-out is about to begin, in this runtime. What misses a beat is only slower.
    pub(super) fn needed(&self) {
        if !self.0.is_needed.load(Ordering::Relaxed) {
            self.0.is_needed.store(true, Ordering::Relaxed);
        }
        if !self.0.beats.load(Ordering::Relaxed) && !self.0.beats.swap(true, Ordering::Relaxed) {
            tokio::spawn(Beating(self.clone()).beat());
        }
    }
}

impl Beating {
    async fn beat(self) {
        while self.0.0.is_needed.swap(false, Ordering::Relaxed) {
            sleep(BEAT).await;
        }
    }
}

/// Also with its runtime: another may go on.
impl Drop for Beating {
    fn drop(&mut self) {
        self.0.0.beats.store(false, Ordering::Relaxed);
    }
}
