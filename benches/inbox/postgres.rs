//! The books in PostgreSQL.

use core::ops::Range;

use countersign::store::{Entry, PostgresInbox};
use sqlx::postgres::{PgPool, PgPoolOptions};

use crate::requests::{LONG_RETENTION, id};
use crate::{ACCOUNTS, Shop};

pub(crate) struct Books {
    pool: PgPool,
    inbox: PostgresInbox,
}

const TABLES: &str = "
CREATE TABLE account (id bigint PRIMARY KEY, cents bigint NOT NULL) WITH (fillfactor = 80);
CREATE TABLE payment (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account bigint NOT NULL, event bigint NOT NULL, cents bigint NOT NULL
);
CREATE TABLE letter (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, account bigint NOT NULL, text text NOT NULL
);
INSERT INTO account SELECT id, 0 FROM generate_series(0, 999) id;
";

impl Books {
    pub(crate) async fn open(url: &str) -> Self {
        let pool = PgPoolOptions::new().max_connections(16).min_connections(16);
        let pool = pool.connect(url).await.unwrap();
        let inbox = PostgresInbox::new(LONG_RETENTION);
        inbox.migrate(&pool).await.unwrap();
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        Self { pool, inbox }
    }
}

impl Shop for Books {
    const ENGINE: &str = "PostgreSQL";

    async fn fill(&self, events: Range<u64>) {
        let events: Vec<u64> = events.collect();
        for some in events.chunks(500) {
            let mut transaction = self.pool.begin().await.unwrap();
            for &event in some {
                let entry = self.inbox.claim(&mut transaction, id(event), None).await;
                assert_eq!(entry.unwrap(), Entry::Fresh);
            }
            transaction.commit().await.unwrap();
        }
        sqlx::raw_sql("ANALYZE").execute(&self.pool).await.unwrap();
    }

    async fn book(&self, event: u64, with_inbox: bool) {
        let account = (event % ACCOUNTS).cast_signed();
        let mut transaction = self.pool.begin().await.unwrap();
        if with_inbox {
            let entry = self.inbox.claim(&mut transaction, id(event), None).await;
            assert_eq!(entry.unwrap(), Entry::Fresh);
        }
        let payment = sqlx::query("INSERT INTO payment (account, event, cents) VALUES ($1, $2, 5)")
            .bind(account)
            .bind(event.cast_signed())
            .execute(&mut *transaction)
            .await;
        assert_eq!(payment.unwrap().rows_affected(), 1);
        let booked = sqlx::query("UPDATE account SET cents = cents + 5 WHERE id = $1")
            .bind(account)
            .execute(&mut *transaction)
            .await;
        assert_eq!(booked.unwrap().rows_affected(), 1);
        let letter = sqlx::query("INSERT INTO letter (account, text) VALUES ($1, 'five cents')")
            .bind(account)
            .execute(&mut *transaction)
            .await;
        assert_eq!(letter.unwrap().rows_affected(), 1);
        transaction.commit().await.unwrap();
    }

    async fn audit(&self) -> (u64, bool) {
        let sums = "SELECT count(*), sum(cents)::bigint = (SELECT sum(cents) FROM account)::bigint FROM payment";
        let sums: (i64, bool) = sqlx::query_as(sums).fetch_one(&self.pool).await.unwrap();
        (sums.0.unsigned_abs(), sums.1)
    }
}
