//! What all kept replies may take together.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::store::KeptReply;

/// The bytes that are left for replies, of all shards together.
pub(super) struct ReplyBudget(AtomicUsize);

impl ReplyBudget {
    pub(super) fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(bytes)))
    }

    /// The reply, paid for; `None` if there is not so much left.
    pub(super) fn pay(self: &Arc<Self>, reply: &KeptReply) -> Option<PaidReply> {
        let bytes = reply.as_bytes().len();
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(bytes)
            })
            .ok()?;
        Some(PaidReply {
            reply: reply.clone(),
            budget: Arc::clone(self),
        })
    }
}

/// A reply that gives its bytes back when it goes.
pub(super) struct PaidReply {
    pub(super) reply: KeptReply,
    budget: Arc<ReplyBudget>,
}

impl Drop for PaidReply {
    fn drop(&mut self) {
        let bytes = self.reply.as_bytes().len();
        self.budget.0.fetch_add(bytes, Ordering::Relaxed);
    }
}
