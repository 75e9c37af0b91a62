//! The steps over a table of claims, made of its statements: the first is mostly the whole
//! step.

use core::sync::atomic::{AtomicU64, Ordering};

use super::fault::{Fault, Kind};
use super::micros::Micros;
use super::record::{Found, Record, Settling, Terms};
use super::{Claim, ClaimRequest, KeptReply, Lease, Outcome, Settled};
use crate::{KeyId, StoreError};

/// What settles a lease.
#[derive(Clone, Copy)]
pub(super) enum Ending<'a> {
    Renew,
    Complete(Outcome, Option<&'a KeptReply>),
    Release,
}

/// The table, for as long as a step takes. Each of its methods is one statement, which
/// commits by itself.
pub(super) trait Table: Send {
    type Kind: Kind;

    /// Claims a key of which there is no record; `None` if there is one, or may be.
    fn enter(&mut self, request: &ClaimRequest) -> impl Answer<Option<Lease>, Self::Kind>;

    /// The server's time, and the record, which may have ended.
    fn find(&mut self, key: KeyId) -> impl Answer<(Micros, Option<Record>), Self::Kind>;

    /// Writes the record of a key; false if it has one that is not the one that was read.
    fn put(
        &mut self,
        key: KeyId,
        read: Option<&Record>,
        record: &Record,
    ) -> impl Answer<bool, Self::Kind>;

    /// The whole step, if the record is as it mostly is; false if it has to be looked at.
    fn settle(&mut self, lease: &Lease, ending: Ending<'_>) -> impl Answer<bool, Self::Kind>;
}

/// What comes of a statement.
pub(super) trait Answer<T, K>: Future<Output = Result<T, Fault<K>>> + Send {}

impl<T, K, F: Future<Output = Result<T, Fault<K>>> + Send> Answer<T, K> for F {}

/// A step is begun anew so often where others change the same event. One of them gets on
/// each time, and in a crowd one claim does, which ends it for all.
const TRIES: u32 = 32;

pub(super) async fn claim<T: Table>(
    table: &mut T,
    request: &ClaimRequest,
) -> Result<Claim, StoreError> {
    for _ in 0..TRIES {
        if let Some(claim) = go_on(claim_once(table, request).await)? {
            return Ok(claim);
        }
    }
    Err(Fault::from(T::Kind::CONFLICT).into())
}

/// Counts what is completed though the table had forgotten it.
pub(super) async fn settle<T: Table>(
    table: &mut T,
    lease: &Lease,
    ending: Ending<'_>,
    forgotten: &AtomicU64,
) -> Result<Settled, StoreError> {
    for _ in 0..TRIES {
        if let Some(settled) = go_on(settle_once(table, lease, ending, forgotten).await)? {
            return Ok(settled);
        }
    }
    Err(Fault::from(T::Kind::CONFLICT).into())
}

/// Whether a table can have granted this fence.
pub(super) fn may_hold(lease: &Lease) -> bool {
    i64::try_from(lease.fence()).is_ok()
}

/// What was undone may be begun anew.
fn go_on<T, K: Kind>(step: Result<Option<T>, Fault<K>>) -> Result<Option<T>, Fault<K>> {
    match step {
        Err(fault) if fault.is_undone() => Ok(None),
        step => step,
    }
}

/// `None` if somebody else came in between.
async fn claim_once<T: Table>(
    table: &mut T,
    request: &ClaimRequest,
) -> Result<Option<Claim>, Fault<T::Kind>> {
    let key = request.key();
    if let Some(lease) = table.enter(request).await? {
        return Ok(Some(Claim::Fresh(lease)));
    }
    let (now, Some(mut record)) = table.find(key).await? else {
        return Ok(None);
    };
    if let Some(held) = record.held_to_the_clock(now) {
        if !table.put(key, Some(&record), &held).await? {
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
    let is_granted = table.put(key, Some(&record), &granted).await?;
    Ok(is_granted.then_some(Claim::Fresh(lease)))
}

fn next_fence(last: u64, now: Micros) -> u64 {
    last.saturating_add(1).max(now.try_into().unwrap_or(0))
}

/// `None` if somebody else came in between.
async fn settle_once<T: Table>(
    table: &mut T,
    lease: &Lease,
    ending: Ending<'_>,
    forgotten: &AtomicU64,
) -> Result<Option<Settled>, Fault<T::Kind>> {
    if table.settle(lease, ending).await? {
        return Ok(Some(Settled::Ok));
    }
    let (now, found) = table.find(lease.key()).await?;
    let live = found.as_ref().filter(|record| now < record.expires);
    let settling = match ending {
        Ending::Renew => Record::renewal(live, lease, now),
        Ending::Complete(outcome, reply) => Record::completion(live, lease, now, outcome, reply),
        Ending::Release => Record::giving_back(live, lease),
    };
    let record = match settling {
        Settling::Answer(settled) => return Ok(Some(settled)),
        Settling::Write(record) => record,
    };
    if !table.put(lease.key(), found.as_ref(), &record).await? {
        return Ok(None);
    }
    if live.is_none() {
        forgotten.fetch_add(1, Ordering::Relaxed);
    }
    Ok(Some(Settled::Ok))
}
