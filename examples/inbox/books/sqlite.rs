//! The books in an SQLite file.

use core::time::Duration;
use std::path::Path;

use countersign::KeyId;
use countersign::store::{Entry, SqliteInbox};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::{Fault, RETENTION};
use crate::payment::Payment;

pub(crate) struct Books {
    pool: SqlitePool,
    inbox: SqliteInbox,
}

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS account (
    name TEXT PRIMARY KEY NOT NULL, cents INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS payment (
    event TEXT NOT NULL, account TEXT NOT NULL, cents INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS letter (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, text TEXT NOT NULL, written INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS letter_to_write ON letter (id) WHERE written = 0;
";

impl Books {
    pub(crate) async fn open(file: &Path) -> Result<Self, Fault> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit waits for the disk; the inbox refuses anything less.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(4);
        let pool = pool.connect_with(options).await?;
        let inbox = SqliteInbox::new(RETENTION);
        inbox.migrate(&pool).await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        Ok(Self { pool, inbox })
    }

    pub(crate) async fn enter(&self, event: KeyId, payment: &Payment) -> Result<Entry, Fault> {
        // One transaction writes at a time; the others wait here.
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let entry = self.inbox.claim(&mut transaction, event, None).await?;
        if entry != Entry::Fresh {
            return Ok(entry);
        }
        sqlx::query("INSERT INTO payment (event, account, cents) VALUES (?, ?, ?)")
            .bind(&payment.event)
            .bind(&payment.account)
            .bind(payment.cents)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO account (name, cents) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET cents = cents + excluded.cents",
        )
        .bind(&payment.account)
        .bind(payment.cents)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("INSERT INTO letter (account, text) VALUES (?, ?)")
            .bind(&payment.account)
            .bind(payment.receipt())
            .execute(&mut *transaction)
            .await?;
        // Event, money and letter, or none of them.
        transaction.commit().await?;
        Ok(entry)
    }

    pub(crate) async fn letters(&self) -> sqlx::Result<Vec<(i64, String, String)>> {
        let letters =
            "SELECT id, account, text FROM letter WHERE written = 0 ORDER BY id LIMIT 100";
        sqlx::query_as(letters).fetch_all(&self.pool).await
    }

    pub(crate) async fn written(&self, id: i64) -> sqlx::Result<()> {
        let written = sqlx::query("UPDATE letter SET written = 1 WHERE id = ?").bind(id);
        written.execute(&self.pool).await.map(drop)
    }

    pub(crate) async fn balance(&self) -> sqlx::Result<(i64, i64, i64, i64)> {
        let balance = "SELECT (SELECT count(*) FROM payment),
            (SELECT coalesce(sum(cents), 0) FROM payment),
            (SELECT coalesce(sum(cents), 0) FROM account),
            (SELECT count(*) FROM letter WHERE written = 0)";
        sqlx::query_as(balance).fetch_one(&self.pool).await
    }
}
