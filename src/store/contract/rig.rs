//! A store, its time, and how its answers are judged.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;
use std::sync::{Mutex, PoisonError};

use super::Pass;
use crate::store::{Claim, ClaimRequest, KeptReply, Lease, Nonce, Outcome, Settled, Store};
use crate::{KeyId, StoreError};

pub(super) struct Rig<S> {
    pub(super) store: Arc<S>,
    pub(super) times: Times,
    pass: Option<Pass>,
    passed: Mutex<Duration>,
}

/// How long things last in a check.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) lease: Duration,
    pub(super) retention: Duration,
    /// How near to a deadline it can be asked before it.
    pub(super) margin: Duration,
    /// How long after it.
    pub(super) late: Duration,
}

impl Times {
    pub(super) const fn longer(self, times: u32) -> Self {
        Self {
            lease: self.lease.saturating_mul(times),
            retention: self.retention.saturating_mul(times),
            margin: self.margin.saturating_mul(times),
            late: self.late,
        }
    }
}

/// Why a check ended early.
pub(super) enum Stop {
    Broken(String),
    Untested(String),
}

/// What a wrong answer means.
#[derive(Clone, Copy)]
pub(super) enum Weight {
    /// Another check's rule is broken; this one cannot tell.
    Given,
    /// This check's rule is broken.
    Must,
}

pub(super) use Weight::{Given, Must};

impl Weight {
    fn stop(self, what: String) -> Stop {
        match self {
            Self::Given => Stop::Untested(what),
            Self::Must => Stop::Broken(what),
        }
    }

    pub(super) fn that(self, is_so: bool, what: &str) -> Result<(), Stop> {
        if is_so {
            Ok(())
        } else {
            Err(self.stop(what.into()))
        }
    }

    fn differs(self, when: &str, expected: &str, told: &dyn fmt::Debug) -> Stop {
        self.stop(format!(
            "{when}: expected {expected}, and was told {told:?}"
        ))
    }

    pub(super) fn fresh(self, when: &str, claim: Claim) -> Result<Lease, Stop> {
        match claim {
            Claim::Fresh(lease) => Ok(lease),
            told => Err(self.differs(when, "Fresh", &told)),
        }
    }

    pub(super) fn in_progress(self, when: &str, claim: &Claim) -> Result<Duration, Stop> {
        match claim {
            Claim::InProgress { retry_after } => Ok(*retry_after),
            told => Err(self.differs(when, "InProgress", told)),
        }
    }

    pub(super) fn done(
        self,
        when: &str,
        claim: Claim,
    ) -> Result<(Outcome, Option<KeptReply>), Stop> {
        match claim {
            Claim::Done { outcome, reply } => Ok((outcome, reply)),
            told => Err(self.differs(when, "Done", &told)),
        }
    }

    pub(super) fn is(self, when: &str, told: Settled, expected: Settled) -> Result<(), Stop> {
        if told == expected {
            Ok(())
        } else {
            Err(self.differs(when, &format!("{expected:?}"), &told))
        }
    }

    pub(super) fn ok(self, when: &str, told: Settled) -> Result<(), Stop> {
        self.is(when, told, Settled::Ok)
    }

    pub(super) fn fenced(self, when: &str, told: Settled) -> Result<(), Stop> {
        self.is(when, told, Settled::Fenced)
    }
}

/// A store that fails keeps no rule, and breaks none either.
impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        let cause = core::error::Error::source(&error);
        Self::Untested(match cause {
            None => format!("the store failed: {error}"),
            Some(cause) => format!("the store failed: {error}: {cause}"),
        })
    }
}

impl<S: Store> Rig<S> {
    pub(super) fn new(store: Arc<S>, pass: Option<Pass>, times: Times) -> Self {
        Self {
            store,
            times,
            pass,
            passed: Mutex::default(),
        }
    }

    pub(super) const fn is_real(&self) -> bool {
        self.pass.is_none()
    }

    /// How long the check meant to wait.
    pub(super) fn passed(&self) -> Duration {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn pass(&self, by: Duration) {
        match &self.pass {
            Some(pass) => pass(by).await,
            None => tokio::time::sleep(by).await,
        }
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        *passed = passed.saturating_add(by);
    }

    /// From a moment until just before so much time has passed.
    pub(super) async fn pass_nearly(&self, duration: Duration) {
        self.pass(duration.saturating_sub(self.times.margin)).await;
    }

    /// What `pass_nearly` left.
    pub(super) async fn pass_rest(&self) {
        self.pass(self.times.margin.saturating_add(self.times.late))
            .await;
    }

    pub(super) async fn pass_lease(&self) {
        self.pass(self.times.lease.saturating_add(self.times.late))
            .await;
    }

    /// A request for a key that nobody else has.
    pub(super) fn request(&self) -> Result<ClaimRequest, Stop> {
        let key = KeyId::from_bytes(*Nonce::random()?.as_bytes());
        self.request_for(key)
    }

    /// Another worker's request for this key.
    pub(super) fn request_for(&self, key: KeyId) -> Result<ClaimRequest, Stop> {
        let Times {
            lease, retention, ..
        } = self.times;
        Ok(ClaimRequest::new(key, Nonce::random()?, lease, retention))
    }

    pub(super) fn other(&self, request: &ClaimRequest) -> Result<ClaimRequest, Stop> {
        self.request_for(request.key())
    }

    pub(super) async fn claim(&self, request: &ClaimRequest) -> Result<Claim, Stop> {
        Ok(self.store.claim(request).await?)
    }

    /// What anybody else is told about this key.
    pub(super) async fn ask(&self, request: &ClaimRequest) -> Result<Claim, Stop> {
        self.claim(&self.other(request)?).await
    }

    pub(super) async fn renew(&self, lease: &Lease) -> Result<Settled, Stop> {
        Ok(self.store.renew(lease).await?)
    }

    pub(super) async fn complete(&self, lease: &Lease) -> Result<Settled, Stop> {
        Ok(self.store.complete(lease, Outcome::Processed, None).await?)
    }

    pub(super) async fn release(&self, lease: &Lease) -> Result<Settled, Stop> {
        Ok(self.store.release(lease).await?)
    }

    /// A new key, held.
    pub(super) async fn held(&self) -> Result<(ClaimRequest, Lease), Stop> {
        let request = self.request()?;
        let claim = self.claim(&request).await?;
        let lease = Given.fresh("a new key is claimed", claim)?;
        Given.that(lease.attempt() == 1, "the first attempt is not 1")?;
        Ok((request, lease))
    }

    /// A new key, held and in progress for others.
    pub(super) async fn held_and_seen(&self) -> Result<(ClaimRequest, Lease), Stop> {
        let (request, lease) = self.held().await?;
        let claim = self.ask(&request).await?;
        Given.in_progress("somebody else asks", &claim)?;
        Ok((request, lease))
    }

    /// A new key whose first holder was replaced by the second.
    pub(super) async fn replaced(&self) -> Result<(ClaimRequest, Lease, Lease), Stop> {
        let (request, old) = self.held_and_seen().await?;
        self.pass_lease().await;
        let claim = self.ask(&request).await?;
        let new = Given.fresh("an expired lease is claimed", claim)?;
        let claim = self.ask(&request).await?;
        Given.in_progress("somebody else asks after the take-over", &claim)?;
        Ok((request, old, new))
    }

    /// At the deadline of what was held when this key was: it can be claimed.
    pub(super) async fn given_expired(&self, control: &ClaimRequest) -> Result<(), Stop> {
        let claim = self.ask(control).await?;
        Given.fresh("another expired lease is claimed", claim)?;
        Ok(())
    }

    /// A new key, released, and free for others.
    pub(super) async fn released(&self) -> Result<(ClaimRequest, Lease), Stop> {
        let (request, lease) = self.held_and_seen().await?;
        Given.ok("the holder releases", self.release(&lease).await?)?;
        Ok((request, lease))
    }

    /// What is released can be claimed, and that is no take-over.
    pub(super) async fn given_release(&self) -> Result<(), Stop> {
        let (request, _) = self.released().await?;
        let claim = self.ask(&request).await?;
        let lease = Given.fresh("a released key is claimed", claim)?;
        Given.that(!lease.is_takeover(), "a released key counts as taken over")
    }

    /// A new key, done.
    pub(super) async fn done(&self) -> Result<(ClaimRequest, Lease), Stop> {
        let (request, lease) = self.held_and_seen().await?;
        Given.ok("the holder completes", self.complete(&lease).await?)?;
        let claim = self.ask(&request).await?;
        Given.done("somebody asks after that", claim)?;
        Ok((request, lease))
    }
}
