//! The inbox in a PostgreSQL database.

mod fault;

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::time::Duration;

use sqlx::{AssertSqlSafe, Executor, Postgres, Row, Transaction};

use self::fault::Fault;
use super::Entry;
use crate::store::micros::{Micros, micros};
use crate::{KeyId, StoreError};

/// A table of processed events in **your own** PostgreSQL database: the event and its
/// effect commit in one transaction, so nothing is lost and nothing is run twice.
///
/// That holds for effects in the same database. What a handler does elsewhere (a mail, a
/// call) belongs into a table of the same transaction, to be done from there.
///
/// 1. Begin a transaction, of any isolation level.
/// 2. [`claim`](Self::claim), and on [`Entry::Fresh`] the effect, in that transaction. An
///    event that another transaction holds is told at once: nobody waits.
/// 3. Commit. Only when that has returned without an error, answer 2xx. After an error
///    ask the sender to retry: if the commit happened after all, its retry finds the
///    event done.
///
/// **After any error of any statement, and after [`Entry::InProgress`], give the
/// transaction up.** After an error PostgreSQL has done so already, and answers its commit
/// with a roll-back, which is no error.
///
/// [`claim`](Self::claim) is one round trip. An event that is done costs no write. The clock
/// is the server's, which is of version 14 or later. Where `synchronous_commit` is `off`, a
/// transaction that enters an event turns it on for itself: it would lose events that were
/// acknowledged. Its other values stay; and with `fsync = off` the server loses more than
/// events.
///
/// Ended events are taken away in passing, a few at a time, by transactions that `READ
/// COMMITTED`. Where there are only stricter ones, run `DELETE FROM countersign_inbox_1
/// WHERE expires_us <= date_part('epoch', now()) * 1000000` now and then: a claim of one of
/// them waits for it.
///
/// A transaction holds one lock of the server for each event that it enters. One event in
/// sixteen takes ended ones away, which are up to 128 locks more. So enter a few events in
/// one transaction and not thousands.
///
/// ```no_run
/// use std::time::Duration;
///
/// use countersign::KeyId;
/// use countersign::store::{Entry, PostgresInbox};
/// use sqlx::postgres::PgPool;
///
/// # async fn example(key: KeyId) -> Result<(), Box<dyn std::error::Error>> {
/// let pool = PgPool::connect("postgres://shop@localhost/shop").await?;
/// let inbox = PostgresInbox::new(Duration::from_secs(7 * 24 * 3600));
/// inbox.migrate(&pool).await?;
///
/// // `key` is `verified.dedupe_key(..)`'s id.
/// let mut transaction = pool.begin().await?;
/// match inbox.claim(&mut transaction, key, None).await? {
///     Entry::Fresh => {
///         sqlx::query("UPDATE account SET balance = balance + 5")
///             .execute(&mut *transaction)
///             .await?;
///         transaction.commit().await?;
///         // Now answer 2xx.
///     }
///     Entry::InProgress => { /* answer 503 */ }
///     _ => { /* it is done: answer 2xx */ }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresInbox {
    retention: Micros,
    is_prepared: bool,
}

const CLAIM: &str = "SELECT countersign_inbox_1_claim($1, $2, $3)";

impl PostgresInbox {
    /// What [`migrate`](Self::migrate) makes, for migrations of your own: the
    /// table `countersign_inbox_1` and the function `countersign_inbox_1_claim`, in the
    /// first schema of the `search_path`. Whoever claims must be allowed to select,
    /// insert, update and delete in the table.
    pub const TABLE: &str = include_str!("postgres/inbox.sql");

    /// An inbox that remembers events for so long: longer than the sender's retries, and
    /// where the scheme signs a time, than its window.
    #[must_use]
    pub fn new(retention: Duration) -> Self {
        Self {
            retention: micros(retention),
            is_prepared: true,
        }
    }

    /// Whether the claim is prepared once per connection. Default: it is.
    ///
    /// A pooler that gives each transaction another connection to the server (PgBouncer
    /// with `pool_mode = transaction`) needs `false`, unless it follows prepared
    /// statements itself (PgBouncer from 1.21 on, with `max_prepared_statements`). Your own
    /// statements in the transaction then want sqlx's `persistent(false)`.
    #[must_use]
    pub const fn prepared(mut self, is_prepared: bool) -> Self {
        self.is_prepared = is_prepared;
        self
    }

    /// Makes the table `countersign_inbox_1` and its function, unless they are there. Many
    /// processes may ask at once.
    ///
    /// # Errors
    ///
    /// If the database refuses.
    pub async fn migrate(
        &self,
        database: impl Executor<'_, Database = Postgres>,
    ) -> Result<(), StoreError> {
        // Who has no right to make tables may still ask when there is nothing to make.
        let script = format!(
            "DO $create$ BEGIN
                PERFORM pg_advisory_xact_lock(hashtextextended('countersign_inbox_1', 0));
                IF to_regclass('countersign_inbox_1') IS NULL
                    OR to_regprocedure('countersign_inbox_1_claim(bytea, bigint, bytea)') IS NULL
                THEN EXECUTE $sql${}$sql$; END IF;
            END $create$",
            Self::TABLE
        );
        let created = sqlx::raw_sql(AssertSqlSafe(script)).execute(database).await;
        created.map(drop).map_err(Fault::told)
    }

    /// Enters the event into the caller's transaction, and says whether it is new.
    ///
    /// With a digest, the same event with another body is told as such.
    ///
    /// # Errors
    ///
    /// Give the transaction up and ask the sender to retry.
    pub async fn claim(
        &self,
        transaction: &mut Transaction<'_, Postgres>,
        key: KeyId,
        digest: Option<[u8; 32]>,
    ) -> Result<Entry, StoreError> {
        let row = if self.is_prepared {
            sqlx::query(CLAIM)
                .bind(key.as_bytes().as_slice())
                .bind(self.retention)
                .bind(digest.as_ref().map(<[u8; 32]>::as_slice))
                .fetch_one(&mut **transaction)
                .await
        } else {
            let text = AssertSqlSafe(self.text(key, digest));
            sqlx::raw_sql(text).fetch_one(&mut **transaction).await
        };
        let found = row.and_then(|row| row.try_get::<String, _>(0));
        let found = match found {
            Ok(found) => found,
            Err(error) if Fault::of(&error) == Fault::Overtaken => return Ok(Entry::InProgress),
            Err(error) => return Err(Fault::told(error)),
        };
        match found.as_str() {
            "fresh" => Ok(Entry::Fresh),
            "done" => Ok(Entry::Done),
            "reused" => Ok(Entry::Reused),
            "in progress" => Ok(Entry::InProgress),
            _ => Err(Fault::Foreign.to_error()),
        }
    }

    /// The claim with its values in it.
    fn text(&self, key: KeyId, digest: Option<[u8; 32]>) -> String {
        format!(
            "SELECT countersign_inbox_1_claim({}, {}, {})",
            bytes(key.as_bytes()),
            self.retention,
            digest.map_or_else(|| "NULL".into(), |digest| bytes(&digest)),
        )
    }
}

/// As PostgreSQL reads it, whatever its settings say of backslashes.
fn bytes(bytes: &[u8]) -> String {
    format!("decode('{}', 'hex')", hex::encode(bytes))
}

impl fmt::Debug for PostgresInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresInbox").finish_non_exhaustive()
    }
}
