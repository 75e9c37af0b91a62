//! The store's file: told from anybody else's before SQLite sees it, made, opened
//! and checked.
//!
//! Opening a database may already change it (a journal is rolled back, a log moved
//! into it), so the file's head is read first, by plain means.

use core::time::Duration;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use super::builder::Synchronous;
use super::fault::{Fault, Kind};
use super::record::micros_of;
use super::schema::{APPLICATION_ID, CLAIM, FENCE, VERSION};
use crate::Timestamp;

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

/// While a file is opened, other processes may be making it.
const PATIENCE: Duration = Duration::from_secs(5);
/// A file up to this size is read whole when it is opened, in a fraction of a second;
/// damage in a larger one is found when its page is read.
const CHECKED_WHOLE: u64 = 64 * 1024 * 1024;
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
        let head = self.head()?;
        let mut connection = self.connect(matches!(head, Head::Empty)).await?;
        if let Head::Empty = head {
            self.create(&mut connection, now).await?;
        }
        self.check(&mut connection, &head).await?;
        self.set_up(&mut connection).await?;
        Ok(connection)
    }

    /// Opens the file again after a fault; a file that is gone is not made anew, since
    /// other stores may still have the old one open.
    pub(super) async fn reopen(&self) -> Result<SqliteConnection, Fault> {
        let head = self.head()?;
        if let Head::Empty = head {
            return Err(self.fault(Kind::Missing));
        }
        let mut connection = self.connect(false).await?;
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

    /// The first hundred bytes, which every database begins with.
    fn head(&self) -> Result<Head, Fault> {
        let told = |error| Fault::from_io(error, &self.path);
        let file = match std::fs::File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return match self.path.parent() {
                    Some(folder) if !folder.exists() => Err(self.fault(Kind::NoFolder)),
                    _ => Ok(Head::Empty),
                };
            }
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return Err(self.fault(Kind::NoFolder));
            }
            Err(error) => return Err(told(error)),
        };
        let about = file.metadata().map_err(told)?;
        if about.is_dir() {
            return Err(self.fault(Kind::Folder));
        }
        if about.len() == 0 {
            return Ok(Head::Empty);
        }
        let mut head = [0; 100];
        match file.take(100).read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                return Err(self.fault(Kind::NotSqlite));
            }
            Err(error) => return Err(told(error)),
        }
        if !head.starts_with(b"SQLite format 3\0") {
            return Err(self.fault(Kind::NotSqlite));
        }
        let number = |at: usize| {
            let bytes = head.get(at..).and_then(<[u8]>::first_chunk);
            bytes.map_or(0, |bytes| u32::from_be_bytes(*bytes))
        };
        self.judge(number(68), number(60))?;
        Ok(Head::Ours { bytes: about.len() })
    }

    fn judge(&self, application_id: u32, version: u32) -> Result<(), Fault> {
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

    async fn connect(&self, may_create: bool) -> Result<SqliteConnection, Fault> {
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(may_create)
            .busy_timeout(PATIENCE)
            .row_buffer_size(ROW_BUFFER)
            .thread_name(|_| "countersign-sqlite".into())
            .disable_statement_logging();
        SqliteConnection::connect_with(&options)
            .await
            .map_err(self.told())
    }

    /// One transaction with SQLite's rollback journal, so that the head of the file
    /// tells whose it is from then on, whatever becomes of a log.
    async fn create(&self, connection: &mut SqliteConnection, now: Timestamp) -> Result<(), Fault> {
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(self.told())?;
        let (application_id, version, tables) =
            marks(&mut transaction).await.map_err(self.told())?;
        if (application_id, version, tables) != (0, 0, 0) {
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
        let (application_id, version, tables) = marks(connection).await.map_err(self.told())?;
        self.judge(application_id, version)?;
        let ours = sqlx::query("SELECT count(*) FROM sqlite_schema WHERE sql IN (?, ?)")
            .bind(CLAIM)
            .bind(FENCE)
            .fetch_one(&mut *connection)
            .await
            .map_err(self.told())?;
        if tables != 2 || number(&ours).map_err(self.told())? != 2 {
            return Err(self.fault(Kind::Damaged));
        }
        if let Head::Ours { bytes } = head
            && *bytes <= CHECKED_WHOLE
        {
            let found = sqlx::query("PRAGMA quick_check(1)")
                .fetch_one(&mut *connection)
                .await
                .map_err(self.told())?;
            if found.try_get::<&str, _>(0).map_err(self.told())? != "ok" {
                return Err(self.fault(Kind::Damaged));
            }
        }
        Ok(())
    }

    async fn set_up(&self, connection: &mut SqliteConnection) -> Result<(), Fault> {
        // A file that may only be read opens without complaint; this asks to write.
        sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK")
            .execute(&mut *connection)
            .await
            .map_err(self.told())?;
        let mode = sqlx::query("PRAGMA journal_mode = WAL")
            .fetch_one(&mut *connection)
            .await
            .map_err(self.told())?;
        if mode.try_get::<&str, _>(0).map_err(self.told())? != "wal" {
            return Err(self.fault(Kind::NoWal));
        }
        let synchronous = match self.synchronous {
            Synchronous::Full => "PRAGMA synchronous = FULL",
            Synchronous::Normal => "PRAGMA synchronous = NORMAL",
        };
        // The writer waits by itself: SQLite's own pauses grow to a tenth of a second.
        for pragma in [synchronous, "PRAGMA busy_timeout = 0"] {
            sqlx::raw_sql(pragma)
                .execute(&mut *connection)
                .await
                .map_err(self.told())?;
        }
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

/// Application id, version, and how many tables there are.
async fn marks(connection: &mut SqliteConnection) -> Result<(u32, u32, i64), sqlx::Error> {
    let mut found = [0; 3];
    for (found, query) in found.iter_mut().zip([
        "PRAGMA application_id",
        "PRAGMA user_version",
        "SELECT count(*) FROM sqlite_schema",
    ]) {
        *found = number(&sqlx::query(query).fetch_one(&mut *connection).await?)?;
    }
    let [application_id, version, tables] = found;
    let unsigned = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    Ok((unsigned(application_id), unsigned(version), tables))
}

fn number(row: &SqliteRow) -> Result<i64, sqlx::Error> {
    row.try_get(0)
}
