//! A store in a table of PostgreSQL, shared by any number of hosts.

mod batch;
mod batches;
mod builder;
mod claims;
mod fault;
mod row;
mod schema;
mod seen;
mod session;
mod sql;
mod statement;
mod sweep;
mod table;

use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::Ordering;

use sqlx::postgres::PgPool;

pub use builder::PostgresStoreBuilder;

use self::batches::Batches;
use self::claims::Claims;
use super::table::Ending;
use super::{Claim, ClaimRequest, KeptReply, Lease, Outcome, Settled, Store};
use crate::StoreError;

/// Claims in a table of PostgreSQL (14 or later), over **your own** pool of connections.
///
/// A claim of a new event is one statement and one round trip, and so is each step of its
/// holder; each commits by itself. A claim of what is done or in progress writes and locks
/// nothing; it takes a second round trip unless this process met the event of late. What
/// was confirmed is on the server's disk, also where the connection's
/// `synchronous_commit` is off. Behind a pooler such as PgBouncer, see
/// [`prepared`](PostgresStoreBuilder::prepared).
///
/// The table `countersign_claim` is made by [`migrate`](Self::migrate), or by your own
/// migrations from [`TABLE`](Self::TABLE). The search path says in which schema; all
/// processes must agree on it.
///
/// Time is the server's clock. The fence of a claim is that time in microseconds, or one
/// more than the last one of the event. Where the clock is set back, a lease that now
/// seems longer than it was granted for begins anew, so that none is held for ever;
/// fences still rise unless the clock goes back by more than the retention. Where it is
/// set forward, leases and retentions end early by as much. Where a standby takes over
/// that lags behind, the last steps may be forgotten, and their events run again.
///
/// Ended records are taken away as new ones come, in a task beside the claims: a few
/// pages at a time, and nothing else is locked.
///
/// The pool's `test_before_acquire` costs one round trip more for each step.
///
/// ```no_run
/// use countersign::store::{PostgresStore, Store};
/// use sqlx::PgPool;
///
/// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = PgPool::connect("postgres://shop@db.example/shop").await?;
/// PostgresStore::migrate(&pool).await?;
/// let store = PostgresStore::open(pool).await?;
/// assert!(store.is_durable());
/// # Ok(())
/// # }
/// ```
pub struct PostgresStore {
    claims: Arc<Claims>,
    batches: Option<Batches>,
    is_durable: bool,
}

impl PostgresStore {
    /// The statements that make the table, for those who keep their migrations elsewhere.
    /// The table's comment is part of them: it says whose the table is.
    pub const TABLE: &str = schema::CLAIM;

    /// Makes the table `countersign_claim`, unless it is there. Many processes may ask at
    /// once.
    ///
    /// # Errors
    ///
    /// If the server refuses, or there is a table of that name that is not this store's.
    /// Nothing was changed then.
    pub async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
        Ok(schema::migrate(pool).await?)
    }

    /// The store in the database that this pool connects to.
    ///
    /// # Errors
    ///
    /// If the table is missing or not this store's, or cannot be written: the message says
    /// what to do.
    pub async fn open(pool: PgPool) -> Result<Self, StoreError> {
        Self::builder(pool).open().await
    }

    /// A builder for the store in the database that this pool connects to.
    pub const fn builder(pool: PgPool) -> PostgresStoreBuilder {
        PostgresStoreBuilder::new(pool)
    }

    /// How many events this store completed that its table had forgotten.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.claims.forgotten.load(Ordering::Relaxed)
    }
}

impl Store for PostgresStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        match &self.batches {
            Some(batches) => batches.claim(request).await,
            None => self.claims.claim(request).await,
        }
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.claims.settle(lease, Ending::Renew).await
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        match &self.batches {
            Some(batches) => batches.complete(lease, outcome, reply).await,
            None => {
                let ending = Ending::Complete(outcome, reply);
                self.claims.settle(lease, ending).await
            }
        }
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.claims.settle(lease, Ending::Release).await
    }

    /// Whether the server waits for its disk, and the table was not made `UNLOGGED`, as it
    /// was when the store was opened.
    fn is_durable(&self) -> bool {
        self.is_durable
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore")
            .field("is_durable", &self.is_durable)
            .finish_non_exhaustive()
    }
}
