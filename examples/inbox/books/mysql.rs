//! The books in a MySQL or MariaDB database.

use countersign::KeyId;
use countersign::store::{Entry, MysqlInbox};
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};

use super::{Fault, PATIENCE, RETENTION};
use crate::payment::Payment;

pub(crate) struct Books {
    pool: MySqlPool,
    inbox: MysqlInbox,
}

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS account (
    name varchar(200) PRIMARY KEY, cents bigint NOT NULL
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS payment (
    id bigint AUTO_INCREMENT PRIMARY KEY,
    event varchar(200) NOT NULL, account varchar(200) NOT NULL, cents bigint NOT NULL
) ENGINE = InnoDB;
CREATE TABLE IF NOT EXISTS letter (
    id bigint AUTO_INCREMENT PRIMARY KEY, account varchar(200) NOT NULL, text text NOT NULL,
    written boolean NOT NULL DEFAULT false, KEY to_write (written, id)
) ENGINE = InnoDB;
";

impl Books {
    pub(crate) async fn open(url: &str) -> Result<Self, Fault> {
        let pool = MySqlPoolOptions::new().max_connections(16);
        let pool = pool.acquire_timeout(PATIENCE).connect(url).await?;
        let inbox = MysqlInbox::new(RETENTION);
        inbox.migrate(&pool).await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        Ok(Self { pool, inbox })
    }

    pub(crate) async fn enter(&self, event: KeyId, payment: &Payment) -> Result<Entry, Fault> {
        let mut transaction = self.pool.begin().await?;
        let entry = self.inbox.claim(&mut transaction, event, None).await?;
        if entry == Entry::InProgress {
            transaction.rollback().await?;
            return Ok(entry);
        }
        if entry == Entry::Fresh {
            sqlx::query("INSERT INTO payment (event, account, cents) VALUES (?, ?, ?)")
                .bind(&payment.event)
                .bind(&payment.account)
                .bind(payment.cents)
                .execute(&mut *transaction)
                .await?;
            sqlx::query(
                "INSERT INTO account (name, cents) VALUES (?, ?)
                    ON DUPLICATE KEY UPDATE cents = cents + VALUES(cents)",
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
        }
        // Event, money and letter, or none of them. What is done may be on its way to the
        // disk: this waits for it.
        transaction.commit().await?;
        Ok(entry)
    }

    pub(crate) async fn sweep(&self) -> Result<u64, Fault> {
        Ok(self.inbox.sweep(&self.pool).await?)
    }

    pub(crate) async fn letters(&self) -> sqlx::Result<Vec<(i64, String, String)>> {
        let letters =
            "SELECT id, account, text FROM letter WHERE NOT written ORDER BY id LIMIT 100";
        sqlx::query_as(letters).fetch_all(&self.pool).await
    }

    pub(crate) async fn written(&self, id: i64) -> sqlx::Result<()> {
        let written = sqlx::query("UPDATE letter SET written = true WHERE id = ?").bind(id);
        written.execute(&self.pool).await.map(drop)
    }

    pub(crate) async fn balance(&self) -> sqlx::Result<(i64, i64, i64, i64)> {
        let balance = "SELECT (SELECT count(*) FROM payment),
            (SELECT CAST(coalesce(sum(cents), 0) AS SIGNED) FROM payment),
            (SELECT CAST(coalesce(sum(cents), 0) AS SIGNED) FROM account),
            (SELECT count(*) FROM letter WHERE NOT written)";
        sqlx::query_as(balance).fetch_one(&self.pool).await
    }
}
