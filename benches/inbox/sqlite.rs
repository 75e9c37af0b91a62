//! The books in SQLite, where one transaction writes at a time.

use core::ops::Range;
use std::path::Path;
use std::time::Duration;

use countersign::store::{Entry, SqliteInbox};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::requests::{LONG_RETENTION, id};
use crate::{ACCOUNTS, Shop};

pub(crate) struct Books {
    pool: SqlitePool,
    inbox: SqliteInbox,
}

const TABLES: &str = "
CREATE TABLE account (id INTEGER PRIMARY KEY, cents INTEGER NOT NULL) STRICT;
CREATE TABLE payment (
    id INTEGER PRIMARY KEY, account INTEGER NOT NULL, event INTEGER NOT NULL, cents INTEGER NOT NULL
) STRICT;
CREATE TABLE letter (
    id INTEGER PRIMARY KEY, account INTEGER NOT NULL, text TEXT NOT NULL
) STRICT;
WITH RECURSIVE one(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM one WHERE id < 999)
    INSERT INTO account SELECT id, 0 FROM one;
";

impl Books {
    pub(crate) async fn open(file: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(60));
        // More would only fight for the one place.
        let pool = SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect_with(options).await.unwrap();
        let inbox = SqliteInbox::new(LONG_RETENTION);
        inbox.migrate(&pool).await.unwrap();
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        Self { pool, inbox }
    }
}

impl Shop for Books {
    const ENGINE: &str = "SQLite";

    async fn fill(&self, events: Range<u64>) {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
        for event in events {
            let entry = self.inbox.claim(&mut transaction, id(event), None).await;
            assert_eq!(entry.unwrap(), Entry::Fresh);
        }
        transaction.commit().await.unwrap();
    }

    async fn book(&self, event: u64, with_inbox: bool) {
        let account = (event % ACCOUNTS).cast_signed();
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
        if with_inbox {
            let entry = self.inbox.claim(&mut transaction, id(event), None).await;
            assert_eq!(entry.unwrap(), Entry::Fresh);
        }
        let payment = sqlx::query("INSERT INTO payment (account, event, cents) VALUES (?, ?, 5)")
            .bind(account)
            .bind(event.cast_signed())
            .execute(&mut *transaction)
            .await;
        assert_eq!(payment.unwrap().rows_affected(), 1);
        let booked = sqlx::query("UPDATE account SET cents = cents + 5 WHERE id = ?")
            .bind(account)
            .execute(&mut *transaction)
            .await;
        assert_eq!(booked.unwrap().rows_affected(), 1);
        let letter = sqlx::query("INSERT INTO letter (account, text) VALUES (?, 'five cents')")
            .bind(account)
            .execute(&mut *transaction)
            .await;
        assert_eq!(letter.unwrap().rows_affected(), 1);
        transaction.commit().await.unwrap();
    }

    async fn audit(&self) -> (u64, bool) {
        let sums = "SELECT count(*), sum(cents) = (SELECT sum(cents) FROM account) FROM payment";
        let sums: (i64, bool) = sqlx::query_as(sums).fetch_one(&self.pool).await.unwrap();
        (sums.0.unsigned_abs(), sums.1)
    }
}
