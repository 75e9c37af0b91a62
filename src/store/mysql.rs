//! A store in a table of MySQL or MariaDB, shared by any number of hosts.

pub(super) mod fault;
mod row;
mod schema;
pub(super) mod session;
pub(super) mod sweep;
pub(super) mod table;

use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};

use sqlx::MySqlPool;

use self::fault::Fault;
use self::session::Session;
use self::sweep::Sweep;
use self::table::Table;
use super::table::{self as steps, Ending};
use super::{Claim, ClaimRequest, KeptReply, Lease, Outcome, Settled, Store};
use crate::StoreError;

/// Claims in a table of MySQL 8 or MariaDB, over **your own** pool of connections.
///
/// A claim of a new event is one statement and one round trip, and so is each step of its
/// holder. One of an event that is known takes two, and writes nothing if it is done or in
/// progress. Each statement commits by itself, so that nothing is locked from one to the
/// next, and a server that goes away leaves no half step. Deadlocks, and others who change
/// the same event, are met by asking again; a statement whose answer was lost is not, and
/// the caller may ask again with the same nonce. A connection that failed, or whose answer
/// nobody waited for, is closed.
///
/// The table `countersign_claim` is made by [`migrate`](Self::migrate), or by
/// your own migrations from [`TABLE`](Self::TABLE). Ended records are taken away as new
/// ones come, in a task beside the claims: a few dozen at a time, and nothing else is
/// locked.
///
/// Time is the server's clock, whatever time zones are set. The fence of a claim is that
/// time in microseconds, or one more than the last one of the event. Where the clock is set
/// back, a lease that now seems longer than it was granted for begins anew, so that none is
/// held for ever; fences still rise unless the clock goes back by more than the retention.
/// Where it is set forward, leases and retentions end early by as much. A lease counts from
/// when the server began with the statement, so one that waited for a lock has less left.
///
/// It is durable where a commit waits for the disk: `innodb_flush_log_at_trx_commit = 1`,
/// and with a binary log `sync_binlog = 1`, as they were when the store was opened. With
/// other settings, and where a replica takes over that lags behind, the last steps may be
/// forgotten, and their events run again.
///
/// The pool's `test_before_acquire` costs one round trip more for each step.
///
/// The tests ran against MariaDB 10.11. MySQL 8 is asked the same statements, and has not
/// been tested.
///
/// ```no_run
/// use countersign::store::{MysqlStore, Store};
/// use sqlx::MySqlPool;
///
/// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = MySqlPool::connect("mysql://shop@db.example/shop").await?;
/// MysqlStore::migrate(&pool).await?;
/// let store = MysqlStore::open(pool).await?;
/// assert!(store.is_durable());
/// # Ok(())
/// # }
/// ```
pub struct MysqlStore {
    pool: MySqlPool,
    is_durable: bool,
    forgotten: AtomicU64,
    sweep: Arc<Sweep>,
}

impl MysqlStore {
    /// The statement that makes the table, for those who keep their migrations elsewhere.
    /// The table's comment is part of it: it says whose the table is.
    pub const TABLE: &str = schema::CLAIM;

    /// Makes the table `countersign_claim`, unless it is there.
    ///
    /// # Errors
    ///
    /// If the server refuses, or there is a table of that name that is not this store's.
    pub async fn migrate(pool: &MySqlPool) -> Result<(), StoreError> {
        Ok(schema::migrate(pool).await?)
    }

    /// The store in the database that this pool connects to.
    ///
    /// # Errors
    ///
    /// If the table is missing or not this store's, or cannot be written: the message says
    /// what to do. Nothing was changed then.
    pub async fn open(pool: MySqlPool) -> Result<Self, StoreError> {
        let is_durable = schema::check(&pool).await?;
        Ok(Self {
            pool,
            is_durable,
            forgotten: AtomicU64::new(0),
            sweep: Arc::default(),
        })
    }

    /// How many events this store completed that its table had forgotten.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }

    async fn table(&self) -> Result<Table, Fault> {
        Ok(Table::new(Session::begin(&self.pool).await?))
    }

    async fn settle(&self, lease: &Lease, ending: Ending<'_>) -> Result<Settled, StoreError> {
        if !steps::may_hold(lease) {
            return Ok(Settled::Fenced);
        }
        let mut table = self.table().await?;
        steps::settle(&mut table, lease, ending, &self.forgotten).await
    }
}

impl Store for MysqlStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        let mut table = self.table().await?;
        let claim = steps::claim(&mut table, request).await?;
        if matches!(claim, Claim::Fresh(_)) {
            Sweep::count(&self.sweep, request.key(), table.into_session());
        }
        Ok(claim)
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.settle(lease, Ending::Renew).await
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        self.settle(lease, Ending::Complete(outcome, reply)).await
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.settle(lease, Ending::Release).await
    }

    /// Whether a commit waited for the disk when the store was opened.
    fn is_durable(&self) -> bool {
        self.is_durable
    }
}

impl fmt::Debug for MysqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MysqlStore")
            .field("is_durable", &self.is_durable)
            .finish_non_exhaustive()
    }
}
