//! The steps, made of statements: the first is mostly the whole step.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};

use super::fault::{Fault, Kind};
use super::seen::Seen;
use super::sweep::Sweep;
use super::table::{Ending, Table};
use crate::StoreError;
use crate::store::micros::Micros;
use crate::store::record::{Found, Record, Settling, Terms};
use crate::store::{Claim, ClaimRequest, Lease, Settled};

/// The claims in a table.
pub(super) struct Claims {
    pub(super) table: Table,
    pub(super) forgotten: AtomicU64,
    seen: Seen,
    sweep: Sweep,
}

/// A step is begun anew so often where others change the same event. One of them gets on
/// each time, and in a crowd one claim does, which ends it for all.
const TRIES: u32 = 32;

impl Claims {
    pub(super) fn new(table: Table) -> Arc<Self> {
        Arc::new(Self {
            table,
            forgotten: AtomicU64::new(0),
            seen: Seen::default(),
            sweep: Sweep::default(),
        })
    }

    pub(super) async fn claim(
        self: &Arc<Self>,
        request: &ClaimRequest,
    ) -> Result<Claim, StoreError> {
        for _ in 0..TRIES {
            if let Some(claim) = go_on(self.claim_once(request).await)? {
                return Ok(claim);
            }
        }
        Err(Fault::from(Kind::Conflict).into())
    }

    /// After so many claims were granted that made a record.
    pub(super) fn entered(self: &Arc<Self>, records: usize) {
        Sweep::count(self, records);
    }

    pub(super) const fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    pub(super) async fn settle(
        &self,
        lease: &Lease,
        ending: Ending<'_>,
    ) -> Result<Settled, StoreError> {
        // Such a fence was never granted by a database.
        if i64::try_from(lease.fence()).is_err() {
            return Ok(Settled::Fenced);
        }
        for _ in 0..TRIES {
            if let Some(settled) = go_on(self.settle_once(lease, ending).await)? {
                return Ok(settled);
            }
        }
        Err(Fault::from(Kind::Conflict).into())
    }

    /// `None` if somebody else came in between.
    async fn settle_once(
        &self,
        lease: &Lease,
        ending: Ending<'_>,
    ) -> Result<Option<Settled>, Fault> {
        if self.table.settle(lease, ending).await? {
            return Ok(Some(Settled::Ok));
        }
        let (now, found) = self.table.find(lease.key()).await?;
        let live = found.as_ref().filter(|record| now < record.expires);
        let settling = match ending {
            Ending::Renew => Record::renewal(live, lease, now),
            Ending::Complete(outcome, reply) => {
                Record::completion(live, lease, now, outcome, reply)
            }
            Ending::Release => Record::giving_back(live, lease),
        };
        let record = match settling {
            Settling::Answer(settled) => return Ok(Some(settled)),
            Settling::Write(record) => record,
        };
        if !self.table.put(lease.key(), found.as_ref(), &record).await? {
            return Ok(None);
        }
        if live.is_none() {
            self.forgotten.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Some(Settled::Ok))
    }

    /// `None` if somebody else came in between.
    async fn claim_once(self: &Arc<Self>, request: &ClaimRequest) -> Result<Option<Claim>, Fault> {
        let key = request.key();
        if !self.seen.holds(key)
            && let Some(lease) = self.table.enter(request).await?
        {
            self.seen.note(key);
            self.entered(1);
            return Ok(Some(Claim::Fresh(lease)));
        }
        let (now, Some(record)) = self.table.find(key).await? else {
            self.seen.forget(key);
            return Ok(None);
        };
        self.seen.note(key);
        self.claim_known(request, record, now).await
    }

    /// `None` if somebody else came in between.
    async fn claim_known(
        &self,
        request: &ClaimRequest,
        mut record: Record,
        now: Micros,
    ) -> Result<Option<Claim>, Fault> {
        let key = request.key();
        if let Some(held) = record.held_to_the_clock(now) {
            if !self.table.put(key, Some(&record), &held).await? {
                return Ok(None);
            }
            record = held;
        }
        let terms = if now < record.expires {
            match record.claimed(request, now) {
                Found::Answer(claim) => return Ok(Some(claim)),
                Found::Free(terms) => terms,
            }
        } else {
            Terms::FIRST
        };
        let lease = terms.grant(request, next_fence(record.fence, now));
        let granted = Record::in_flight(&lease, now);
        let is_granted = self.table.put(key, Some(&record), &granted).await?;
        Ok(is_granted.then_some(Claim::Fresh(lease)))
    }
}

/// What was undone may be begun anew.
fn go_on<T>(step: Result<Option<T>, Fault>) -> Result<Option<T>, Fault> {
    match step {
        Err(fault) if fault.is_undone() => Ok(None),
        step => step,
    }
}

fn next_fence(last: u64, now: Micros) -> u64 {
    last.saturating_add(1).max(now.try_into().unwrap_or(0))
}
