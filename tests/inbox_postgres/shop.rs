//! An inbox and a table of money, in a schema of a server.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign::store::{Entry, PostgresInbox};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Postgres as Database, Row, Transaction};

use crate::requests::{RETENTION, id};
use crate::server::Postgres;

#[derive(Clone)]
pub(crate) struct Shop {
    pub(crate) pool: PgPool,
    pub(crate) inbox: PostgresInbox,
    /// How a transaction begins.
    pub(crate) begin: &'static str,
}

/// The server of the tests that do not kill it.
pub(crate) fn shared() -> &'static Postgres {
    static SHARED: OnceLock<Postgres> = OnceLock::new();
    SHARED.get_or_init(|| Postgres::with(&["max_connections=300"]))
}

pub(crate) fn options(server: &Postgres) -> PgConnectOptions {
    server.url().parse().unwrap()
}

/// Connections to this server that see an empty schema of their own.
pub(crate) async fn schema(server: &Postgres) -> PgConnectOptions {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let name = format!("shop_{}", MADE.fetch_add(1, Ordering::SeqCst));
    let pool = pool(options(server), 1).await;
    let create = AssertSqlSafe(format!("CREATE SCHEMA {name}"));
    sqlx::raw_sql(create).execute(&pool).await.unwrap();
    pool.close().await;
    options(server).options([("search_path", name)])
}

pub(crate) async fn pool(options: PgConnectOptions, connections: u32) -> PgPool {
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(60));
    pool.connect_with(options).await.unwrap()
}

impl Shop {
    /// In a schema of its own on the shared server.
    pub(crate) async fn open() -> Self {
        Self::at(pool(schema(shared()).await, 16).await).await
    }

    /// Where this pool leads to.
    pub(crate) async fn at(pool: PgPool) -> Self {
        let shop = Self {
            pool,
            inbox: PostgresInbox::new(RETENTION),
            begin: "BEGIN",
        };
        shop.inbox.migrate(&shop.pool).await.unwrap();
        shop.inbox.migrate(&shop.pool).await.unwrap();
        shop.run("CREATE TABLE IF NOT EXISTS booking (event bigint NOT NULL, cents bigint)")
            .await;
        shop
    }

    pub(crate) async fn begin(&self) -> Transaction<'static, Database> {
        self.pool.begin_with(self.begin).await.unwrap()
    }

    /// Within a transaction that stays open.
    pub(crate) async fn claim(
        &self,
        transaction: &mut Transaction<'_, Database>,
        event: u64,
    ) -> Entry {
        let claimed = self.inbox.claim(transaction, id(event), None).await;
        claimed.unwrap()
    }

    /// As a handler would: a fresh event is done when this returns.
    pub(crate) async fn book(&self, event: u64) -> Result<Entry, sqlx::Error> {
        let mut transaction = self.pool.begin_with(self.begin).await?;
        let claimed = self.inbox.claim(&mut transaction, id(event), None).await;
        let entry = claimed.map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
        if entry == Entry::Fresh {
            sqlx::query("INSERT INTO booking (event, cents) VALUES ($1, 5)")
                .bind(event.cast_signed())
                .persistent(false)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
        } else {
            transaction.rollback().await?;
        }
        Ok(entry)
    }

    /// Asked again until the event is done, as a sender does.
    pub(crate) async fn deliver(&self, event: u64) {
        loop {
            match self.book(event).await {
                Ok(Entry::Fresh | Entry::Done) => return,
                Ok(Entry::InProgress) | Err(_) => {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Ok(other) => panic!("{other:?}"),
            }
        }
    }

    pub(crate) async fn number(&self, query: &'static str) -> i64 {
        let asked = sqlx::raw_sql(query).fetch_one(&self.pool).await;
        asked.unwrap().get(0)
    }

    pub(crate) async fn run(&self, statement: &'static str) {
        let run = sqlx::raw_sql(statement).execute(&self.pool).await;
        run.unwrap();
    }

    /// What is in the inbox by now has ended.
    pub(crate) async fn end_all(&self) {
        self.run(
            "UPDATE countersign_inbox_1
                SET expires_us = (date_part('epoch', clock_timestamp()) * 1000000)::bigint",
        )
        .await;
    }

    /// Every event below this is booked once, and in the inbox.
    pub(crate) async fn assert_booked(&self, events: i64) {
        let booked = "SELECT count(*) FROM booking";
        let distinct = "SELECT count(DISTINCT event) FROM booking";
        let entered = "SELECT count(*) FROM countersign_inbox_1";
        for count in [booked, distinct, entered] {
            assert_eq!(self.number(count).await, events, "{count}");
        }
    }
}
