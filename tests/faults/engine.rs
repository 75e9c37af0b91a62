//! The engines, each with a server of its own or a file.

use std::time::Duration;

use countersign::StoreError;
use countersign::store::{MysqlStore, PostgresStore, RedisStore, SqliteStore};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use sqlx::postgres::{PgPool, PgPoolOptions};

use crate::server::{Clock, Folder, Mariadb, Postgres, Process, Redis};
use crate::steps::{Boxed, patiently};

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Mariadb,
    Postgres,
    /// Its claims and completions in batches.
    PostgresBatched,
    Redis,
    Sqlite,
}

/// An engine that is running.
pub(crate) enum Engine {
    Mariadb(Mariadb),
    Postgres(Postgres),
    PostgresBatched(Postgres),
    Redis(Redis),
    Sqlite(Folder),
}

impl Engine {
    pub(crate) fn start(kind: Kind) -> Self {
        match kind {
            Kind::Mariadb => Self::Mariadb(Mariadb::start()),
            Kind::Postgres => Self::Postgres(Postgres::start()),
            Kind::PostgresBatched => Self::PostgresBatched(Postgres::start()),
            Kind::Redis => Self::Redis(Redis::start()),
            Kind::Sqlite => Self::Sqlite(Folder::new()),
        }
    }

    /// Living by this clock.
    pub(crate) fn under(kind: Kind, clock: &Clock) -> Self {
        match kind {
            Kind::Mariadb => Self::Mariadb(Mariadb::under(clock)),
            Kind::Postgres => Self::Postgres(Postgres::under(clock)),
            Kind::PostgresBatched => Self::PostgresBatched(Postgres::under(clock)),
            Kind::Redis => Self::Redis(Redis::under(clock)),
            Kind::Sqlite => panic!("a file has no clock"),
        }
    }

    pub(crate) async fn open(&self) -> Boxed {
        let url = self.url();
        patiently(|| open(&url)).await
    }

    /// What [`open`] takes.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Mariadb(server) => server.url(),
            Self::Postgres(server) => server.url(),
            Self::PostgresBatched(server) => format!("batched:{}", server.url()),
            Self::Redis(server) => server.url(),
            Self::Sqlite(folder) => format!("sqlite:{}", folder.file().display()),
        }
    }

    /// The same at another port.
    pub(crate) fn url_at(&self, port: u16) -> String {
        let (old, new) = (format!(":{}/", self.port()), format!(":{port}/"));
        self.url().replace(&old, &new)
    }

    pub(crate) fn port(&self) -> u16 {
        match self {
            Self::Mariadb(server) => server.port(),
            Self::Postgres(server) | Self::PostgresBatched(server) => server.port(),
            Self::Redis(server) => server.port(),
            Self::Sqlite(_) => panic!("a file has no port"),
        }
    }

    pub(crate) fn process(&self) -> &Process {
        match self {
            Self::Mariadb(server) => &server.process,
            Self::Postgres(server) | Self::PostgresBatched(server) => &server.process,
            Self::Redis(server) => &server.process,
            Self::Sqlite(_) => panic!("a file has no process"),
        }
    }
}

/// A user's pool and its time-outs: a server that does not answer is given up.
const PATIENCE: Duration = Duration::from_secs(1);

/// The store at this address, as a user opens it.
pub(crate) async fn open(url: &str) -> Result<Boxed, StoreError> {
    let (kind, place) = url.split_once(':').unwrap();
    Ok(match kind {
        "mysql" => {
            // Connections are not tried before a step: the step itself meets what is wrong.
            let options = MySqlPoolOptions::new()
                .max_connections(8)
                .test_before_acquire(false);
            let pool: MySqlPool = options.acquire_timeout(PATIENCE).connect_lazy(url).unwrap();
            MysqlStore::migrate(&pool).await?;
            Box::new(MysqlStore::open(pool).await?)
        }
        "postgres" => Box::new(postgres(url, false).await?),
        "batched" => Box::new(postgres(place, true).await?),
        "redis" => Box::new(RedisStore::open(redis(url).await?).await?),
        "sqlite" => Box::new(SqliteStore::open(place).await?),
        other => panic!("{other}"),
    })
}

async fn postgres(url: &str, batching: bool) -> Result<PostgresStore, StoreError> {
    let options = PgPoolOptions::new()
        .max_connections(8)
        .test_before_acquire(false);
    let pool: PgPool = options.acquire_timeout(PATIENCE).connect_lazy(url).unwrap();
    PostgresStore::migrate(&pool).await?;
    PostgresStore::builder(pool).batching(batching).open().await
}

async fn redis(url: &str) -> Result<ConnectionManager, StoreError> {
    let client = redis::Client::open(url).unwrap();
    let settings = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_response_timeout(Some(PATIENCE))
        .set_connection_timeout(Some(PATIENCE));
    let manager = client.get_connection_manager_with_config(settings).await;
    manager.map_err(|error| StoreError::transient("not connected").with_source(error))
}
