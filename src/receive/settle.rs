//! From a verified event to a settled claim: claim, handler, complete or release.
//!
//! All of it runs apart from the request, so that a client that hangs up cancels
//! nothing. What an attacker controls here: nothing, the delivery is genuine; but it
//! may be sent again, and in parallel.
//!
//! What is rare is boxed, so that what happens to nearly every delivery is small.

use alloc::boxed::Box;
use alloc::sync::Arc;

use tokio::time::Instant;

use super::policy::OutagePolicy;
use super::reply::Kind;
use super::run::{Ended, Handler, handler, run};
use super::{Event, HandlerError, Receipt, Reply, Shared};
use crate::observe::ClaimWord;
use crate::store::patience::after;
use crate::store::{Claim, ClaimRequest, Guard, LeaseError, Outcome, Store};
use crate::{Code, StoreError};

impl<S: Store> Shared<S> {
    /// Processes a verified event; tells its receipt, and how its claim went.
    pub(super) async fn process(
        &self,
        event: Event,
        digest: Option<[u8; 32]>,
        handler: Handler,
    ) -> (Receipt, ClaimWord) {
        let Some(key) = event.dedupe_key().map(|key| key.id()) else {
            let receipt = Box::pin(self.run_unclaimed(event, handler)).await;
            return (receipt, ClaimWord::None);
        };
        let claim = match self.claim(key, digest).await {
            Ok(claim) => claim,
            Err(error) => {
                let error = Arc::new(error);
                let receipt = if self.outage == OutagePolicy::ProcessWithoutDedupe {
                    Box::pin(self.run_unclaimed(event, handler)).await
                } else {
                    self.answers.retry(&event, Code::StoreUnavailable, None)
                };
                return (receipt.because_of_store(error), ClaimWord::Unavailable);
            }
        };
        match claim {
            Ok(guard) => {
                let word = if guard.lease().is_takeover() {
                    ClaimWord::TakenOver
                } else {
                    ClaimWord::Fresh
                };
                (self.run_claimed(event, guard, handler).await, word)
            }
            Err(claim) => self.unclaimed(&event, &claim),
        }
    }

    /// The answer to a delivery whose event somebody holds, or that is done.
    fn unclaimed(&self, event: &Event, claim: &Claim) -> (Receipt, ClaimWord) {
        let answers = &self.answers;
        match claim {
            Claim::InProgress { retry_after } => (
                answers.retry(event, Code::EventInProgress, Some(*retry_after)),
                ClaimWord::InProgress,
            ),
            Claim::Done { outcome, reply } => {
                let kept = reply.as_ref().and_then(Reply::kept);
                (answers.duplicate(event, *outcome, kept), ClaimWord::Done)
            }
            Claim::Reused => (answers.reused(event), ClaimWord::Reused),
            // Of a fresh one a guard was made.
            Claim::Fresh(_) | Claim::Stuck => {
                if let Some(tell) = &self.stuck {
                    tell(event);
                }
                let receipt = answers.retry(event, Code::EventStuck, Some(self.terms.lease));
                (receipt, ClaimWord::Stuck)
            }
        }
    }

    async fn claim(
        &self,
        key: crate::KeyId,
        digest: Option<[u8; 32]>,
    ) -> Result<Result<Guard<S>, Claim>, StoreError> {
        let nonce = self.nonces.next()?;
        let mut request = ClaimRequest::new(key, nonce, self.terms.lease, self.terms.retention)
            .expired(self.expired);
        if let Some(digest) = digest {
            request = request.digest(digest);
        }
        Guard::claim_with(&self.store, &request, self.patience).await
    }

    /// Runs the handler under a claim, and settles it.
    async fn run_claimed(&self, event: Event, mut guard: Guard<S>, handler: Handler) -> Receipt {
        let answers = &self.answers;
        let event = event.held_under(guard.lease());
        // No effect may begin after the lease's end.
        if guard.remaining().is_zero() {
            let _ = guard.release().await;
            return answers.retry(&event, Code::StoreUnavailable, None);
        }
        // An earlier attempt died, or ran into its time-out, as often as may be.
        if self.has_failed_too_often(guard.lease().attempt().saturating_sub(1)) {
            return Box::pin(self.dead_letter(event, guard, None)).await;
        }
        let ended = match self.run_held(&mut guard, event.clone(), handler).await {
            Ok(ended) => ended,
            Err(error) => {
                guard.leave();
                return self.unsettled(&event, error);
            }
        };
        match ended {
            Ended::Returned(Ok(reply)) => {
                let kept = if self.keep_replies {
                    reply.keep()
                } else {
                    None
                };
                let settled = guard.complete(Outcome::Processed, kept.as_ref()).await;
                match settled {
                    Ok(()) => answers.success(reply),
                    Err(error) => self.unsettled(&event, error),
                }
            }
            Ended::Returned(Err(error)) => match error.kind {
                Kind::Refused(outcome) => match guard.complete(outcome, None).await {
                    Ok(()) => answers.refused(&event),
                    Err(error) => self.unsettled(&event, error),
                }
                .because_of_handler(error),
                Kind::Retry => Box::pin(self.failed(event, guard, Some(error))).await,
            },
            Ended::Panicked => Box::pin(self.failed(event, guard, None)).await,
            // What the handler started may still be running elsewhere, so the claim is
            // not given back: its lease runs out by itself.
            Ended::TimedOut => {
                let left = after(guard.held_until(), self.terms.drift());
                guard.leave();
                let wait = left.saturating_duration_since(Instant::now());
                answers.retry(&event, Code::CompletionUnknown, Some(wait))
            }
        }
    }

    /// Runs a handler until its time-out, and inside the lease, which is renewed
    /// meanwhile if the receiver was told so.
    async fn run_held(
        &self,
        guard: &mut Guard<S>,
        event: Event,
        handler: Handler,
    ) -> Result<Ended, LeaseError> {
        let time_out = after(Instant::now(), self.terms.handler_timeout);
        if self.renews {
            let work = run(handler, event, time_out, true, &self.heartbeat);
            Box::pin(guard.while_renewed(work)).await
        } else {
            let deadline = time_out.min(guard.held_until());
            Ok(run(handler, event, deadline, false, &self.heartbeat).await)
        }
    }

    /// The handler failed, and says by this that nothing of it is still running.
    async fn failed(&self, event: Event, guard: Guard<S>, error: Option<HandlerError>) -> Receipt {
        if self.has_failed_too_often(guard.lease().attempt()) {
            return Box::pin(self.dead_letter(event, guard, error)).await;
        }
        let _ = guard.release().await;
        let receipt = self.answers.retry(&event, Code::HandlerFailed, None);
        match error {
            Some(error) => receipt.because_of_handler(error),
            None => receipt,
        }
    }

    fn has_failed_too_often(&self, failed: u32) -> bool {
        let most = self.dead_letters.as_ref().map(|letters| letters.attempts);
        most.is_some_and(|most| failed >= most)
    }

    /// Puts the event aside: first the user has it, then it counts as done, so that
    /// no crash in between loses it.
    async fn dead_letter(
        &self,
        event: Event,
        mut guard: Guard<S>,
        error: Option<HandlerError>,
    ) -> Receipt {
        let answers = &self.answers;
        let keep = self
            .dead_letters
            .as_ref()
            .map(|letters| Arc::clone(&letters.keep));
        let keep = handler(move |event| async move {
            match keep {
                Some(keep) => keep(event).await.map(|()| Reply::empty()),
                None => Ok(Reply::empty()),
            }
        });
        let kept = self.run_held(&mut guard, event.clone(), keep).await;
        let receipt = match kept {
            Ok(Ended::Returned(Ok(_))) => match guard.complete(Outcome::DeadLettered, None).await {
                Ok(()) => answers.dead_lettered(&event),
                Err(error) => self.unsettled(&event, error),
            },
            Ok(Ended::Returned(Err(error))) => {
                let _ = guard.release().await;
                let receipt = answers.retry(&event, Code::HandlerFailed, None);
                return receipt.because_of_handler(error);
            }
            Ok(Ended::Panicked) => {
                let _ = guard.release().await;
                answers.retry(&event, Code::HandlerFailed, None)
            }
            Ok(Ended::TimedOut) => {
                guard.leave();
                answers.retry(&event, Code::CompletionUnknown, None)
            }
            Err(error) => {
                guard.leave();
                self.unsettled(&event, error)
            }
        };
        match error {
            Some(error) => receipt.because_of_handler(error),
            None => receipt,
        }
    }

    /// The handler may have ended, and its claim could not be settled.
    fn unsettled(&self, event: &Event, error: LeaseError) -> Receipt {
        let receipt = self.answers.retry(event, error.code(), None);
        match error {
            LeaseError::RanOut(Some(error)) | LeaseError::Unknown(error) => {
                receipt.because_of_store(Arc::new(error))
            }
            LeaseError::Lost | LeaseError::RanOut(None) => receipt,
        }
    }

    /// Runs the handler without a claim: a delivery that is never claimed, or an
    /// outage of the store under the policy that says so.
    async fn run_unclaimed(&self, event: Event, handler: Handler) -> Receipt {
        let answers = &self.answers;
        let deadline = after(Instant::now(), self.terms.handler_timeout);
        match run(handler, event.clone(), deadline, false, &self.heartbeat).await {
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
}
