//! What a receiver has in hand, so that a service can end when nothing is.

use alloc::sync::Arc;
use core::pin::pin;
use core::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// How many events are being processed.
#[derive(Clone, Default)]
pub(super) struct Work(Arc<Counted>);

#[derive(Default)]
struct Counted {
    in_hand: AtomicUsize,
    ended: Notify,
}

/// One event in hand, until it is dropped.
pub(super) struct InHand(Work);

impl Work {
    pub(super) fn begin(&self) -> InHand {
        self.0.in_hand.fetch_add(1, Ordering::AcqRel);
        InHand(self.clone())
    }

    /// Waits until nothing is in hand.
    pub(super) async fn idle(&self) {
        loop {
            // Before the look: what ends in between is heard of.
            let mut ended = pin!(self.0.ended.notified());
            ended.as_mut().enable();
            if self.0.in_hand.load(Ordering::Acquire) == 0 {
                return;
            }
            ended.await;
        }
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        if self.0.0.in_hand.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.0.ended.notify_waiters();
        }
    }
}
