//! The table of the contract, written down once more as simply as can be, with one
//! fault chosen when it is made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::store::{
    Claim, ClaimRequest, ExpiredLease, KeptReply, Lease, Monotonic, Nonce, Outcome, Settled, Store,
};
use countersign::{KeyId, StoreError};

use super::broken::Fault;

#[derive(Clone)]
struct Record {
    state: State,
    nonce: Nonce,
    fence: u64,
    attempt: u32,
    is_takeover: bool,
    digest: Option<[u8; 32]>,
    claimed: Duration,
    expires: Duration,
}

#[derive(Clone)]
enum State {
    InFlight(Duration),
    Idle,
    Done(Outcome, Option<KeptReply>),
}

#[derive(Default)]
struct Records {
    all: HashMap<KeyId, Record>,
    last_fence: u64,
}

pub(crate) struct Model {
    clock: Arc<dyn Monotonic>,
    fault: Option<Fault>,
    records: Mutex<Records>,
    /// Held for a whole step, unless the fault is that it is not.
    step: tokio::sync::Mutex<()>,
}

type Step<'m> = tokio::sync::MutexGuard<'m, ()>;

impl Model {
    pub(crate) fn new(clock: Arc<dyn Monotonic>, fault: Option<Fault>) -> Self {
        Self {
            clock,
            fault,
            records: Mutex::default(),
            step: tokio::sync::Mutex::default(),
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn key(&self, key: KeyId) -> KeyId {
        if !self.has(Fault::MergesKeys) {
            return key;
        }
        let mut bytes = *key.as_bytes();
        bytes[8..].fill(0);
        KeyId::from_bytes(bytes)
    }

    /// The record, unless it has ended.
    fn find(&self, key: KeyId) -> Option<Record> {
        let now = self.clock.elapsed();
        let record = self.records.lock().unwrap().all.get(&key).cloned()?;
        let end = match &record.state {
            State::Done(..) if self.has(Fault::ForgetsExpiry) => Duration::MAX,
            State::Idle if self.has(Fault::KeepsTombstones) => Duration::MAX,
            State::InFlight(deadline) if !self.has(Fault::EndsLiveLeases) => {
                record.expires.max(*deadline)
            }
            _ => record.expires,
        };
        (now < end).then_some(record)
    }

    /// The record that a holder settles.
    fn find_held(&self, key: KeyId) -> Option<Record> {
        if self.has(Fault::SettlesEnded) {
            return self.records.lock().unwrap().all.get(&key).cloned();
        }
        self.find(key)
    }

    fn put(&self, key: KeyId, record: Record) {
        self.records.lock().unwrap().all.insert(key, record);
    }

    /// A reader that is not one step with its writer.
    async fn pause<'m>(&'m self, step: Step<'m>, fault: Fault) -> Step<'m> {
        if !self.has(fault) {
            return step;
        }
        drop(step);
        tokio::task::yield_now().await;
        self.step.lock().await
    }

    fn is_of(&self, record: &Record, lease: &Lease, careless: Fault) -> bool {
        if self.has(careless) {
            return true;
        }
        let has_nonce = record.nonce == lease.nonce() || self.has(Fault::KnowsFenceOnly);
        let has_fence = record.fence == lease.fence() || self.has(Fault::KnowsNonceOnly);
        has_nonce && has_fence
    }

    fn grant(&self, request: &ClaimRequest, attempt: u32, is_takeover: bool) -> Claim {
        let now = self.clock.elapsed();
        let key = self.key(request.key());
        let mut records = self.records.lock().unwrap();
        let is_known = records.all.contains_key(&key);
        let restarts = self.has(Fault::FencesRestart) && attempt == 1 && is_known;
        if restarts {
            records.last_fence = 0;
        }
        if !self.has(Fault::FenceStandsStill) || attempt == 1 {
            records.last_fence += 1;
        }
        let fence = records.last_fence;
        let state = if self.has(Fault::MarksBefore) {
            State::Done(Outcome::Processed, None)
        } else {
            State::InFlight(now + request.lease())
        };
        records.all.insert(
            key,
            Record {
                state,
                nonce: request.nonce(),
                fence,
                attempt,
                is_takeover,
                digest: request.body_digest().copied(),
                claimed: now,
                expires: now + request.retention(),
            },
        );
        Claim::Fresh(Lease::granted(request, fence, attempt).taken_over(is_takeover))
    }

    fn told_done(
        &self,
        record: &Record,
        request: &ClaimRequest,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Claim {
        let is_other = match (&record.digest, request.body_digest()) {
            (Some(known), Some(given)) => known != given && !self.has(Fault::IgnoresDigests),
            (None, None) => false,
            _ => self.has(Fault::UnknownDigestDiffers),
        };
        if is_other {
            return Claim::Reused;
        }
        Claim::Done {
            outcome: if self.has(Fault::ForgetsOutcomes) {
                Outcome::Processed
            } else {
                outcome
            },
            reply: reply.cloned().filter(|_| !self.has(Fault::DropsReplies)),
        }
    }

    fn told_in_flight(&self, record: &Record, request: &ClaimRequest, deadline: Duration) -> Claim {
        let now = self.clock.elapsed();
        let deadline = if self.has(Fault::JudgesByTheAskersLease) {
            deadline.min(record.claimed + request.lease())
        } else {
            deadline
        };
        let is_mine = record.nonce == request.nonce();
        let is_other = record.digest.is_some()
            && request.body_digest().is_some()
            && record.digest.as_ref() != request.body_digest();
        if is_other && self.has(Fault::ReusedInFlight) {
            return Claim::Reused;
        }
        let left = deadline.saturating_sub(now);
        let told = |left| Claim::InProgress { retry_after: left };
        if !left.is_zero() || self.has(Fault::InProgressForever) {
            let is_again = is_mine && !left.is_zero();
            if is_again && !self.has(Fault::ForgetsOwnNonce) {
                if self.has(Fault::AskingAgainRenews) {
                    let state = State::InFlight(now + request.lease());
                    let record = record.clone();
                    self.put(self.key(request.key()), Record { state, ..record });
                }
                let lease = Lease::granted(request, record.fence, record.attempt);
                let is_takeover = record.is_takeover && !self.has(Fault::ForgetsTakeOvers);
                return Claim::Fresh(lease.taken_over(is_takeover));
            }
            return told(if self.has(Fault::TellsTheWholeLease) {
                request.lease()
            } else {
                left
            });
        }
        if request.expired_lease() == ExpiredLease::Block && !self.has(Fault::NeverBlocks) {
            return Claim::Stuck;
        }
        if is_mine {
            if self.has(Fault::HandsBackExpired) {
                return Claim::Fresh(Lease::granted(request, record.fence, record.attempt));
            }
            return told(left);
        }
        self.grant(request, record.attempt + 1, true)
    }
}

impl Store for Model {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        let step = self.step.lock().await;
        let Some(record) = self.find(self.key(request.key())) else {
            let _step = self.pause(step, Fault::ReadsThenClaims).await;
            let first = u32::from(!self.has(Fault::CountsFromZero));
            return Ok(self.grant(request, first, false));
        };
        Ok(match &record.state {
            State::InFlight(deadline) => self.told_in_flight(&record, request, *deadline),
            State::Idle => {
                let _step = self.pause(step, Fault::ReadsThenClaimsReleased).await;
                self.grant(request, record.attempt + 1, false)
            }
            State::Done(outcome, reply) => {
                self.told_done(&record, request, *outcome, reply.as_ref())
            }
        })
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        let _step = self.step.lock().await;
        let now = self.clock.elapsed();
        let key = self.key(lease.key());
        let Some(record) = self.find_held(key) else {
            return Ok(Settled::Fenced);
        };
        let is_mine = self.is_of(&record, lease, Fault::AnybodyRenews);
        let deadline = match record.state {
            State::InFlight(deadline) if is_mine => deadline,
            State::Idle if is_mine && self.has(Fault::RenewsReleased) => now,
            _ => return Ok(Settled::Fenced),
        };
        if deadline <= now && self.has(Fault::LateRenewalIsFenced) {
            return Ok(Settled::Fenced);
        }
        if !self.has(Fault::RenewsNothing) {
            let renewed = Record {
                state: State::InFlight(now + lease.duration()),
                claimed: now,
                ..record
            };
            self.put(key, renewed);
        }
        Ok(Settled::Ok)
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        let step = self.step.lock().await;
        let now = self.clock.elapsed();
        let key = self.key(lease.key());
        let found = self.find(key);
        if let Some(record) = &found {
            let is_mine = self.is_of(record, lease, Fault::AnybodyCompletes);
            match record.state {
                _ if !is_mine => return Ok(Settled::Fenced),
                State::Done(..) if !self.has(Fault::CompletesAgain) => return Ok(Settled::Ok),
                State::Idle if self.has(Fault::ReleasedCannotComplete) => {
                    return Ok(Settled::Fenced);
                }
                State::InFlight(deadline)
                    if deadline <= now && self.has(Fault::LateCompletionIsFenced) =>
                {
                    return Ok(Settled::Fenced);
                }
                _ => {}
            }
        } else if self.has(Fault::ForgottenIsFenced) {
            return Ok(Settled::Fenced);
        }
        let _step = self.pause(step, Fault::ReadsThenCompletes).await;
        let counted_from = match &found {
            Some(record) if self.has(Fault::CountsFromTheClaim) => record.claimed,
            _ => now,
        };
        self.put(
            key,
            Record {
                state: State::Done(outcome, reply.cloned()),
                nonce: lease.nonce(),
                fence: lease.fence(),
                attempt: lease.attempt(),
                is_takeover: lease.is_takeover(),
                digest: lease.body_digest().copied(),
                claimed: now,
                expires: counted_from + lease.retention(),
            },
        );
        Ok(Settled::Ok)
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        let _step = self.step.lock().await;
        let now = self.clock.elapsed();
        let key = self.key(lease.key());
        let Some(record) = self.find_held(key) else {
            return Ok(if self.has(Fault::ReleasesNothing) {
                Settled::Ok
            } else {
                Settled::Fenced
            });
        };
        let is_mine = self.is_of(&record, lease, Fault::AnybodyReleases);
        match record.state {
            State::InFlight(deadline) if is_mine => {
                if deadline <= now && self.has(Fault::LateReleaseIsFenced) {
                    return Ok(Settled::Fenced);
                }
            }
            State::Idle if is_mine => {
                return Ok(if self.has(Fault::SecondReleaseIsFenced) {
                    Settled::Fenced
                } else {
                    Settled::Ok
                });
            }
            State::Done(..) if is_mine && self.has(Fault::ReleasesDone) => {}
            _ => return Ok(Settled::Fenced),
        }
        if self.has(Fault::ReleaseDeletes) {
            self.records.lock().unwrap().all.remove(&key);
        } else if !self.has(Fault::ReleaseDoesNothing) {
            let state = State::Idle;
            self.put(key, Record { state, ..record });
        }
        Ok(Settled::Ok)
    }

    fn is_durable(&self) -> bool {
        false
    }
}
