//! A store in a table of PostgreSQL, shared by any number of hosts.

mod builder;
mod fault;
mod row;
mod schema;
mod statement;
mod table;

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};

use sqlx::postgres::PgPool;

pub use builder::PostgresStoreBuilder;

use self::fault::{Fault, Kind};
use self::table::{Ending, Entered, Table};
use super::micros::Micros;
use super::record::{Found, Record, Settling, Terms};
use super::{Claim, ClaimRequest, KeptReply, Lease, Outcome, Settled, Store};
use crate::StoreError;

/// Claims in a table of PostgreSQL (14 or later), over **your own** pool of connections.
///
/// Each step is one statement and one round trip, and commits by itself; a claim that
/// follows an earlier holder takes two. What is done or in progress is found by one that
/// writes and locks nothing. What was confirmed is on the server's disk, also where the
/// connection's `synchronous_commit` is off.
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
    table: Table,
    forgotten: AtomicU64,
    is_durable: bool,
}

/// A step is begun anew so often where others change the same event. One of them gets on
/// each time, and in a crowd one claim does, which ends it for all.
const TRIES: u32 = 32;

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
        self.forgotten.load(Ordering::Relaxed)
    }

    async fn settle(&self, lease: &Lease, ending: Ending<'_>) -> Result<Settled, StoreError> {
        // Such a fence was never granted by a database.
        if i64::try_from(lease.fence()).is_err() {
            return Ok(Settled::Fenced);
        }
        for _ in 0..TRIES {
            if let Some(settled) = go_on(self.settle_once(lease, ending).await)? {
                return Ok(settled);
            }
        }
        Err(Fault::from(Kind::Conflict).into())
    }

    /// `None` if somebody else came in between.
    async fn settle_once(
        &self,
        lease: &Lease,
        ending: Ending<'_>,
    ) -> Result<Option<Settled>, Fault> {
        if self.table.settle(lease, ending).await? {
            return Ok(Some(Settled::Ok));
        }
        let (now, found) = self.table.find(lease.key()).await?;
        let live = found.as_ref().filter(|record| now < record.expires);
        let settling = match ending {
            Ending::Renew => Record::renewal(live, lease, now),
            Ending::Complete(outcome, reply) => {
                Record::completion(live, lease, now, outcome, reply)
            }
            Ending::Release => Record::giving_back(live, lease),
        };
        let record = match settling {
            Settling::Answer(settled) => return Ok(Some(settled)),
            Settling::Write(record) => record,
        };
        if !self.table.put(lease.key(), found.as_ref(), &record).await? {
            return Ok(None);
        }
        if live.is_none() {
            self.forgotten.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Some(Settled::Ok))
    }

    /// `None` if somebody else came in between.
    async fn claim_once(&self, request: &ClaimRequest) -> Result<Option<Claim>, Fault> {
        let (record, now) = match self.table.enter(request).await? {
            Entered::Fresh(lease) => return Ok(Some(Claim::Fresh(lease))),
            Entered::Known(record, now) => (record, now),
            Entered::Unseen => return Ok(None),
        };
        self.claim_known(request, record, now).await
    }

    /// `None` if somebody else came in between.
    async fn claim_known(
        &self,
        request: &ClaimRequest,
        mut record: Record,
        now: Micros,
    ) -> Result<Option<Claim>, Fault> {
        let key = request.key();
        if let Some(held) = record.held_to_the_clock(now) {
            if !self.table.put(key, Some(&record), &held).await? {
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
        let is_granted = self.table.put(key, Some(&record), &granted).await?;
        Ok(is_granted.then_some(Claim::Fresh(lease)))
    }
}

/// A server that gave a step up for another's sake has undone it.
fn go_on<T>(step: Result<Option<T>, Fault>) -> Result<Option<T>, Fault> {
    match step {
        Err(fault) if fault.kind() == Kind::Conflict => Ok(None),
        step => step,
    }
}

fn next_fence(last: u64, now: Micros) -> u64 {
    last.saturating_add(1).max(now.try_into().unwrap_or(0))
}

impl Store for PostgresStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        for _ in 0..TRIES {
            if let Some(claim) = go_on(self.claim_once(request).await)? {
                return Ok(claim);
            }
        }
        Err(Fault::from(Kind::Conflict).into())
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
