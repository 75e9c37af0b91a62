//! A claim that is given back when it is dropped.

use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep_until};

use super::patience::{CLAIM_TRIES, COMPLETE_TRIES, PAUSE, Patience, after};
use super::{Claim, ClaimRequest, KeptReply, Lease, Outcome, Settled, Store};
use crate::{Code, StoreError};

/// A claim that is held. Dropped, also by a panic, it is given back in the background;
/// it is **never** marked as done by being dropped.
///
/// To drop it says that nothing of the work is still running. Where something may be,
/// after a time-out or with a task of its own, [`leave`](Self::leave) it: the lease then
/// runs out by itself.
///
/// It knows by this process's clock until when an effect may begin, counted from before
/// the claim was first asked for, less what two clocks drift apart.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use countersign::KeyId;
/// use countersign::store::{ClaimRequest, Guard, MemoryStore, Nonce, Outcome};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let store = Arc::new(MemoryStore::with_capacity(1_000));
/// let key = KeyId::from_bytes([7; 16]); // or a verified delivery's `dedupe_key(..).id()`
/// let (lease, retention) = (Duration::from_secs(60), Duration::from_secs(72 * 3600));
/// let request = ClaimRequest::new(key, Nonce::random()?, lease, retention);
/// match Guard::claim(&store, &request).await? {
///     Ok(mut guard) => {
///         let work = async { /* the effect */ };
///         guard.while_renewed(work).await?;
///         guard.complete(Outcome::Processed, None).await?;
///     }
///     Err(_in_progress_or_done) => {}
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "dropped, the claim is given back"]
pub struct Guard<S: Store> {
    store: Arc<S>,
    lease: Lease,
    patience: Patience,
    held_until: Instant,
    is_lost: bool,
    /// Whether it is given back when it is dropped.
    gives_back: bool,
}

/// Why a claim is no longer held, or may not be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// Somebody took it over.
    #[error("the claim was taken over by another worker, who may still fail")]
    Lost,
    /// The lease ended by this worker's clock, and was not renewed.
    #[error("the lease ran out before it could be renewed")]
    RanOut(#[source] Option<StoreError>),
    /// The store did not say.
    #[error("the store did not confirm it")]
    Unknown(#[source] StoreError),
}

impl LeaseError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Lost => Code::LeaseLost,
            Self::RanOut(_) | Self::Unknown(_) => Code::CompletionUnknown,
        }
    }
}

impl<S: Store> Guard<S> {
    /// Claims, and asks once more with the same nonce if the answer got lost. Inside,
    /// `Err` holds what anybody but the holder is told.
    ///
    /// # Errors
    ///
    /// The store did not answer; it is unknown whether the claim was granted.
    pub async fn claim(
        store: &Arc<S>,
        request: &ClaimRequest,
    ) -> Result<Result<Self, Claim>, StoreError> {
        Self::claim_with(store, request, Patience::default()).await
    }

    pub(crate) async fn claim_with(
        store: &Arc<S>,
        request: &ClaimRequest,
        patience: Patience,
    ) -> Result<Result<Self, Claim>, StoreError> {
        // The store's lease may begin as early as now, whichever answer tells of it.
        let held_until = after(Instant::now(), hold(request.lease()));
        let claim = patience
            .ask(CLAIM_TRIES, None, || store.claim(request))
            .await?;
        Ok(match claim {
            Claim::Fresh(lease) => Ok(Self {
                store: Arc::clone(store),
                lease,
                patience,
                held_until,
                is_lost: false,
                gives_back: true,
            }),
            other => Err(other),
        })
    }

    /// The lease.
    #[must_use]
    pub const fn lease(&self) -> &Lease {
        &self.lease
    }

    /// How long an effect may still begin, by this process's clock.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.held_until.saturating_duration_since(Instant::now())
    }

    pub(crate) const fn held_until(&self) -> Instant {
        self.held_until
    }

    /// Moves the deadline to one lease from now.
    ///
    /// # Errors
    ///
    /// - [`LeaseError::Lost`]: somebody else holds the claim;
    /// - [`LeaseError::Unknown`]: the store did not answer.
    pub async fn renew(&mut self) -> Result<(), LeaseError> {
        let asked = Instant::now();
        match self.patience.once(self.store.renew(&self.lease)).await {
            Ok(Settled::Ok) => {
                let held_until = after(asked, hold(self.lease.duration()));
                self.held_until = self.held_until.max(held_until);
                Ok(())
            }
            Ok(Settled::Fenced) => {
                self.is_lost = true;
                Err(LeaseError::Lost)
            }
            Err(error) => Err(LeaseError::Unknown(error)),
        }
    }

    /// Does this work, and renews the lease meanwhile, each time a third of it is over.
    ///
    /// # Errors
    ///
    /// - [`LeaseError::Lost`]: somebody took over, and the work was dropped where it
    ///   awaited;
    /// - [`LeaseError::RanOut`]: the same, since the store did not answer until the lease
    ///   ended. The claim is not given back: what the work started may still run.
    pub async fn while_renewed<T>(
        &mut self,
        work: impl Future<Output = T>,
    ) -> Result<T, LeaseError> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            error = self.keep() => {
                self.gives_back = false;
                Err(error)
            }
        }
    }

    /// Renews for ever, or tells why it cannot.
    async fn keep(&mut self) -> LeaseError {
        let third = part(self.lease.duration(), 3);
        let pause = PAUSE.min(third);
        let mut next = after(Instant::now(), third.min(part(self.remaining(), 3)));
        let mut last_error = None;
        loop {
            sleep_until(next.min(self.held_until)).await;
            if Instant::now() >= self.held_until {
                return LeaseError::RanOut(last_error);
            }
            let asked = Instant::now();
            // An answer that comes when the lease is over comes too late.
            let renewed = tokio::time::timeout_at(self.held_until, self.renew()).await;
            next = match renewed {
                Ok(Ok(())) => after(asked, third),
                Ok(Err(LeaseError::Unknown(error))) => {
                    last_error = Some(error);
                    after(Instant::now(), pause)
                }
                Ok(Err(error)) => return error,
                Err(_) => self.held_until,
            };
        }
    }

    /// The event is done, and counts as such for the retention. A store that does not
    /// answer is asked again while the lease lasts.
    ///
    /// # Errors
    ///
    /// - [`LeaseError::Lost`]: somebody took over, and nothing was changed: the delivery
    ///   must not be acknowledged;
    /// - [`LeaseError::Unknown`]: it is unknown whether the event counts as done.
    pub async fn complete(
        mut self,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<(), LeaseError> {
        // If nothing is known in the end, the step may still be applied: no release
        // may follow it.
        self.gives_back = false;
        if self.is_lost {
            return Err(LeaseError::Lost);
        }
        let settled = self
            .patience
            .ask(COMPLETE_TRIES, Some(self.held_until), || {
                self.store.complete(&self.lease, outcome, reply)
            })
            .await;
        told(settled)
    }

    /// Gives the claim back, and waits for that.
    ///
    /// # Errors
    ///
    /// - [`LeaseError::Lost`]: somebody took over;
    /// - [`LeaseError::Unknown`]: the store did not answer; the lease runs out by itself.
    pub async fn release(mut self) -> Result<(), LeaseError> {
        self.gives_back = false;
        if self.is_lost {
            return Err(LeaseError::Lost);
        }
        let settled = self
            .patience
            .ask(CLAIM_TRIES, None, || self.store.release(&self.lease))
            .await;
        told(settled)
    }

    /// Neither done nor given back: the lease runs out by itself. For work that may
    /// still be running somewhere.
    pub fn leave(mut self) {
        self.gives_back = false;
    }
}

impl<S: Store> Drop for Guard<S> {
    fn drop(&mut self) {
        if self.is_lost || !self.gives_back {
            return;
        }
        // Without a runtime nobody can wait for the store: the lease runs out by itself.
        if let Ok(runtime) = Handle::try_current() {
            let (store, lease, patience) =
                (Arc::clone(&self.store), self.lease.clone(), self.patience);
            runtime.spawn(async move {
                let _ = patience
                    .ask(CLAIM_TRIES, None, || store.release(&lease))
                    .await;
            });
        }
    }
}

impl<S: Store> fmt::Debug for Guard<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

fn told(settled: Result<Settled, StoreError>) -> Result<(), LeaseError> {
    match settled {
        Ok(Settled::Ok) => Ok(()),
        Ok(Settled::Fenced) => Err(LeaseError::Lost),
        Err(error) => Err(LeaseError::Unknown(error)),
    }
}

/// The lease less what two clocks drift apart.
fn hold(lease: Duration) -> Duration {
    lease.saturating_sub(part(lease, 20))
}

fn part(whole: Duration, of: u32) -> Duration {
    whole.checked_div(of).unwrap_or_default()
}
