//! A genuine delivery that nobody has claimed yet.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use super::apart::{Apart, Work};
use super::{Event, HandlerError, Receipt, Reply, Shared, run};
use crate::observe::Watch;
use crate::store::Store;

/// A delivery that is genuine and in time, and whose event nobody has claimed yet:
/// [`process`](Self::process) does. Dropped, it has left no trace.
#[must_use = "its event is not processed, and its sender waits"]
pub struct Unclaimed<S> {
    shared: Arc<Shared<S>>,
    event: Event,
    watch: Watch,
}

impl<S> Unclaimed<S> {
    pub(super) const fn new(shared: Arc<Shared<S>>, event: Event, watch: Watch) -> Self {
        Self {
            shared,
            event,
            watch,
        }
    }

    /// The event. It may have been processed before: only the store knows.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }
}

impl<S: Store> Unclaimed<S> {
    /// Claims the event, lets the handler run if it is the first time, and settles.
    ///
    /// What does not end without waiting goes on in a task of its own: dropping the
    /// returned future, as servers do when a client hangs up, cancels neither the handler
    /// nor what settles its claim.
    ///
    /// A handler that outlives its time-out is cancelled where it awaits; what it
    /// spawned or sent goes on. One that blocks its thread before it first waits holds up
    /// its time-out, unless its lease is renewed
    /// ([`renew_leases`](super::ReceiverBuilder::renew_leases)).
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with its time driver enabled.
    pub async fn process<F, Fut>(self, handler: F) -> Receipt
    where
        F: FnOnce(Event) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
    {
        let Self {
            shared,
            event,
            mut watch,
        } = self;
        let answers = Arc::clone(&shared);
        let digest = shared.identical_retries.then(|| event.body_digest());
        watch.processing();
        let in_hand = shared.work.begin();
        let handler = run::handler(handler);
        let work: Work<Receipt> = Box::pin(async move {
            let _in_hand = in_hand;
            let (receipt, claim) = shared.process(event, digest, handler).await;
            let receipt = shared.answers.last_word(receipt);
            watch.processed(&receipt, claim);
            receipt
        });
        match Apart::begin(work).await {
            Apart::Ended(receipt) => receipt,
            Apart::Panicked => answers.answers.torn_down(),
            Apart::Task(task) => task.await.unwrap_or_else(|_| answers.answers.torn_down()),
        }
    }
}

impl<S> fmt::Debug for Unclaimed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unclaimed")
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}
