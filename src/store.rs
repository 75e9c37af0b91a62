//! Where claims live: which event is being processed, by whom, and how it ended.
//!
//! The contract of [`Store`] in one picture. Each arrow is one atomic step of the
//! store, which reads its own clock inside the step:
//!
//! ```text
//! Absent ──claim──► InFlight ──complete──► Done ──retention ends──► Absent
//!                    │    ▲
//!             release│    │claim
//!                    ▼    │
//!                    Idle ┘        an expired InFlight is claimed anew, or is Stuck
//! ```
//!
//! A released record stays as a tombstone: with it gone, a step of its last holder
//! that arrives late could not be told from anybody else's.

mod claim;
#[cfg(feature = "testing")]
pub mod contract;
mod dynamic;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod fault;
mod guard;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod inbox;
mod layered;
mod lease;
mod memory;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod micros;
mod monotonic;
#[cfg(feature = "mysql")]
mod mysql;
mod none;
pub(crate) mod patience;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod record;
#[cfg(feature = "redis")]
mod redis;
mod reply;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod session;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(any(feature = "mysql", feature = "postgres"))]
mod table;

use alloc::sync::Arc;

#[cfg(feature = "redis")]
pub use self::redis::{RedisStore, RedisStoreBuilder};
pub use claim::{Claim, ClaimRequest, ExpiredLease, Outcome, Settled};
pub use dynamic::{BoxedAnswer, DynStore};
pub use guard::{Guard, LeaseError};
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use inbox::Entry;
#[cfg(feature = "mysql")]
pub use inbox::MysqlInbox;
#[cfg(feature = "postgres")]
pub use inbox::PostgresInbox;
#[cfg(feature = "sqlite")]
pub use inbox::SqliteInbox;
pub use layered::LayeredStore;
pub use lease::{Lease, Nonce};
pub use memory::{MemoryStore, WhenFull};
pub use monotonic::{Monotonic, SystemMonotonic};
#[cfg(feature = "mysql")]
pub use mysql::MysqlStore;
pub use none::NoStore;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresStore, PostgresStoreBuilder};
pub use reply::KeptReply;
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteStore, SqliteStoreBuilder, Synchronous};

use crate::StoreError;

/// A place where claims live.
///
/// Only a verified delivery reaches a store, so whoever cannot sign cannot fill it.
///
/// # Contract
///
/// 1. Each method is **one atomic step**, never a read followed by a write. None has
///    a default body, since no body made of the other methods would be atomic.
/// 2. Time is the store's own, read inside the step; never a worker's.
/// 3. A record is ended at `expires` exactly: from then on it counts as absent.
/// 4. A holder is known by nonce *and* fence. The fence rises with each grant of a
///    key and outlives deletion.
/// 5. An error means that **nothing is known**: the step may have been applied, now or
///    later. A store that knows that it was not may ask itself again instead.
///
/// | step | found | condition | becomes | answer |
/// |---|---|---|---|---|
/// | claim | absent or ended | | in flight, attempt 1 | `Fresh` |
/// | | idle | | in flight, attempt + 1 | `Fresh` |
/// | | in flight | same nonce, before the deadline | unchanged | `Fresh`, the same lease |
/// | | | other nonce, before the deadline | unchanged | `InProgress` |
/// | | | past the deadline, take-over allowed, other nonce | in flight, attempt + 1 | `Fresh` |
/// | | | past the deadline, take-over allowed, same nonce | unchanged | `InProgress`, come again at once with a new nonce |
/// | | | past the deadline, take-over blocked | unchanged | `Stuck` |
/// | | done | both digests known and different | unchanged | `Reused` |
/// | | | else | unchanged | `Done` |
/// | renew | in flight, mine | also past the deadline | deadline moves | `Ok` |
/// | complete | in flight or idle, mine | also past the deadline | done | `Ok` |
/// | | done, mine | | unchanged | `Ok` |
/// | | absent or ended | the store forgot | done | `Ok` |
/// | release | in flight, mine | also past the deadline | idle | `Ok` |
/// | | idle, mine | | unchanged | `Ok` |
/// | renew, complete, release | anything else | | unchanged | `Fenced` |
///
/// # What a wrong answer costs
///
/// - `Fresh` to two workers: the event is processed twice.
/// - `Done` for what is not done, or for another's event: the event is **lost**, since
///   the sender is told that all is well.
/// - `InProgress` for ever: the sender's retries run out, and the event is lost.
/// - `Ok` to a holder who was replaced: the sender stops while the new holder may
///   still fail; half an effect is left behind.
/// - `Fenced` to a holder whom nobody replaced: one needless run.
/// - A forgotten record: one needless run, and an open door for a replay.
pub trait Store: Send + Sync + 'static {
    /// Asks for the exclusive right to process an event.
    ///
    /// The nonce is chosen by the claimer before it asks, so that the same request
    /// may be asked again after a lost reply.
    ///
    /// # Errors
    ///
    /// It is unknown whether the claim was granted.
    fn claim(
        &self,
        request: &ClaimRequest,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send;

    /// Moves the lease's deadline to one lease from now.
    ///
    /// # Errors
    ///
    /// It is unknown whether the deadline moved.
    fn renew(&self, lease: &Lease) -> impl Future<Output = Result<Settled, StoreError>> + Send;

    /// Ends the claim: the event is done, and stays so for the retention, counted
    /// from now.
    ///
    /// # Errors
    ///
    /// It is unknown whether the event counts as done.
    fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> impl Future<Output = Result<Settled, StoreError>> + Send;

    /// Gives the claim back, so that the next delivery may be processed at once.
    ///
    /// # Errors
    ///
    /// It is unknown whether the claim was given back; the lease runs out by itself.
    fn release(&self, lease: &Lease) -> impl Future<Output = Result<Settled, StoreError>> + Send;

    /// Whether what this store confirmed survives a crash of this process and of its
    /// host.
    fn is_durable(&self) -> bool;
}

/// A store that several receivers share.
impl<S: Store> Store for Arc<S> {
    fn claim(
        &self,
        request: &ClaimRequest,
    ) -> impl Future<Output = Result<Claim, StoreError>> + Send {
        S::claim(self, request)
    }

    fn renew(&self, lease: &Lease) -> impl Future<Output = Result<Settled, StoreError>> + Send {
        S::renew(self, lease)
    }

    fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> impl Future<Output = Result<Settled, StoreError>> + Send {
        S::complete(self, lease, outcome, reply)
    }

    fn release(&self, lease: &Lease) -> impl Future<Output = Result<Settled, StoreError>> + Send {
        S::release(self, lease)
    }

    fn is_durable(&self) -> bool {
        S::is_durable(self)
    }
}
