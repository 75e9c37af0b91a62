//! A store in this process's memory.

mod record;
mod table;

use alloc::sync::Arc;
use core::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use self::table::Table;
use super::{
    Claim, ClaimRequest, KeptReply, Lease, Monotonic, Outcome, Settled, Store, SystemMonotonic,
};
use crate::StoreError;

/// Claims in this process's memory, at most as many as stated.
///
/// For **one process**: two processes with a memory store each process an event
/// twice, and a restart forgets everything. Several receivers of one process share
/// one through an `Arc`.
///
/// A record costs about 300 bytes, and its kept reply. Nothing runs in the
/// background: each call also takes away a few ended records, by an index in the
/// order of their end.
///
/// ```
/// use countersign::store::{MemoryStore, WhenFull};
///
/// let store = MemoryStore::with_capacity(100_000).when_full(WhenFull::Refuse);
/// assert_eq!(store.len(), 0);
/// ```
pub struct MemoryStore {
    clock: Arc<dyn Monotonic>,
    table: Mutex<Table>,
}

/// What happens to a new event when the store is full. Ended records always go first,
/// and a claim in flight is never forgotten: if there is nothing else, both refuse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// The event that has been done for the longest time is forgotten, or if none is
    /// done, the one released the longest time ago. A forgotten event is processed
    /// again when it comes again: [`MemoryStore::evicted`] counts them.
    #[default]
    EvictOldestDone,
    /// The new event is refused with an error, and its sender asked to retry.
    Refuse,
}

impl MemoryStore {
    /// The most that all kept replies take together, unless chosen otherwise.
    pub const DEFAULT_REPLY_BUDGET: usize = 64 * 1024 * 1024;

    /// A store for this many events, on the system's monotonic clock.
    #[must_use]
    pub fn with_capacity(events: usize) -> Self {
        Self {
            clock: Arc::new(SystemMonotonic::default()),
            table: Mutex::new(Table::new(events, Self::DEFAULT_REPLY_BUDGET)),
        }
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Monotonic>) -> Self {
        self.clock = clock;
        self
    }

    /// What happens to a new event when the store is full.
    #[must_use]
    pub fn when_full(self, policy: WhenFull) -> Self {
        self.table().when_full = policy;
        self
    }

    /// The most that all kept replies take together, in bytes. An event that ends
    /// beyond it is done all the same, without its reply.
    #[must_use]
    pub fn reply_budget(self, bytes: usize) -> Self {
        self.table().reply_budget = bytes;
        self
    }

    /// How many events are held: in flight, released or done.
    #[must_use]
    pub fn len(&self) -> usize {
        let now = self.clock.elapsed();
        let mut table = self.table();
        table.sweep(now, usize::MAX);
        table.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many events were forgotten before their time because the store was full.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.table().evicted
    }

    /// How many events were completed that the store had forgotten.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.table().forgotten
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One step: the lock is taken before the clock is read, so that steps and times
    /// have the same order.
    fn step<T>(&self, step: impl FnOnce(&mut Table, core::time::Duration) -> T) -> T {
        let mut table = self.table();
        let now = table.now(self.clock.elapsed());
        table.sweep(now, SWEPT_PER_STEP);
        step(&mut table, now)
    }
}

/// A step adds at most one record, so taking away a few at each keeps up with any
/// load, and no step has to pay for a whole night's worth.
const SWEPT_PER_STEP: usize = 8;

impl Store for MemoryStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        self.step(|table, now| table.claim(request, now))
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        Ok(self.step(|table, now| table.renew(lease, now)))
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        self.step(|table, now| table.complete(lease, outcome, reply, now))
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        Ok(self.step(|table, now| table.release(lease, now)))
    }

    fn is_durable(&self) -> bool {
        false
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
