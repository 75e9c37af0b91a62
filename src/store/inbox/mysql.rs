//! The inbox in a MySQL or MariaDB database.

mod fault;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use std::sync::LazyLock;

use sqlx::mysql::MySqlRow;
use sqlx::{AssertSqlSafe, Executor, MySql, MySqlPool, Row, Transaction};

use self::fault::{Fault, told};
use super::Entry;
use crate::store::micros::{Micros, micros};
use crate::store::mysql::session::Session;
use crate::store::mysql::sweep::{self, Texts};
use crate::store::mysql::table::now;
use crate::{KeyId, StoreError};

/// A table of processed events in **your own** MySQL 8 or MariaDB database: the event and
/// its effect commit in one transaction, so nothing is lost and nothing is run twice.
///
/// That holds for effects in the same database, in tables of InnoDB. What a handler does
/// elsewhere (a mail, a call) belongs into a table of the same transaction, to be done from
/// there.
///
/// 1. Begin a transaction, of any isolation level.
/// 2. [`claim`](Self::claim), and on [`Entry::Fresh`] the effect, in that transaction.
/// 3. Commit, also on [`Entry::Done`]: InnoDB shows a commit to others some moment before
///    it is on the disk, and yours waits for that. Only when it has returned without an
///    error, answer 2xx. After an error ask the sender to retry: if the commit happened
///    after all, its retry finds the event done.
///
/// **After any error of any statement, and after [`Entry::InProgress`], give the
/// transaction up.** After a deadlock the server has done so already, and then answers its
/// commit with success.
///
/// An event that another transaction holds is told at once by MariaDB, and after a second
/// by MySQL, which cannot wait for less; what the transaction waits for otherwise stays as
/// it was set. Only on MySQL a claim whose caller goes away may leave its connection with
/// `innodb_lock_wait_timeout = 1`: the next claim on it that is not cut off puts it back.
/// [`claim`](Self::claim) is one round trip, of a text with several statements.
/// The clock is the server's. The tests ran against MariaDB 10.11; MySQL 8 has not been
/// tested.
///
/// A server that commits without waiting for the disk is refused, since it would lose
/// events that were acknowledged: it must have `innodb_flush_log_at_trx_commit = 1`, and if
/// it keeps a binary log, `sync_binlog = 1`.
///
/// Ended events stay until [`sweep`](Self::sweep) is called, but count no more.
///
/// ```no_run
/// use std::time::Duration;
///
/// use countersign::KeyId;
/// use countersign::store::{Entry, MysqlInbox};
/// use sqlx::MySqlPool;
///
/// # async fn example(key: KeyId) -> Result<(), Box<dyn std::error::Error>> {
/// let pool = MySqlPool::connect("mysql://shop@db.example/shop").await?;
/// let inbox = MysqlInbox::new(Duration::from_secs(7 * 24 * 3600));
/// inbox.migrate(&pool).await?;
///
/// // `key` is `verified.dedupe_key(..)`'s id.
/// let mut transaction = pool.begin().await?;
/// let entry = inbox.claim(&mut transaction, key, None).await?;
/// if entry == Entry::Fresh {
///     sqlx::query("UPDATE account SET balance = balance + 5")
///         .execute(&mut *transaction)
///         .await?;
/// }
/// if entry == Entry::InProgress {
///     // Answer 503.
/// } else {
///     transaction.commit().await?;
///     // Now answer 2xx.
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MysqlInbox {
    retention: Micros,
}

/// The number in its name is the table's version: two can stand side by side.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS countersign_inbox_1 (
    `key` BINARY(16) NOT NULL PRIMARY KEY,
    expires_us BIGINT NOT NULL,  -- microseconds since 1970
    asked INT UNSIGNED NOT NULL, -- how often after it was entered
    digest BINARY(32)            -- the body's SHA-256, where it counts
) ENGINE = InnoDB COMMENT = 'countersign inbox 1'";

static ENDED: LazyLock<Texts> = LazyLock::new(|| Texts::of("countersign_inbox_1"));

/// Whether a commit waits for the disk.
const IS_DURABLE: &str = "SELECT @@innodb_flush_log_at_trx_commit = 1 \
     AND (@@log_bin = 0 OR @@sync_binlog = 1)";

/// MariaDB waits for no lock in this one statement, and puts back what was set whatever
/// comes of it. The comment is code to MariaDB only.
const AT_ONCE: &str = "/*M! SET STATEMENT innodb_lock_wait_timeout = 0 FOR */";

/// MySQL has no such statement: it waits for a second, and what was set before is kept
/// beside it, for a claim that is cut off too. The comments are code to MySQL only.
const WAIT_LITTLE: &str = "SET @countersign_wait = \
     CAST(COALESCE(@countersign_wait, @@SESSION.innodb_lock_wait_timeout) AS SIGNED) \
     /*!80000 , SESSION innodb_lock_wait_timeout = 1 */";
const WAIT_AGAIN: &str = "SET /*!80000 SESSION innodb_lock_wait_timeout = \
     CAST(COALESCE(@countersign_wait, @@SESSION.innodb_lock_wait_timeout) AS SIGNED), */ \
     @countersign_wait = NULL";

impl MysqlInbox {
    /// The statement that [`migrate`](Self::migrate) runs, for migrations of your
    /// own. Whoever claims must be allowed to select, insert, update and delete in the
    /// table.
    pub const TABLE: &'static str = TABLE;

    /// An inbox that remembers events for so long: longer than the sender's retries, and
    /// where the scheme signs a time, than its window.
    #[must_use]
    pub fn new(retention: Duration) -> Self {
        Self {
            retention: micros(retention),
        }
    }

    /// Makes the table `countersign_inbox_1`, unless it is there. In a transaction the server
    /// would commit what was done before.
    ///
    /// # Errors
    ///
    /// If the database refuses.
    pub async fn migrate(
        &self,
        database: impl Executor<'_, Database = MySql>,
    ) -> Result<(), StoreError> {
        let created = sqlx::raw_sql(TABLE).execute(database).await;
        created.map(drop).map_err(told)
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
        transaction: &mut Transaction<'_, MySql>,
        key: KeyId,
        digest: Option<[u8; 32]>,
    ) -> Result<Entry, StoreError> {
        let text = AssertSqlSafe(self.text(key, digest));
        let told_rows = sqlx::raw_sql(text).fetch_all(&mut **transaction).await;
        match told_rows {
            Ok(rows) => entry(&rows, digest),
            Err(error) => after(transaction, error).await,
        }
    }

    /// Takes ended events away: to be called now and then, hourly say, by one process or by
    /// several. It goes round the whole table in small steps, each of which commits by
    /// itself and locks nothing but ended events. Tells how many there were.
    ///
    /// # Errors
    ///
    /// If the database fails; what was taken away by then is gone.
    pub async fn sweep(&self, pool: &MySqlPool) -> Result<u64, StoreError> {
        let mut session = Session::begin(pool).await.map_err(fault::of_session)?;
        let (mut after, mut deleted) = (Some(Vec::new()), 0_u64);
        while let Some(key) = after {
            let swept = sweep::go_on(&mut session, &ENDED, key).await;
            let swept = swept.map_err(fault::of_session)?;
            deleted = deleted.saturating_add(swept.deleted);
            after = swept.last;
        }
        Ok(deleted)
    }

    /// One round trip: how the server commits, the entry, made anew if it has ended or else
    /// marked as asked for, and what is in it then. Literals are hexadecimal or numbers.
    fn text(&self, key: KeyId, digest: Option<[u8; 32]>) -> String {
        let key = literal(key.as_bytes());
        let digest = digest.map_or_else(|| "NULL".into(), |digest| literal(&digest));
        let (now, retention) = (now!(), self.retention);
        format!(
            "{IS_DURABLE}; {WAIT_LITTLE};
            {AT_ONCE} INSERT INTO countersign_inbox_1 (`key`, expires_us, asked, digest)
                VALUES ({key}, {now} + {retention}, 0, {digest})
                ON DUPLICATE KEY UPDATE
                asked = IF(expires_us <= {now}, 0, asked + 1),
                digest = IF(expires_us <= {now}, {digest}, digest),
                expires_us = IF(expires_us <= {now}, {now} + {retention}, expires_us);
            {WAIT_AGAIN};
            SELECT asked = 0, digest FROM countersign_inbox_1 WHERE `key` = {key} FOR UPDATE"
        )
    }
}

fn literal(bytes: &[u8]) -> String {
    format!("x'{}'", hex::encode(bytes))
}

fn entry(rows: &[MySqlRow], digest: Option<[u8; 32]>) -> Result<Entry, StoreError> {
    let [is_durable, found] = rows else {
        return Err(Fault::Unexpected.to_error());
    };
    // Of a server that has never been asked to wait for the disk it may be unknown.
    let is_durable: Option<bool> = is_durable.try_get(0).map_err(told)?;
    if is_durable != Some(true) {
        return Err(Fault::NotDurable.to_error());
    }
    if found.try_get(0).map_err(told)? {
        return Ok(Entry::Fresh);
    }
    let known: Option<Vec<u8>> = found.try_get(1).map_err(told)?;
    Ok(Entry::of_known(
        known.as_deref(),
        digest.as_ref().map(<[u8; 32]>::as_slice),
    ))
}

/// Lets the transaction wait for locks again, and tells what the failure means to it.
async fn after(
    transaction: &mut Transaction<'_, MySql>,
    error: sqlx::Error,
) -> Result<Entry, StoreError> {
    let fault = Fault::of(&error);
    let text = AssertSqlSafe(format!(
        "{WAIT_AGAIN}; SELECT @@innodb_rollback_on_timeout = 1"
    ));
    let rows = sqlx::raw_sql(text).fetch_all(&mut **transaction).await;
    if fault != Fault::Locked {
        return Err(told(error));
    }
    let rows = rows.map_err(told)?;
    let is_rolled_back = rows.first().map(|row| row.try_get(0));
    match is_rolled_back.transpose().map_err(told)? {
        Some(false) => Ok(Entry::InProgress),
        _ => Err(Fault::RolledBack.to_error().with_source(error)),
    }
}

impl fmt::Debug for MysqlInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MysqlInbox").finish_non_exhaustive()
    }
}
