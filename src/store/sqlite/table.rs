//! The table of [`Store`](crate::store::Store) over the records that one transaction
//! has read; `now` is the time of that transaction.

use alloc::vec::Vec;
use std::collections::HashMap;

use crate::store::micros::Micros;
use crate::store::record::{Found, Record, Settling, Terms};
use crate::store::{Claim, ClaimRequest, KeptReply, Lease, Outcome, Settled};
use crate::{KeyId, StoreError};

/// What a store is asked.
pub(super) enum Step {
    Claim(ClaimRequest),
    Renew(Lease),
    Complete(Lease, Outcome, Option<KeptReply>),
    Release(Lease),
}

impl Step {
    pub(super) const fn key(&self) -> KeyId {
        match self {
            Self::Claim(request) => request.key(),
            Self::Renew(lease) | Self::Complete(lease, ..) | Self::Release(lease) => lease.key(),
        }
    }
}

/// What it answers.
pub(super) enum Answer {
    Claim(Claim),
    Settled(Settled),
}

/// The records of the keys that a transaction is about, as its steps change them.
pub(super) struct Table {
    now: Micros,
    fence: u64,
    entries: HashMap<KeyId, Entry>,
    forgotten: u64,
}

struct Entry {
    record: Record,
    is_changed: bool,
}

impl Table {
    pub(super) fn new(
        now: Micros,
        fence: u64,
        records: impl IntoIterator<Item = (KeyId, Record)>,
    ) -> Self {
        let entry = |(key, record)| {
            let is_changed = false;
            (key, Entry { record, is_changed })
        };
        Self {
            now,
            fence,
            entries: records.into_iter().map(entry).collect(),
            forgotten: 0,
        }
    }

    pub(super) const fn now(&self) -> Micros {
        self.now
    }

    /// The last fence that was granted.
    pub(super) const fn fence(&self) -> u64 {
        self.fence
    }

    /// How many completions came for what the file had forgotten.
    pub(super) const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// What must be written.
    pub(super) fn changed(&self) -> Vec<(KeyId, &Record)> {
        let changed = self.entries.iter().filter(|(_, entry)| entry.is_changed);
        changed.map(|(key, entry)| (*key, &entry.record)).collect()
    }

    /// Whether this key's record stands as the file has it.
    pub(super) fn is_as_read(&self, key: KeyId) -> bool {
        !self.entries.get(&key).is_some_and(|entry| entry.is_changed)
    }

    pub(super) fn apply(&mut self, step: &Step) -> Result<Answer, StoreError> {
        match step {
            Step::Claim(request) => self.claim(request).map(Answer::Claim),
            Step::Renew(lease) => Ok(Answer::Settled(self.renew(lease))),
            Step::Complete(lease, outcome, reply) => Ok(Answer::Settled(self.complete(
                lease,
                *outcome,
                reply.as_ref(),
            ))),
            Step::Release(lease) => Ok(Answer::Settled(self.release(lease))),
        }
    }

    fn claim(&mut self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        self.hold_to_the_clock(request.key());
        let terms = match self.find(request.key()) {
            None => Terms::FIRST,
            Some(record) => match record.claimed(request, self.now) {
                Found::Answer(claim) => return Ok(claim),
                Found::Free(terms) => terms,
            },
        };
        self.fence = match self.fence.checked_add(1) {
            Some(fence) if i64::try_from(fence).is_ok() => fence,
            _ => {
                return Err(StoreError::permanent(
                    "the file has no higher fence to grant",
                ));
            }
        };
        let lease = terms.grant(request, self.fence);
        self.put(request.key(), Record::in_flight(&lease, self.now));
        Ok(Claim::Fresh(lease))
    }

    fn renew(&mut self, lease: &Lease) -> Settled {
        let settling = Record::renewal(self.find(lease.key()), lease, self.now);
        self.settle(lease, settling)
    }

    fn complete(&mut self, lease: &Lease, outcome: Outcome, reply: Option<&KeptReply>) -> Settled {
        let found = self.find(lease.key());
        let is_forgotten = found.is_none();
        let settling = Record::completion(found, lease, self.now, outcome, reply);
        if is_forgotten && matches!(settling, Settling::Write(_)) {
            self.forgotten = self.forgotten.saturating_add(1);
            self.fence = self.fence.max(lease.fence());
        }
        self.settle(lease, settling)
    }

    fn release(&mut self, lease: &Lease) -> Settled {
        let settling = Record::giving_back(self.find(lease.key()), lease);
        self.settle(lease, settling)
    }

    fn settle(&mut self, lease: &Lease, settling: Settling) -> Settled {
        match settling {
            Settling::Answer(settled) => settled,
            Settling::Write(record) => {
                self.put(lease.key(), record);
                Settled::Ok
            }
        }
    }

    /// The record, unless it has ended.
    fn find(&self, key: KeyId) -> Option<&Record> {
        let record = &self.entries.get(&key)?.record;
        (self.now < record.expires).then_some(record)
    }

    fn put(&mut self, key: KeyId, record: Record) {
        let is_changed = true;
        self.entries.insert(key, Entry { record, is_changed });
    }

    fn hold_to_the_clock(&mut self, key: KeyId) {
        if let Some(Entry { record, is_changed }) = self.entries.get_mut(&key)
            && let Some(held) = record.held_to_the_clock(self.now)
        {
            *record = held;
            *is_changed = true;
        }
    }
}
