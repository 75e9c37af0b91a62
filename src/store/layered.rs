//! Memory in front of another store.

use core::fmt;

use super::{Claim, ClaimRequest, KeptReply, Lease, MemoryStore, Outcome, Settled, Store};
use crate::StoreError;

/// Memory in front of a durable store, which answers a duplicate of what **this
/// process** completed without asking the store: a sender that repeats an event many
/// times costs no round trips.
///
/// It answers nothing but that an event is done, which stays true: what is absent, in
/// flight or released is always asked of the store behind it, and each step changes
/// that store. An event that another process completed is known there only.
///
/// What is done is forgotten here a five-hundredth of its retention before the store
/// behind it may, so that clocks that run apart do not matter; while the host sleeps, the
/// memory's clock stands still, and an event may count as done for so much longer.
///
/// ```
/// use countersign::store::{LayeredStore, MemoryStore, NoStore, Store};
///
/// let behind = NoStore; // a SqliteStore, a RedisStore, a PostgresStore …
/// let store = LayeredStore::new(MemoryStore::with_capacity(100_000), behind);
/// assert!(!store.is_durable(), "it is as durable as the store behind it");
/// ```
pub struct LayeredStore<S> {
    memory: MemoryStore,
    behind: S,
}

/// This part of a retention is given away, twice: what the completion's round trip may
/// take of it, and what the clocks may run apart.
const PART: u32 = 1000;

impl<S: Store> LayeredStore<S> {
    /// This memory in front of that store. Where the memory is full it forgets what has
    /// been done for the longest time, or with
    /// [`WhenFull::Refuse`](super::WhenFull::Refuse) takes nothing more.
    #[must_use]
    pub const fn new(memory: MemoryStore, behind: S) -> Self {
        Self { memory, behind }
    }

    /// The memory.
    #[must_use]
    pub const fn memory(&self) -> &MemoryStore {
        &self.memory
    }

    /// The store behind it.
    #[must_use]
    pub const fn behind(&self) -> &S {
        &self.behind
    }
}

impl<S: Store> Store for LayeredStore<S> {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        if let Some(done) = self.memory.recall(request) {
            return Ok(done);
        }
        let claim = self.behind.claim(request).await?;
        if let Claim::Fresh(lease) = &claim {
            self.memory.expect(lease);
        }
        Ok(claim)
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        let is_first = self.memory.take(lease);
        let settled = self.behind.renew(lease).await?;
        if is_first && settled == Settled::Ok {
            self.memory.expect(lease);
        }
        Ok(settled)
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        // The store confirms a second completion too, but keeps the first.
        let is_first = self.memory.take(lease);
        let began = self.memory.elapsed();
        let settled = self.behind.complete(lease, outcome, reply).await?;
        let took = self.memory.elapsed().saturating_sub(began);
        let part = lease.retention().checked_div(PART).unwrap_or_default();
        // The store's retention began some time in between.
        if is_first && settled == Settled::Ok && took <= part {
            let retention = lease.retention().saturating_sub(part.saturating_mul(2));
            self.memory.remember(lease, retention, outcome, reply);
        }
        Ok(settled)
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.memory.take(lease);
        self.behind.release(lease).await
    }

    /// What this store confirms is confirmed by the one behind it.
    fn is_durable(&self) -> bool {
        self.behind.is_durable()
    }
}

impl<S: fmt::Debug> fmt::Debug for LayeredStore<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayeredStore")
            .field("behind", &self.behind)
            .finish_non_exhaustive()
    }
}
