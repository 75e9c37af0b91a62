//! The store's file: told from anybody else's before SQLite sees it, made, opened
//! and checked.
//!
//! Opening a database may already change it (a journal is rolled back, a log moved
//! into it), so its head is read first as that of an immutable file. Only SQLite opens
//! it: on Unix, a process that closes a file by other means gives up the locks that
//! its connections hold on it.

use alloc::string::String;
use core::time::Duration;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tokio::time::{Instant, sleep};

use super::builder::Synchronous;
use super::fault::{Fault, Kind};
use super::schema::{APPLICATION_ID, CLAIM, FENCE, VERSION};
use crate::Timestamp;
use crate::store::micros::micros_of;

/// Where the store's file is, and how it is opened.
pub(super) struct File {
    path: PathBuf,
    synchronous: Synchronous,
    max_pages: Option<u64>,
}

/// What a file's head says.
enum Head {
    /// There is no file yet, or nothing in it.
    Empty,
    Ours {
        bytes: u64,
    },
}

/// Others may be making the file, or be on their way to close it.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(5);
/// What is damaged for longer is damaged.
const MOMENT: Duration = Duration::from_millis(500);
/// A file up to this size is read whole when it is opened, in a fraction of a second;
/// damage in a larger one is found when its page is read.
const CHECKED_WHOLE: u64 = 64 * 1024 * 1024;
const TABLES: &str = "SELECT count(*) FROM sqlite_schema";
const PAGE_BYTES: u64 = 4096;
/// More rows than a transaction reads: the connection's thread never waits for the task.
const ROW_BUFFER: usize = 1024;

impl File {
    pub(super) fn new(
        path: &Path,
        synchronous: Synchronous,
        max_bytes: Option<u64>,
    ) -> Result<Self, Fault> {
        // Absolute, it has no special meaning to SQLite, as `:memory:` would have.
        let absolute = std::path::absolute(path).map_err(|error| Fault::from_io(error, path))?;
        Ok(Self {
            path: absolute,
            synchronous,
            max_pages: max_bytes.map(|bytes| (bytes / PAGE_BYTES).max(1)),
        })
    }

    /// Opens the file, and makes it if there is none.
    pub(super) async fn open_or_create(&self, now: Timestamp) -> Result<SqliteConnection, Fault> {
        self.open(Some(now)).await
    }

    /// Opens the file again after a fault; a file that is gone is not made anew, since
    /// other stores may still have the old one open.
    pub(super) async fn reopen(&self) -> Result<SqliteConnection, Fault> {
        self.open(None).await
    }

    /// Where another process is making the file or closing it, SQLite does not always
    /// wait by itself, so all of it is tried again. A sound file that others write has been seen to look
    /// damaged once, perhaps by a page read while the log was moved into it: the head is
    /// read without a lock.
    async fn open(&self, create_at: Option<Timestamp>) -> Result<SqliteConnection, Fault> {
        let began = Instant::now();
        loop {
            let (patience, fault) = match self.open_once(create_at).await {
                Err(fault) if fault.kind() == Kind::Busy => (PATIENCE, fault),
                Err(fault) if fault.kind() == Kind::Damaged => (MOMENT, fault),
                opened => return opened,
            };
            if began.elapsed() >= patience {
                return Err(fault);
            }
            sleep(PAUSE).await;
        }
    }

    async fn open_once(&self, create_at: Option<Timestamp>) -> Result<SqliteConnection, Fault> {
        let head = self.head().await?;
        let mut connection = match (&head, create_at) {
            (Head::Empty, Some(now)) => {
                let mut connection = self
                    .connect(&self.options().create_if_missing(true))
                    .await?;
                self.create(&mut connection, now).await?;
                connection
            }
            (Head::Empty, None) => return Err(self.fault(Kind::Missing)),
            (Head::Ours { .. }, _) => self.connect(&self.options()).await?,
        };
        self.check(&mut connection, &head).await?;
        self.set_up(&mut connection).await?;
        Ok(connection)
    }

    pub(super) fn fault(&self, kind: Kind) -> Fault {
        Fault::new(kind, &self.path)
    }

    pub(super) fn told(&self) -> impl Fn(sqlx::Error) -> Fault + '_ {
        |error| Fault::from_sqlx(error, &self.path)
    }

    /// Whose file it is, by the numbers in its first hundred bytes.
    async fn head(&self) -> Result<Head, Fault> {
        let bytes = match std::fs::metadata(&self.path) {
            Ok(about) if about.is_dir() => return Err(self.fault(Kind::Folder)),
            Ok(about) => about.len(),
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return Err(self.fault(Kind::NoFolder));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return match self.path.parent() {
                    Some(folder) if !folder.exists() => Err(self.fault(Kind::NoFolder)),
                    _ => Ok(Head::Empty),
                };
            }
            Err(error) => return Err(Fault::from_io(error, &self.path)),
        };
        if bytes == 0 {
            return Ok(Head::Empty);
        }
        let as_it_is = self.options().read_only(true).immutable(true);
        let mut connection = self.connect(&as_it_is).await?;
        self.judge(&mut connection).await?;
        Ok(Head::Ours { bytes })
    }

    /// Whose file it is, and of which version.
    async fn judge(&self, connection: &mut SqliteConnection) -> Result<(), Fault> {
        let application_id = self.number(connection, "PRAGMA application_id").await?;
        let version = self.number(connection, "PRAGMA user_version").await?;
        if application_id != APPLICATION_ID {
            return Err(self.fault(Kind::Foreign));
        }
        if version > VERSION {
            return Err(self.fault(Kind::NewerVersion));
        }
        if version < VERSION {
            return Err(self.fault(Kind::Damaged));
        }
        Ok(())
    }

    fn options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(&self.path)
            // This crate waits by itself: SQLite's pauses grow to a tenth of a second.
            .busy_timeout(Duration::ZERO)
            .row_buffer_size(ROW_BUFFER)
            .thread_name(|_| "countersign-sqlite".into())
            .disable_statement_logging()
    }

    async fn connect(&self, options: &SqliteConnectOptions) -> Result<SqliteConnection, Fault> {
        SqliteConnection::connect_with(options)
            .await
            .map_err(self.told())
    }

    async fn number(
        &self,
        connection: &mut SqliteConnection,
        query: &'static str,
    ) -> Result<i64, Fault> {
        let number = sqlx::query_scalar(query).fetch_one(connection);
        number.await.map_err(self.told())
    }

    /// One transaction with SQLite's rollback journal, so that the head of the file
    /// tells whose it is from then on, whatever becomes of a log.
    async fn create(&self, connection: &mut SqliteConnection, now: Timestamp) -> Result<(), Fault> {
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.told())?;
        let application_id = self.number(&mut transaction, "PRAGMA application_id");
        if application_id.await? != 0 || self.number(&mut transaction, TABLES).await? != 0 {
            // Somebody was faster, and the check says whether it was one of ours.
            return transaction.rollback().await.map_err(self.told());
        }
        // Fences begin at the time, so that those of a file that is made anew are
        // higher than those of the one before it.
        let first = micros_of(now).max(0);
        for statement in [
            std::format!("PRAGMA application_id = {APPLICATION_ID}"),
            std::format!("PRAGMA user_version = {VERSION}"),
            CLAIM.into(),
            FENCE.into(),
            std::format!("INSERT INTO fence (only, last) VALUES (1, {first})"),
        ] {
            sqlx::raw_sql(AssertSqlSafe(statement))
                .execute(&mut *transaction)
                .await
                .map_err(self.told())?;
        }
        transaction.commit().await.map_err(self.told())
    }

    /// Reads only.
    async fn check(&self, connection: &mut SqliteConnection, head: &Head) -> Result<(), Fault> {
        self.judge(connection).await?;
        let tables = self.number(connection, TABLES).await?;
        let ours = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE sql IN (?, ?)")
            .bind(CLAIM)
            .bind(FENCE)
            .fetch_one(&mut *connection)
            .await;
        if (tables, ours.map_err(self.told())?) != (2, 2) {
            return Err(self.fault(Kind::Damaged));
        }
        if let Head::Ours { bytes } = head
            && *bytes <= CHECKED_WHOLE
        {
            let found: String = sqlx::query_scalar("PRAGMA quick_check(1)")
                .fetch_one(&mut *connection)
                .await
                .map_err(self.told())?;
            if found != "ok" {
                return Err(self.fault(Kind::Damaged));
            }
        }
        Ok(())
    }

    async fn set_up(&self, connection: &mut SqliteConnection) -> Result<(), Fault> {
        // A file that may only be read opens without complaint, and even begins a
        // transaction.
        sqlx::raw_sql("BEGIN IMMEDIATE; UPDATE fence SET last = last; ROLLBACK")
            .execute(&mut *connection)
            .await
            .map_err(self.told())?;
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode = WAL")
            .fetch_one(&mut *connection)
            .await
            .map_err(self.told())?;
        if mode != "wal" {
            return Err(self.fault(Kind::NoWal));
        }
        let synchronous = match self.synchronous {
            Synchronous::Full => "PRAGMA synchronous = FULL",
            Synchronous::Normal => "PRAGMA synchronous = NORMAL",
        };
        sqlx::raw_sql(synchronous)
            .execute(&mut *connection)
            .await
            .map_err(self.told())?;
        if let Some(pages) = self.max_pages {
            sqlx::raw_sql(AssertSqlSafe(std::format!(
                "PRAGMA max_page_count = {pages}"
            )))
            .execute(&mut *connection)
            .await
            .map_err(self.told())?;
        }
        Ok(())
    }
}
