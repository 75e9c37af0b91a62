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

use self::fault::{Fault, Kind};
use self::session::Session;
use self::sweep::Sweep;
use self::table::{Ending, Table};
use super::micros::Micros;
use super::record::{Found, Record, Settling, Terms};
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

/// A step is begun anew so often where others change the same event. One of them gets on
/// each time, and in a crowd one claim does, which ends it for all.
const TRIES: u32 = 32;

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

    async fn settle(&self, lease: &Lease, ending: &Ending<'_>) -> Result<Settled, StoreError> {
        // Such a fence was never granted by a database.
        if i64::try_from(lease.fence()).is_err() {
            return Ok(Settled::Fenced);
        }
        let mut table = self.table().await?;
        for _ in 0..TRIES {
            if let Some(settled) = go_on(self.settle_once(&mut table, lease, ending).await)? {
                return Ok(settled);
            }
        }
        Err(Fault::from(Kind::Conflict).into())
    }

    /// `None` if somebody else came in between.
    async fn settle_once(
        &self,
        table: &mut Table,
        lease: &Lease,
        ending: &Ending<'_>,
    ) -> Result<Option<Settled>, Fault> {
        if table.settle(lease, ending).await? {
            return Ok(Some(Settled::Ok));
        }
        let (now, found) = table.find(lease.key()).await?;
        let live = found.as_ref().filter(|record| now < record.expires);
        let settling = match ending {
            Ending::Renew => Record::renewal(live, lease, now),
            Ending::Complete(outcome, reply) => {
                Record::completion(live, lease, now, *outcome, *reply)
            }
            Ending::Release => Record::giving_back(live, lease),
        };
        let record = match settling {
            Settling::Answer(settled) => return Ok(Some(settled)),
            Settling::Write(record) => record,
        };
        if !table.put(lease.key(), found.as_ref(), &record).await? {
            return Ok(None);
        }
        if live.is_none() {
            self.forgotten.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Some(Settled::Ok))
    }
}

/// A server that gave a step up for another's sake has undone it.
fn go_on<T>(step: Result<Option<T>, Fault>) -> Result<Option<T>, Fault> {
    match step {
        Err(fault) if fault.kind() == Kind::Conflict => Ok(None),
        step => step,
    }
}

/// `None` if somebody else came in between.
async fn claim_once(table: &mut Table, request: &ClaimRequest) -> Result<Option<Claim>, Fault> {
    if let Some(lease) = table.enter(request).await? {
        return Ok(Some(Claim::Fresh(lease)));
    }
    let (now, Some(mut record)) = table.find(request.key()).await? else {
        return Ok(None);
    };
    if let Some(held) = record.held_to_the_clock(now) {
        if !table.put(request.key(), Some(&record), &held).await? {
            return Ok(None);
        }
        record = held;
    }
    let terms = if now < record.expires {
        match record.claimed(request, now) {
            Found::Answer(claim) => return Ok(Some(claim)),
            Found::Free(terms) => terms,
        }
    } else {
        Terms::FIRST
    };
    let lease = terms.grant(request, next_fence(record.fence, now));
    let granted = Record::in_flight(&lease, now);
    let is_granted = table.put(request.key(), Some(&record), &granted).await?;
    Ok(is_granted.then_some(Claim::Fresh(lease)))
}

fn next_fence(last: u64, now: Micros) -> u64 {
    last.saturating_add(1).max(now.try_into().unwrap_or(0))
}

impl Store for MysqlStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        let mut table = self.table().await?;
        for _ in 0..TRIES {
            let Some(claim) = go_on(claim_once(&mut table, request).await)? else {
                continue;
            };
            if matches!(claim, Claim::Fresh(_)) {
                Sweep::count(&self.sweep, request.key(), table.into_session());
            }
            return Ok(claim);
        }
        Err(Fault::from(Kind::Conflict).into())
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.settle(lease, &Ending::Renew).await
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        self.settle(lease, &Ending::Complete(outcome, reply)).await
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.settle(lease, &Ending::Release).await
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
