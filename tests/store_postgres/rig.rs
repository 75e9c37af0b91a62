//! Pools of connections to a server, and a store.

use std::time::Duration;

use countersign::store::PostgresStore;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::server::Postgres;

/// A pool of so many connections.
pub(crate) async fn pool(url: &str, connections: u32) -> PgPool {
    let options: PgConnectOptions = url.parse().unwrap();
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await
        .unwrap()
}

/// A store of its own, with the table made.
pub(crate) async fn store(server: &Postgres) -> PostgresStore {
    let pool = pool(&server.url(), 8).await;
    PostgresStore::migrate(&pool).await.unwrap();
    PostgresStore::open(pool).await.unwrap()
}
