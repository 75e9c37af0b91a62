//! Pools of connections to a server, its time as they see it, and a store.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use countersign::store::{Claim, Lease, MysqlStore, Settled, Store};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, MySqlPool};

use crate::requests::request;

/// As small as will do: the server takes 150 connections from all tests together.
pub(crate) fn small() -> MySqlPoolOptions {
    MySqlPoolOptions::new()
        .max_connections(8)
        .test_before_acquire(false)
}

pub(crate) async fn pool(options: MySqlConnectOptions) -> MySqlPool {
    small().connect_with(options).await.unwrap()
}

/// A pool whose connections begin with this statement.
pub(crate) async fn pool_after(options: MySqlConnectOptions, statement: &'static str) -> MySqlPool {
    let pool = small().after_connect(move |connection, _| {
        Box::pin(async move {
            sqlx::raw_sql(statement).execute(connection).await?;
            Ok(())
        })
    });
    pool.connect_with(options).await.unwrap()
}

/// What the server's clock says to one pool, in microseconds since 1970.
#[derive(Clone, Default)]
pub(crate) struct Time(Arc<AtomicI64>);

impl Time {
    pub(crate) fn at(seconds: i64) -> Self {
        Self(Arc::new(AtomicI64::new(seconds * 1_000_000)))
    }

    pub(crate) fn pass(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap();
        self.0.fetch_add(by, Ordering::SeqCst);
    }

    pub(crate) fn set_back(&self, by: Duration) {
        let by = i64::try_from(by.as_micros()).unwrap();
        self.0.fetch_sub(by, Ordering::SeqCst);
    }

    fn statement(&self) -> AssertSqlSafe<String> {
        let now = self.0.load(Ordering::SeqCst);
        let (seconds, micros) = (now / 1_000_000, now % 1_000_000);
        AssertSqlSafe(format!("SET timestamp = {seconds}.{micros:06}"))
    }

    /// A pool whose connections take this for the server's time whenever they are used.
    pub(crate) async fn pool(&self, options: MySqlConnectOptions) -> MySqlPool {
        let (at_first, again) = (self.clone(), self.clone());
        let pool = small()
            .after_connect(move |connection, _| {
                let statement = at_first.statement();
                Box::pin(async move {
                    sqlx::raw_sql(statement).execute(connection).await?;
                    Ok(())
                })
            })
            .before_acquire(move |connection, _| {
                let statement = again.statement();
                Box::pin(async move {
                    sqlx::raw_sql(statement).execute(connection).await?;
                    Ok(true)
                })
            });
        pool.connect_with(options).await.unwrap()
    }
}

/// A store with its table.
pub(crate) async fn store(pool: MySqlPool) -> MysqlStore {
    MysqlStore::migrate(&pool).await.unwrap();
    MysqlStore::open(pool).await.unwrap()
}

pub(crate) async fn complete(store: &impl Store, lease: &Lease) -> Settled {
    let outcome = countersign::store::Outcome::Processed;
    store.complete(lease, outcome, None).await.unwrap()
}

pub(crate) async fn is_done(store: &impl Store, key: u64) -> bool {
    let claim = store.claim(&request(key)).await.unwrap();
    matches!(claim, Claim::Done { .. })
}

pub(crate) async fn run(pool: &MySqlPool, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    sqlx::raw_sql(statements).execute(pool).await.unwrap();
}

pub(crate) fn impatient(options: MySqlConnectOptions) -> MySqlPool {
    small()
        .acquire_timeout(Duration::from_millis(500))
        .connect_lazy_with(options)
}
