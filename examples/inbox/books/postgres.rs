//! The books in a PostgreSQL database.

use countersign::KeyId;
use countersign::store::{Entry, PostgresInbox};
use sqlx::postgres::{PgPool, PgPoolOptions};

use super::{Fault, PATIENCE, RETENTION};
use crate::payment::Payment;

pub(crate) struct Books {
    pool: PgPool,
    inbox: PostgresInbox,
}

/// One process at a time: two that make the same table at once get in each other's way.
const TABLES: &str = "
SELECT pg_advisory_xact_lock(7072);
CREATE TABLE IF NOT EXISTS account (
    name text PRIMARY KEY, cents bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS payment (
    event text NOT NULL, account text NOT NULL, cents bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS letter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL, text text NOT NULL, written boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS letter_to_write ON letter (id) WHERE NOT written;
";

impl Books {
    pub(crate) async fn open(url: &str) -> Result<Self, Fault> {
        let pool = PgPoolOptions::new().max_connections(16);
        let pool = pool.acquire_timeout(PATIENCE).connect(url).await?;
        let inbox = PostgresInbox::new(RETENTION);
        inbox.migrate(&pool).await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        Ok(Self { pool, inbox })
    }

    pub(crate) async fn enter(&self, event: KeyId, payment: &Payment) -> Result<Entry, Fault> {
        let mut transaction = self.pool.begin().await?;
        let entry = self.inbox.claim(&mut transaction, event, None).await?;
        if entry != Entry::Fresh {
            transaction.rollback().await?;
            return Ok(entry);
        }
        sqlx::query("INSERT INTO payment (event, account, cents) VALUES ($1, $2, $3)")
            .bind(&payment.event)
            .bind(&payment.account)
            .bind(payment.cents)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO account (name, cents) VALUES ($1, $2)
                ON CONFLICT (name) DO UPDATE SET cents = account.cents + excluded.cents",
        )
        .bind(&payment.account)
        .bind(payment.cents)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("INSERT INTO letter (account, text) VALUES ($1, $2)")
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
            "SELECT id, account, text FROM letter WHERE NOT written ORDER BY id LIMIT 100";
        sqlx::query_as(letters).fetch_all(&self.pool).await
    }

    pub(crate) async fn written(&self, id: i64) -> sqlx::Result<()> {
        let written = sqlx::query("UPDATE letter SET written = true WHERE id = $1").bind(id);
        written.execute(&self.pool).await.map(drop)
    }

    pub(crate) async fn balance(&self) -> sqlx::Result<(i64, i64, i64, i64)> {
        let balance = "SELECT (SELECT count(*) FROM payment),
            (SELECT coalesce(sum(cents), 0)::bigint FROM payment),
            (SELECT coalesce(sum(cents), 0)::bigint FROM account),
            (SELECT count(*) FROM letter WHERE NOT written)";
        sqlx::query_as(balance).fetch_one(&self.pool).await
    }
}
