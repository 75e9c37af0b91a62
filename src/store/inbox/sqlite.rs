//! The inbox in an SQLite database.

mod fault;

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use sqlx::{Executor, Row, Sqlite, Transaction};

use self::fault::Fault;
use super::Entry;
use crate::store::micros::{Micros, micros, micros_of};
use crate::{Clock, KeyId, StoreError, SystemClock};

/// A table of processed events in **your own** SQLite database: the event and its effect
/// commit in one transaction, so nothing is lost and nothing is run twice.
///
/// That holds for effects in the same database. What a handler does elsewhere (a mail, a
/// call) belongs into a table of the same transaction, to be done from there.
///
/// 1. Begin with `BEGIN IMMEDIATE`. SQLite lets one transaction write at a time: others
///    wait there for as long as the connection's `busy_timeout` says, and then find the
///    event done.
/// 2. [`claim`](Self::claim), and on [`Entry::Fresh`] the effect, in that transaction.
/// 3. Commit. Only when that has returned without an error, answer 2xx. After an error
///    ask the sender to retry: if the commit happened after all, its retry finds the
///    event done.
///
/// A connection that commits without waiting for the disk is refused: it would lose
/// events that were acknowledged. With the write-ahead log, as below, it waits at
/// `synchronous = FULL`, which is SQLite's own default; with a journal that is deleted at
/// the commit, which is the other default, only at `synchronous = EXTRA`.
///
/// ```
/// use std::time::Duration;
///
/// use countersign::KeyId;
/// use countersign::store::{Entry, SqliteInbox};
/// use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// # let folder = std::env::temp_dir().join(format!("countersign-inbox-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let file = folder.join("shop.sqlite");
/// # let key = KeyId::from_bytes([1; 16]);
/// let options = SqliteConnectOptions::new()
///     .filename(file)
///     .create_if_missing(true)
///     .journal_mode(SqliteJournalMode::Wal);
/// let pool = SqlitePool::connect_with(options).await?;
/// let inbox = SqliteInbox::new(Duration::from_secs(7 * 24 * 3600));
/// inbox.migrate(&pool).await?;
/// # sqlx::raw_sql("CREATE TABLE account (balance INTEGER); INSERT INTO account VALUES (0)").execute(&pool).await?;
///
/// for _ in 0..2 {
///     // `key` is `verified.dedupe_key(..)`'s id.
///     let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
///     if inbox.claim(&mut transaction, key, None).await? == Entry::Fresh {
///         sqlx::query("UPDATE account SET balance = balance + 5")
///             .execute(&mut *transaction)
///             .await?;
///         transaction.commit().await?;
///     }
/// }
/// let balance: i64 = sqlx::query_scalar("SELECT balance FROM account").fetch_one(&pool).await?;
/// assert_eq!(balance, 5);
/// # pool.close().await;
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SqliteInbox {
    clock: Arc<dyn Clock>,
    retention: Micros,
}

/// The number in its name is the table's version: two can stand side by side.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS countersign_inbox_1 (
    key BLOB PRIMARY KEY NOT NULL,
    expires_us INTEGER NOT NULL, -- microseconds since 1970
    digest BLOB                  -- the body's SHA-256, where it counts
) WITHOUT ROWID, STRICT";

/// One round trip: how the connection commits, then the entry, made or renewed if it has
/// ended, then the end of a few others. Keys are hashes, so the eight that come after
/// this one are any eight, and stand on its page.
const CLAIM: &str = "PRAGMA synchronous; PRAGMA journal_mode;
    INSERT INTO countersign_inbox_1 (key, expires_us, digest) VALUES (?1, ?2, ?3)
        ON CONFLICT (key) DO UPDATE SET expires_us = excluded.expires_us, digest = excluded.digest
        WHERE countersign_inbox_1.expires_us <= ?4
        RETURNING 1;
    DELETE FROM countersign_inbox_1 WHERE expires_us <= ?4 AND key IN
        (SELECT key FROM countersign_inbox_1 WHERE key > ?1 ORDER BY key LIMIT 8)";

impl SqliteInbox {
    /// The statement that [`migrate`](Self::migrate) runs, for migrations of your own.
    pub const TABLE: &'static str = TABLE;

    /// An inbox that remembers events for so long: longer than the sender's retries, and
    /// where the scheme signs a time, than its window.
    #[must_use]
    pub fn new(retention: Duration) -> Self {
        Self {
            clock: Arc::new(SystemClock),
            retention: micros(retention),
        }
    }

    /// Another clock than the host's, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Makes the table `countersign_inbox_1`, unless it is there.
    ///
    /// # Errors
    ///
    /// If the database refuses.
    pub async fn migrate(
        &self,
        database: impl Executor<'_, Database = Sqlite>,
    ) -> Result<(), StoreError> {
        let created = sqlx::query(TABLE).execute(database).await;
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
        transaction: &mut Transaction<'_, Sqlite>,
        key: KeyId,
        digest: Option<[u8; 32]>,
    ) -> Result<Entry, StoreError> {
        let now = micros_of(self.clock.now());
        let key = key.as_bytes().to_vec();
        let digest = digest.map(|digest| digest.to_vec());
        let found = sqlx::query(CLAIM)
            .bind(key.clone())
            .bind(now.saturating_add(self.retention))
            .bind(digest.clone())
            .bind(now)
            .fetch_all(&mut **transaction)
            .await;
        let found = match found {
            Ok(found) => found,
            Err(error) if Fault::of(&error) == Fault::Busy => return Ok(Entry::InProgress),
            Err(error) => return Err(Fault::told(error)),
        };
        let [synchronous, journal, entered @ ..] = found.as_slice() else {
            return Err(Fault::Unexpected.to_error());
        };
        let synchronous: i64 = synchronous.try_get(0).map_err(Fault::told)?;
        let journal: String = journal.try_get(0).map_err(Fault::told)?;
        if !is_durable(&journal, synchronous) {
            return Err(Fault::NotDurable.to_error());
        }
        if !entered.is_empty() {
            return Ok(Entry::Fresh);
        }
        let known = sqlx::query_scalar("SELECT digest FROM countersign_inbox_1 WHERE key = ?")
            .bind(key)
            .fetch_one(&mut **transaction)
            .await;
        let known: Option<Vec<u8>> = known.map_err(Fault::told)?;
        Ok(Entry::of_known(known.as_deref(), digest.as_deref()))
    }
}

/// Whether a commit waits until the disk has it. Where the commit is the deletion of the
/// journal, only `EXTRA` waits for the folder too.
fn is_durable(journal: &str, synchronous: i64) -> bool {
    match journal {
        "delete" => synchronous >= EXTRA,
        "persist" | "truncate" | "wal" => synchronous >= FULL,
        _ => false,
    }
}

/// SQLite's numbers for how long a commit waits.
const FULL: i64 = 2;
const EXTRA: i64 = 3;

impl fmt::Debug for SqliteInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteInbox").finish_non_exhaustive()
    }
}
