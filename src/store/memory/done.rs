//! The events that are done: many, and little is known of each.

use std::collections::HashMap;

use super::budget::PaidReply;
use super::fingerprint::{Fingerprint, Holder};
use super::index::Index;
use super::lanes::Lanes;
use super::moment::Moment;
use crate::store::{Lease, Outcome};

/// A done event, in 28 bytes.
#[derive(Clone, Copy)]
pub(super) struct Done {
    pub(super) fingerprint: Fingerprint,
    holder: Holder,
    /// When it ends, whether something is kept beside it, and its outcome.
    word: [u8; 8],
}

impl Done {
    fn new(fingerprint: Fingerprint, lease: &Lease, ends: Moment, outcome: Outcome) -> Self {
        let outcome = match outcome {
            Outcome::DeadLettered => 0,
            Outcome::Processed => 1,
            Outcome::Rejected => 2,
        };
        Self {
            fingerprint,
            holder: Holder::of(lease),
            word: ends.with_bits(outcome).to_le_bytes(),
        }
    }

    pub(super) const fn outcome(&self) -> Outcome {
        match u64::from_le_bytes(self.word) & 0b11 {
            0 => Outcome::DeadLettered,
            2 => Outcome::Rejected,
            _ => Outcome::Processed,
        }
    }

    pub(super) const fn ends(&self) -> Moment {
        Moment::without_bits(u64::from_le_bytes(self.word))
    }

    /// Whether the lease's holder completed it.
    pub(super) fn is_of(&self, lease: &Lease) -> bool {
        self.holder == Holder::of(lease)
    }

    const fn has_beside(&self) -> bool {
        u64::from_le_bytes(self.word) & HAS_BESIDE != 0
    }

    const fn with_beside(mut self) -> Self {
        self.word = (u64::from_le_bytes(self.word) | HAS_BESIDE).to_le_bytes();
        self
    }
}

/// The third of a moment's spare bits.
const HAS_BESIDE: u64 = 0b100;

/// What few events have: it stands beside them.
pub(super) struct Beside {
    pub(super) digest: Option<[u8; 32]>,
    pub(super) reply: Option<PaidReply>,
}

/// The records that are done, in the order in which they were; an index leads to
/// where each stands.
pub(super) struct DoneTable {
    index: Index,
    lanes: Lanes,
    /// No record ends before.
    none_before: Moment,
    beside: HashMap<Fingerprint, Beside>,
}

impl DoneTable {
    /// For about so many records.
    pub(super) fn for_records(records: usize) -> Self {
        Self {
            index: Index::for_places(records),
            lanes: Lanes::default(),
            none_before: Moment::LAST,
            beside: HashMap::new(),
        }
    }

    /// How many records are known.
    pub(super) const fn len(&self) -> usize {
        self.index.len()
    }

    /// How many take up room: also those that were taken from the middle.
    pub(super) const fn standing(&self) -> usize {
        self.lanes.standing()
    }

    /// The record, ended or not.
    pub(super) fn find(&self, fingerprint: Fingerprint) -> Option<&Done> {
        let stands_at = |place| self.lanes.fingerprint(place) == Some(fingerprint);
        let place = self.index.find(fingerprint.hash(), stands_at)?;
        self.lanes.at(place)
    }

    /// What is kept beside a record.
    pub(super) fn beside(&self, done: &Done) -> Option<&Beside> {
        if done.has_beside() {
            self.beside.get(&done.fingerprint)
        } else {
            None
        }
    }

    /// Adds a record for an event that has none here.
    pub(super) fn push(
        &mut self,
        fingerprint: Fingerprint,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<PaidReply>,
        now: Moment,
    ) {
        let ends = now.after(lease.retention());
        let mut done = Done::new(fingerprint, lease, ends, outcome);
        let digest = lease.body_digest().copied();
        if digest.is_some() || reply.is_some() {
            done = done.with_beside();
            self.beside.insert(fingerprint, Beside { digest, reply });
        }
        let place = self.lanes.push(done, lease.retention());
        self.index.insert(fingerprint.hash(), place);
        self.none_before = self.none_before.min(ends);
    }

    /// Takes away an ended record from the middle. Its place is free when those
    /// before it have gone.
    pub(super) fn remove(&mut self, fingerprint: Fingerprint) {
        let lanes = &self.lanes;
        let stands_at = |place| lanes.fingerprint(place) == Some(fingerprint);
        if self.index.remove(fingerprint.hash(), stands_at) {
            self.beside.remove(&fingerprint);
        }
    }

    /// Takes away ended records, `most` of each lane.
    pub(super) fn sweep(&mut self, now: Moment, most: usize) {
        if now < self.none_before {
            return;
        }
        self.none_before = Moment::LAST;
        for lane in 0..self.lanes.len() {
            for _ in 0..most {
                match self.lanes.first(lane) {
                    Some(done) if done.ends() <= now => self.pop(lane),
                    _ => break,
                };
            }
            if let Some(first) = self.lanes.first(lane) {
                self.none_before = self.none_before.min(first.ends());
            }
        }
    }

    /// Makes room by the record that has been done for the longest time: the answer
    /// is whether an event was forgotten for it.
    pub(super) fn pop_oldest(&mut self) -> Option<bool> {
        let lane = self.lanes.oldest()?;
        Some(self.pop(lane))
    }

    /// Takes away the first record of a lane; whether it was still known.
    fn pop(&mut self, lane: usize) -> bool {
        let Some((place, done)) = self.lanes.pop(lane) else {
            return false;
        };
        let hash = done.fingerprint.hash();
        if !self.index.remove(hash, |known| known == place) {
            return false;
        }
        if done.has_beside() {
            self.beside.remove(&done.fingerprint);
        }
        true
    }
}
