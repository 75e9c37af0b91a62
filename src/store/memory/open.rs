//! The events that are in flight or released: few, and known in full.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use hashbrown::HashTable;

use super::fingerprint::Fingerprint;
use super::moment::Moment;
use crate::store::{Lease, Nonce};

/// An event that is not done.
pub(super) struct Open {
    pub(super) fingerprint: Fingerprint,
    pub(super) nonce: Nonce,
    pub(super) fence: u64,
    pub(super) attempt: u32,
    pub(super) is_takeover: bool,
    pub(super) ends: Moment,
    pub(super) state: State,
}

/// Where it stands.
pub(super) enum State {
    InFlight {
        deadline: Moment,
    },
    /// The `order`th that was released.
    Idle {
        order: u64,
    },
}

impl Open {
    /// Whether the lease's holder is this record's: by nonce and fence.
    pub(super) fn is_of(&self, lease: &Lease) -> bool {
        self.nonce == lease.nonce() && self.fence == lease.fence()
    }
}

/// The records that are not done, and the two orders in which they go.
pub(super) struct OpenTable {
    records: HashTable<Open>,
    /// Records that are not in `ends` yet: most are done before there are too many.
    young: Vec<Fingerprint>,
    ends: BTreeSet<(Moment, Fingerprint)>,
    /// No record ends before.
    none_before: Moment,
    idle: BTreeMap<u64, Fingerprint>,
    released: u64,
}

/// Few enough to be looked through, and more than are in flight as a rule in the share
/// of a shard.
const MOST_YOUNG: usize = 16;

impl OpenTable {
    pub(super) const fn new() -> Self {
        Self {
            records: HashTable::new(),
            young: Vec::new(),
            ends: BTreeSet::new(),
            none_before: Moment::LAST,
            idle: BTreeMap::new(),
            released: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// The record, ended or not.
    pub(super) fn find(&self, fingerprint: Fingerprint) -> Option<&Open> {
        self.records
            .find(fingerprint.hash(), |open| open.fingerprint == fingerprint)
    }

    /// Takes the place of what stands under the same fingerprint.
    pub(super) fn put(&mut self, open: Open) {
        self.remove(open.fingerprint);
        if self.young.len() >= MOST_YOUNG {
            self.order_young();
        }
        self.young.push(open.fingerprint);
        self.none_before = self.none_before.min(open.ends);
        if let State::Idle { order } = open.state {
            self.idle.insert(order, open.fingerprint);
        }
        let hash = open.fingerprint.hash();
        self.records
            .insert_unique(hash, open, |open| open.fingerprint.hash());
    }

    pub(super) fn remove(&mut self, fingerprint: Fingerprint) -> Option<Open> {
        let is_it = |open: &Open| open.fingerprint == fingerprint;
        let entry = self.records.find_entry(fingerprint.hash(), is_it).ok()?;
        let (open, _) = entry.remove();
        match self.young.iter().rposition(|young| *young == fingerprint) {
            Some(young) => {
                self.young.swap_remove(young);
            }
            None => {
                self.ends.remove(&(open.ends, fingerprint));
            }
        }
        if let State::Idle { order } = open.state {
            self.idle.remove(&order);
        }
        Some(open)
    }

    /// Of a record that is in flight, makes a tombstone.
    pub(super) fn release(&mut self, fingerprint: Fingerprint) {
        if let Some(open) = self.remove(fingerprint) {
            self.released = self.released.saturating_add(1);
            let order = self.released;
            self.put(Open {
                state: State::Idle { order },
                ..open
            });
        }
    }

    /// Takes away ended records, `most` of them.
    pub(super) fn sweep(&mut self, now: Moment, most: usize) {
        if now < self.none_before {
            return;
        }
        self.order_young();
        for _ in 0..most {
            match self.ends.first() {
                Some(&(ends, fingerprint)) if ends <= now => self.remove(fingerprint),
                _ => break,
            };
        }
        self.none_before = self.ends.first().map_or(Moment::LAST, |first| first.0);
    }

    /// Takes away the record that was released the longest time ago.
    pub(super) fn pop_idle(&mut self) -> bool {
        let oldest = self.idle.values().next().copied();
        oldest.and_then(|oldest| self.remove(oldest)).is_some()
    }

    fn order_young(&mut self) {
        while let Some(fingerprint) = self.young.pop() {
            if let Some(open) = self.find(fingerprint) {
                self.ends.insert((open.ends, fingerprint));
            }
        }
    }
}
