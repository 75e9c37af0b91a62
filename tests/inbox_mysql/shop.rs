//! A shop with an inbox and a table of money.

use countersign::StoreError;
use countersign::store::{Entry, MysqlInbox};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, MySqlPool};

use crate::requests::{RETENTION, id};

pub(crate) async fn pool(options: MySqlConnectOptions) -> MySqlPool {
    let pool = MySqlPoolOptions::new().max_connections(16);
    pool.connect_with(options).await.unwrap()
}

pub(crate) async fn run(pool: &MySqlPool, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    sqlx::raw_sql(statements).execute(pool).await.unwrap();
}

pub(crate) async fn number(pool: &MySqlPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

/// An empty inbox, and a table of money.
pub(crate) async fn shop(options: MySqlConnectOptions) -> (MySqlPool, MysqlInbox) {
    let pool = pool(options).await;
    let inbox = MysqlInbox::new(RETENTION);
    inbox.migrate(&pool).await.unwrap();
    inbox.migrate(&pool).await.unwrap();
    run(
        &pool,
        "CREATE TABLE IF NOT EXISTS booking (event BIGINT NOT NULL, cents BIGINT NOT NULL)",
    )
    .await;
    (pool, inbox)
}

/// As a handler would: the event is done when this returns `Fresh` or `Done`.
pub(crate) async fn book(
    pool: &MySqlPool,
    inbox: &MysqlInbox,
    event: u64,
) -> Result<Entry, StoreError> {
    let failed = |error: sqlx::Error| StoreError::transient("the shop failed").with_source(error);
    let mut transaction = pool.begin().await.map_err(failed)?;
    let entry = inbox.claim(&mut transaction, id(event), None).await;
    if entry.as_ref().ok() == Some(&Entry::Fresh) {
        sqlx::query("INSERT INTO booking (event, cents) VALUES (?, 5)")
            .bind(event)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    let ended = match &entry {
        Ok(Entry::InProgress) | Err(_) => transaction.rollback().await,
        Ok(_) => transaction.commit().await,
    };
    ended.map_err(failed)?;
    entry
}
