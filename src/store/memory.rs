//! A store in this process's memory.

mod budget;
mod done;
mod fingerprint;
mod index;
mod lanes;
mod moment;
mod open;
mod shard;
mod slots;

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::iter::{self, Sum};
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError};

use self::budget::ReplyBudget;
use self::fingerprint::{Fingerprint, Fingerprints};
use self::moment::Moment;
use self::shard::{Full, Shard};
use super::{
    Claim, ClaimRequest, KeptReply, Lease, Monotonic, Outcome, Settled, Store, SystemMonotonic,
};
use crate::{KeyId, StoreError};

/// Claims in this process's memory, at most as many as stated.
///
/// For **one process**: two processes with a memory store each process an event
/// twice, and a restart forgets everything. Several receivers of one process share
/// one through an `Arc`.
///
/// A done event takes less than 40 bytes, and what is kept beside it: its reply, and
/// its body's digest where that counts. One that is in flight or was released takes
/// about 300. The memory grows with the events and is given back by blocks; only the
/// index keeps its size.
///
/// Nothing runs in the background: each step also takes away a few ended records,
/// which it finds without a look at the others.
///
/// A large store is in shards, each with a lock and a share of the capacity. Events
/// fall into them by a hash under a random key, not in equal numbers: in the fullest
/// shard [`WhenFull`] begins at about 98 % of the capacity.
///
/// ```
/// use countersign::store::{MemoryStore, WhenFull};
///
/// let store = MemoryStore::with_capacity(100_000).when_full(WhenFull::Refuse);
/// assert_eq!(store.len(), 0);
/// ```
pub struct MemoryStore {
    clock: Arc<dyn Monotonic>,
    began: Duration,
    when_full: WhenFull,
    replies: Arc<ReplyBudget>,
    fingerprints: Fingerprints,
    first: Padded,
    others: Box<[Padded]>,
}

/// What happens to a new event when the store, or its shard of a large store, is full.
/// Ended records always go first, and a claim in flight is never forgotten: if there
/// is nothing else, both refuse.
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

    /// A store for at most this many events, on the system's monotonic clock.
    #[must_use]
    pub fn with_capacity(events: usize) -> Self {
        let mut shards = 1_usize;
        while shards < MOST_SHARDS && events.div_ceil(shards) > SHARE {
            shards = shards.saturating_mul(2);
        }
        let share = events.checked_div(shards).unwrap_or_default();
        let shard = || Padded(Mutex::new(Shard::new(share.min(MOST_SHARE))));
        Self {
            clock: Arc::new(SystemMonotonic::default()),
            began: Duration::ZERO,
            when_full: WhenFull::default(),
            replies: ReplyBudget::new(Self::DEFAULT_REPLY_BUDGET),
            fingerprints: Fingerprints::new(),
            first: shard(),
            others: (1..shards).map(|_| shard()).collect(),
        }
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Monotonic>) -> Self {
        self.began = clock.elapsed();
        self.clock = clock;
        self
    }

    /// What happens to a new event when the store is full.
    #[must_use]
    pub const fn when_full(mut self, policy: WhenFull) -> Self {
        self.when_full = policy;
        self
    }

    /// The most that all kept replies take together, in bytes. An event that ends
    /// beyond it is done all the same, without its reply.
    #[must_use]
    pub fn reply_budget(mut self, bytes: usize) -> Self {
        self.replies = ReplyBudget::new(bytes);
        self
    }

    /// How many events are held: in flight, released or done. It takes away all that
    /// have ended, shard by shard: not for every request.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sum(|shard| {
            let now = shard.now(self.now());
            shard.sweep(now, usize::MAX);
            shard.len()
        })
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many events were forgotten before their time because the store was full.
    #[must_use]
    pub fn evicted(&self) -> u64 {
        self.sum(|shard| shard.evicted())
    }

    /// How many events were completed that the store had forgotten.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.sum(|shard| shard.forgotten())
    }

    /// The time by this store's clock.
    pub(super) fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// What a claim would be told of an event that is done; `None` if it is not known to
    /// be.
    pub(super) fn recall(&self, request: &ClaimRequest) -> Option<Claim> {
        self.step(request.key(), |shard, fingerprint, now| {
            shard.recall(fingerprint, request, now)
        })
    }

    /// Expects the completion of a claim that another store granted, for as long as its
    /// lease.
    pub(super) fn expect(&self, lease: &Lease) {
        self.step(lease.key(), |shard, fingerprint, now| {
            shard.expect(fingerprint, lease, self.when_full, now);
        });
    }

    /// Whether the completion of this claim was expected; from now on it is not.
    pub(super) fn take(&self, lease: &Lease) -> bool {
        self.step(lease.key(), |shard, fingerprint, now| {
            shard.take(fingerprint, lease, now)
        })
    }

    /// Takes in that an event is done, for so long; or nothing, where there is no room
    /// for all of it.
    pub(super) fn remember(
        &self,
        lease: &Lease,
        retention: Duration,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) {
        let reply = reply.map(|reply| self.replies.pay(reply));
        if matches!(reply, Some(None)) {
            return;
        }
        let lease = lease.clone().retained(retention);
        self.step(lease.key(), |shard, fingerprint, now| {
            let done = (outcome, reply.flatten());
            shard.remember(fingerprint, &lease, done, self.when_full, now);
        });
    }

    fn sum<N: Sum>(&self, of: impl FnMut(&mut Shard) -> N) -> N {
        let shards = iter::once(&self.first).chain(&self.others);
        let mut of = of;
        shards.map(|shard| of(&mut shard.lock())).sum()
    }

    fn now(&self) -> Moment {
        Moment::at(self.clock.elapsed().saturating_sub(self.began))
    }

    /// One step: the lock is taken before the clock is read, so that the steps of a
    /// shard and their times have the same order.
    fn step<T>(&self, key: KeyId, step: impl FnOnce(&mut Shard, Fingerprint, Moment) -> T) -> T {
        let fingerprint = self.fingerprints.of(key);
        let mut shard = self.shard(fingerprint).lock();
        let now = shard.now(self.now());
        shard.sweep(now, SWEPT_PER_STEP);
        step(&mut shard, fingerprint, now)
    }

    /// Their number is a power of two.
    fn shard(&self, fingerprint: Fingerprint) -> &Padded {
        let mask = u64::try_from(self.others.len()).unwrap_or_default();
        let number = usize::try_from(fingerprint.shard() & mask).unwrap_or_default();
        let other = number
            .checked_sub(1)
            .and_then(|number| self.others.get(number));
        other.unwrap_or(&self.first)
    }
}

/// A shard and its lock, in cache lines of their own.
#[repr(align(128))]
struct Padded(Mutex<Shard>);

impl Padded {
    fn lock(&self) -> MutexGuard<'_, Shard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The fewest events of a shard where there are several: its share differs from the
/// others' by about a hundredth.
const SHARE: usize = 16 * 1024;

/// More shards than threads are ever in at the same moment, and few enough to stay in a
/// processor's cache.
const MOST_SHARDS: usize = 64;

/// What a place in a shard can count.
const MOST_SHARE: usize = 1 << 31;

/// A step adds at most one record, so taking away a few at each keeps up with any
/// load, and no step has to pay for a whole night's worth.
const SWEPT_PER_STEP: usize = 8;

impl Store for MemoryStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        let claim = self.step(request.key(), |shard, fingerprint, now| {
            shard.claim(fingerprint, request, self.when_full, now)
        });
        Ok(claim?)
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        Ok(self.step(lease.key(), |shard, fingerprint, now| {
            shard.renew(fingerprint, lease, now)
        }))
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        let paid = || reply.and_then(|reply| self.replies.pay(reply));
        let settled = self.step(lease.key(), |shard, fingerprint, now| {
            let ended = (outcome, paid);
            shard.complete(fingerprint, lease, ended, self.when_full, now)
        });
        Ok(settled?)
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        Ok(self.step(lease.key(), |shard, fingerprint, now| {
            shard.release(fingerprint, lease, now)
        }))
    }

    fn is_durable(&self) -> bool {
        false
    }
}

impl From<Full> for StoreError {
    fn from(Full: Full) -> Self {
        Self::transient("the memory store is full")
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
