//! A genuine delivery that nobody has claimed yet.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use tokio::task::coop::consume_budget;
use tokio::time::sleep;

use super::apart::{Apart, Job};
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
    /// spawned or sent goes on. Until it first waits it runs in the caller's task, unless its
    /// lease is renewed ([`renew_leases`](super::ReceiverBuilder::renew_leases)): one that
    /// blocks its thread there is answered for when it lets go, whatever its time-out, and
    /// task-locals of the caller are there so long and no longer.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with its time driver enabled.
    pub async fn process<F, Fut>(self, handler: F) -> Receipt
    where
        F: FnOnce(Event) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
    {
        // Whoever has nobody to wait for the handler finds out before anything is claimed.
        drop(sleep(Duration::ZERO));
        // A queue of deliveries that need not wait lets others have their turn.
        consume_budget().await;
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
        let job: Job<Receipt> = Box::pin(async move {
            let _in_hand = in_hand;
            let (receipt, claim) = shared.process(event, digest, handler).await;
            let receipt = shared.answers.last_word(receipt);
            watch.processed(&receipt, claim);
            receipt
        });
        match Apart::begin(job).await {
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
