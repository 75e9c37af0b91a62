//! The records, and the two orders in which they go: by their end, and by age.

use alloc::collections::{BTreeMap, BTreeSet};
use core::time::Duration;
use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use super::WhenFull;
use super::record::{Record, State};
use crate::store::{Claim, ClaimRequest, ExpiredLease, KeptReply, Lease, Outcome, Settled};
use crate::{KeyId, StoreError};

/// Every record. `now` is an argument; the caller holds the lock.
pub(super) struct Table {
    pub(super) when_full: WhenFull,
    pub(super) reply_budget: usize,
    pub(super) evicted: u64,
    pub(super) forgotten: u64,
    capacity: usize,
    records: HashMap<KeyId, Record>,
    /// By end: an ended record is found without a look at the others.
    ends: BTreeSet<(Duration, KeyId)>,
    /// Done and released records by age, for the policy of a full store.
    done: BTreeMap<u64, KeyId>,
    idle: BTreeMap<u64, KeyId>,
    settled: u64,
    reply_bytes: usize,
    /// Survives every deletion; its start outlives a restart, since no process
    /// grants a claim per microsecond.
    fence: u64,
    latest: Duration,
}

impl Table {
    pub(super) fn new(capacity: usize, reply_budget: usize) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let microseconds = since_epoch.unwrap_or_default().as_micros();
        Self {
            when_full: WhenFull::default(),
            reply_budget,
            evicted: 0,
            forgotten: 0,
            capacity,
            records: HashMap::new(),
            ends: BTreeSet::new(),
            done: BTreeMap::new(),
            idle: BTreeMap::new(),
            settled: 0,
            reply_bytes: 0,
            fence: u64::try_from(microseconds).unwrap_or_default(),
            latest: Duration::ZERO,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// The time, which never goes back.
    pub(super) fn now(&mut self, told: Duration) -> Duration {
        self.latest = self.latest.max(told);
        self.latest
    }

    /// Takes away ended records, `most` of them.
    pub(super) fn sweep(&mut self, now: Duration, most: usize) {
        for _ in 0..most {
            match self.ends.first() {
                Some(&(expires, key)) if expires <= now => self.remove(key),
                _ => return,
            };
        }
    }

    pub(super) fn claim(
        &mut self,
        request: &ClaimRequest,
        now: Duration,
    ) -> Result<Claim, StoreError> {
        let (attempt, is_takeover) = match self.find(request.key(), now) {
            None => (1, false),
            Some(record) => match &record.state {
                State::Idle { .. } => (record.attempt.saturating_add(1), false),
                State::Done { outcome, reply, .. } => {
                    return Ok(match (&record.digest, request.body_digest()) {
                        (Some(known), Some(given)) if known != given => Claim::Reused,
                        _ => Claim::Done {
                            outcome: *outcome,
                            reply: reply.clone(),
                        },
                    });
                }
                State::InFlight { deadline } => {
                    let is_mine = record.nonce == request.nonce();
                    let retry_after = deadline.saturating_sub(now);
                    if retry_after.is_zero() && request.expired_lease() == ExpiredLease::Block {
                        return Ok(Claim::Stuck);
                    }
                    if is_mine && !retry_after.is_zero() {
                        let lease = Lease::granted(request, record.fence, record.attempt);
                        return Ok(Claim::Fresh(lease.taken_over(record.is_takeover)));
                    }
                    // The worker's own deadline has passed with the lease: a claim
                    // that it asks for again must not look like time gained.
                    if is_mine || !retry_after.is_zero() {
                        return Ok(Claim::InProgress { retry_after });
                    }
                    (record.attempt.saturating_add(1), true)
                }
            },
        };
        self.make_room(request.key(), now)?;
        self.fence = self.fence.saturating_add(1);
        let deadline = now.saturating_add(request.lease());
        let record = Record {
            nonce: request.nonce(),
            fence: self.fence,
            attempt,
            is_takeover,
            digest: request.body_digest().copied(),
            expires: now.saturating_add(request.retention()).max(deadline),
            state: State::InFlight { deadline },
        };
        self.put(request.key(), record);
        let lease = Lease::granted(request, self.fence, attempt);
        Ok(Claim::Fresh(lease.taken_over(is_takeover)))
    }

    pub(super) fn renew(&mut self, lease: &Lease, now: Duration) -> Settled {
        let is_mine = self.find(lease.key(), now).is_some_and(|record| {
            record.is_of(lease) && matches!(record.state, State::InFlight { .. })
        });
        if !is_mine {
            return Settled::Fenced;
        }
        if let Some(mut record) = self.remove(lease.key()) {
            let deadline = now.saturating_add(lease.duration());
            record.state = State::InFlight { deadline };
            record.expires = record.expires.max(deadline);
            self.put(lease.key(), record);
        }
        Settled::Ok
    }

    pub(super) fn complete(
        &mut self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
        now: Duration,
    ) -> Result<Settled, StoreError> {
        match self.find(lease.key(), now) {
            Some(record) if !record.is_of(lease) => return Ok(Settled::Fenced),
            Some(record) if matches!(record.state, State::Done { .. }) => return Ok(Settled::Ok),
            Some(_) => {}
            None => {
                self.make_room(lease.key(), now)?;
                self.forgotten = self.forgotten.saturating_add(1);
                self.fence = self.fence.max(lease.fence());
            }
        }
        self.remove(lease.key());
        let reply = reply.filter(|reply| {
            self.reply_bytes.saturating_add(reply.as_bytes().len()) <= self.reply_budget
        });
        let record = Record {
            nonce: lease.nonce(),
            fence: lease.fence(),
            attempt: lease.attempt(),
            is_takeover: lease.is_takeover(),
            digest: lease.body_digest().copied(),
            expires: now.saturating_add(lease.retention()),
            state: State::Done {
                order: self.next_order(),
                outcome,
                reply: reply.cloned(),
            },
        };
        self.put(lease.key(), record);
        Ok(Settled::Ok)
    }

    pub(super) fn release(&mut self, lease: &Lease, now: Duration) -> Settled {
        match self.find(lease.key(), now) {
            Some(record) if !record.is_of(lease) => return Settled::Fenced,
            Some(record) => match record.state {
                State::InFlight { .. } => {}
                State::Idle { .. } => return Settled::Ok,
                State::Done { .. } => return Settled::Fenced,
            },
            None => return Settled::Fenced,
        }
        if let Some(mut record) = self.remove(lease.key()) {
            record.state = State::Idle {
                order: self.next_order(),
            };
            self.put(lease.key(), record);
        }
        Settled::Ok
    }

    /// The record, unless it has ended.
    fn find(&self, key: KeyId, now: Duration) -> Option<&Record> {
        self.records.get(&key).filter(|record| now < record.expires)
    }

    /// Makes room for a record of this key.
    fn make_room(&mut self, key: KeyId, now: Duration) -> Result<(), StoreError> {
        if self.len() < self.capacity || self.records.contains_key(&key) {
            return Ok(());
        }
        self.sweep(now, 1);
        if self.len() < self.capacity {
            return Ok(());
        }
        let oldest = match self.when_full {
            WhenFull::EvictOldestDone => {
                let mut oldest = self.done.values().chain(self.idle.values());
                oldest.next().copied()
            }
            WhenFull::Refuse => None,
        };
        let Some(oldest) = oldest else {
            return Err(StoreError::transient("the memory store is full"));
        };
        self.remove(oldest);
        self.evicted = self.evicted.saturating_add(1);
        Ok(())
    }

    const fn next_order(&mut self) -> u64 {
        self.settled = self.settled.saturating_add(1);
        self.settled
    }

    fn put(&mut self, key: KeyId, record: Record) {
        self.remove(key);
        self.ends.insert((record.expires, key));
        match &record.state {
            State::InFlight { .. } => {}
            State::Idle { order } => {
                self.idle.insert(*order, key);
            }
            State::Done { order, .. } => {
                self.done.insert(*order, key);
            }
        }
        self.reply_bytes = self.reply_bytes.saturating_add(record.reply_bytes());
        self.records.insert(key, record);
    }

    fn remove(&mut self, key: KeyId) -> Option<Record> {
        let record = self.records.remove(&key)?;
        self.ends.remove(&(record.expires, key));
        match &record.state {
            State::InFlight { .. } => {}
            State::Idle { order } => {
                self.idle.remove(order);
            }
            State::Done { order, .. } => {
                self.done.remove(order);
            }
        }
        self.reply_bytes = self.reply_bytes.saturating_sub(record.reply_bytes());
        Some(record)
    }
}
