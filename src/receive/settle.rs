//! From a verified event to a settled claim: claim, handler, complete or release.
//!
//! All of it runs in a task of its own, so that a client that hangs up cancels
//! nothing. What an attacker controls here: nothing, the delivery is genuine; but it
//! may be sent again, and in parallel.

use alloc::sync::Arc;
use core::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::builder::OutagePolicy;
use super::reply::Kind;
use super::run::{Ended, after, run};
use super::{Event, HandlerError, Receipt, Reply, Shared};
use crate::store::{Claim, ClaimRequest, KeptReply, Lease, Nonce, Outcome, Settled, Store};
use crate::trace::ClaimWord;
use crate::{Code, StoreError};

/// A claim is asked for once more: senders wait only seconds for their answer.
const CLAIM_TRIES: u32 = 2;
/// A completion is worth more tries than a claim: after it fails, the event runs again.
const COMPLETE_TRIES: u32 = 4;
/// Before the second try; doubled before each further one.
const PAUSE: Duration = Duration::from_millis(50);

impl<S: Store> Shared<S> {
    /// Processes a verified event; tells its receipt, and how its claim went.
    pub(super) async fn process<F, Fut>(
        &self,
        event: Event,
        digest: Option<[u8; 32]>,
        handler: F,
    ) -> (Receipt, ClaimWord)
    where
        F: FnOnce(Event) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
    {
        let Some(key) = event.dedupe_key().map(|key| key.id()) else {
            return (self.run_unclaimed(event, handler).await, ClaimWord::None);
        };
        let asked = Instant::now();
        let claim = match self.claim(key, digest).await {
            Ok(claim) => claim,
            Err(error) => {
                let error = Arc::new(error);
                let receipt = if self.outage == OutagePolicy::ProcessWithoutDedupe {
                    self.run_unclaimed(event, handler).await
                } else {
                    self.answers.retry(&event, Code::StoreUnavailable, None)
                };
                return (receipt.because_of_store(error), ClaimWord::Unavailable);
            }
        };
        let answers = &self.answers;
        match claim {
            Claim::Fresh(lease) => {
                let word = if lease.is_takeover() {
                    ClaimWord::TakenOver
                } else {
                    ClaimWord::Fresh
                };
                (self.run_claimed(event, &lease, asked, handler).await, word)
            }
            Claim::InProgress { retry_after } => (
                answers.retry(&event, Code::EventInProgress, Some(retry_after)),
                ClaimWord::InProgress,
            ),
            Claim::Done { outcome, reply } => {
                let kept = reply.as_ref().and_then(Reply::kept);
                (answers.duplicate(&event, outcome, kept), ClaimWord::Done)
            }
            Claim::Reused => (answers.reused(&event), ClaimWord::Reused),
            Claim::Stuck => (
                answers.retry(&event, Code::EventStuck, Some(self.terms.lease)),
                ClaimWord::Stuck,
            ),
        }
    }

    /// Asks for a claim, and once more with the same nonce if the answer got lost.
    async fn claim(
        &self,
        key: crate::KeyId,
        digest: Option<[u8; 32]>,
    ) -> Result<Claim, StoreError> {
        let nonce = Nonce::random()?;
        let mut request = ClaimRequest::new(key, nonce, self.terms.lease, self.terms.retention)
            .expired(self.expired);
        if let Some(digest) = digest {
            request = request.digest(digest);
        }
        self.persist(CLAIM_TRIES, None, || self.store.claim(&request))
            .await
    }

    /// Runs the handler under a claim, and settles it.
    async fn run_claimed<F, Fut>(
        &self,
        event: Event,
        lease: &Lease,
        asked: Instant,
        handler: F,
    ) -> Receipt
    where
        F: FnOnce(Event) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
    {
        let answers = &self.answers;
        let event = event.held_under(lease);
        // Counted from before the claim was first asked for: the store's lease may
        // have begun as early as that, and no effect may start after its end.
        let held_until = after(asked, self.terms.hold());
        let now = Instant::now();
        if now >= held_until {
            self.release(lease).await;
            return answers.retry(&event, Code::StoreUnavailable, None);
        }
        let deadline = after(now, self.terms.handler_timeout).min(held_until);
        match run(handler, event.clone(), deadline).await {
            Ended::Returned(Ok(reply)) => {
                let kept = if self.keep_replies {
                    reply.keep()
                } else {
                    None
                };
                match self
                    .complete(lease, Outcome::Processed, kept, held_until)
                    .await
                {
                    Ok(()) => answers.success(reply),
                    Err(unsettled) => unsettled.receipt(self, &event),
                }
            }
            Ended::Returned(Err(error)) => match error.kind {
                Kind::Refused(outcome) => {
                    match self.complete(lease, outcome, None, held_until).await {
                        Ok(()) => answers.refused(&event),
                        Err(unsettled) => unsettled.receipt(self, &event),
                    }
                    .because_of_handler(error)
                }
                Kind::Retry => {
                    self.release(lease).await;
                    answers
                        .retry(&event, Code::HandlerFailed, None)
                        .because_of_handler(error)
                }
            },
            Ended::Panicked => {
                self.release(lease).await;
                answers.retry(&event, Code::HandlerFailed, None)
            }
            // What the handler started may still be running elsewhere, so the claim is
            // not given back: its lease runs out by itself.
            Ended::TimedOut => answers.retry(
                &event,
                Code::CompletionUnknown,
                Some(after(asked, self.terms.lease).saturating_duration_since(Instant::now())),
            ),
        }
    }

    /// Runs the handler without a claim: a delivery that is never claimed, or an
    /// outage of the store under the policy that says so.
    async fn run_unclaimed<F, Fut>(&self, event: Event, handler: F) -> Receipt
    where
        F: FnOnce(Event) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
    {
        let answers = &self.answers;
        let deadline = after(Instant::now(), self.terms.handler_timeout);
        match run(handler, event.clone(), deadline).await {
            Ended::Returned(Ok(reply)) => answers.success(reply),
            Ended::Returned(Err(error)) => match error.kind {
                Kind::Refused(_) => answers.refused(&event),
                Kind::Retry => answers.retry(&event, Code::HandlerFailed, None),
            }
            .because_of_handler(error),
            Ended::Panicked => answers.retry(&event, Code::HandlerFailed, None),
            Ended::TimedOut => answers.retry(&event, Code::CompletionUnknown, None),
        }
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<KeptReply>,
        until: Instant,
    ) -> Result<(), Unsettled> {
        let settled = self
            .persist(COMPLETE_TRIES, Some(until), || {
                self.store.complete(lease, outcome, reply.as_ref())
            })
            .await;
        match settled {
            Ok(Settled::Ok) => Ok(()),
            Ok(Settled::Fenced) => Err(Unsettled::Fenced),
            Err(error) => Err(Unsettled::Unknown(error)),
        }
    }

    /// Gives the claim back. If that fails, the lease runs out by itself.
    async fn release(&self, lease: &Lease) {
        let _ = self
            .persist(CLAIM_TRIES, None, || self.store.release(lease))
            .await;
    }

    /// One step of the store, asked for again while that may help: each step may be
    /// applied twice without harm.
    async fn persist<T, Step: Future<Output = Result<T, StoreError>>>(
        &self,
        tries: u32,
        until: Option<Instant>,
        step: impl Fn() -> Step,
    ) -> Result<T, StoreError> {
        let mut pause = PAUSE;
        for left in (0..tries).rev() {
            let error = match timeout(self.store_timeout, step()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error,
                Err(_) => StoreError::transient("the store did not answer in time"),
            };
            let is_late = until.is_some_and(|until| after(Instant::now(), pause) >= until);
            if left == 0 || is_late || !error.is_transient() {
                return Err(error);
            }
            sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
        Err(StoreError::transient("the store was never asked"))
    }
}

/// A handler that ended, and whose claim could not be completed.
enum Unsettled {
    Fenced,
    Unknown(StoreError),
}

impl Unsettled {
    fn receipt<S>(self, shared: &Shared<S>, event: &Event) -> Receipt {
        match self {
            Self::Fenced => shared.answers.retry(event, Code::LeaseLost, None),
            Self::Unknown(error) => shared
                .answers
                .retry(event, Code::CompletionUnknown, None)
                .because_of_store(Arc::new(error)),
        }
    }
}
