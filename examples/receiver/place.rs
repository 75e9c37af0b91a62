//! Where claims live: what `--store` says.

use core::error::Error;
use core::fmt;
use core::str::FromStr;
use core::time::Duration;
use std::path::PathBuf;
use std::sync::Arc;

use countersign::store::{
    DynStore, MemoryStore, MysqlStore, PostgresStore, RedisStore, SqliteStore,
};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;

/// A store of any kind, shared by several receivers.
pub(crate) type AnyStore = Arc<Box<dyn DynStore>>;

#[derive(Clone)]
pub(crate) enum Place {
    /// In this process; forgotten when it ends.
    Memory,
    /// In a file, for all processes of this host.
    Sqlite(PathBuf),
    /// On a server, for all hosts: its URL.
    Mysql(String),
    Postgres(String),
    Redis(String),
}

/// Events remembered: at a hundred bytes each this stays far under a gigabyte.
const CAPACITY: usize = 1_000_000;

/// A server that cannot be reached in this time is told to be away.
const PATIENCE: Duration = Duration::from_secs(5);

impl Place {
    /// The store, its table made if it is missing.
    pub(crate) async fn open(&self) -> Result<AnyStore, Box<dyn Error>> {
        Ok(Arc::new(match self {
            Self::Memory => Box::new(MemoryStore::with_capacity(CAPACITY)),
            Self::Sqlite(file) => Box::new(SqliteStore::open(file).await?),
            Self::Mysql(url) => {
                let pool = MySqlPoolOptions::new().acquire_timeout(PATIENCE);
                let pool = pool.connect_lazy(url)?;
                MysqlStore::migrate(&pool).await?;
                Box::new(MysqlStore::open(pool).await?)
            }
            Self::Postgres(url) => {
                let pool = PgPoolOptions::new().acquire_timeout(PATIENCE);
                let pool = pool.connect_lazy(url)?;
                PostgresStore::migrate(&pool).await?;
                Box::new(PostgresStore::open(pool).await?)
            }
            Self::Redis(url) => {
                let client = redis::Client::open(url.as_str())?;
                let connection = client.get_connection_manager().await?;
                Box::new(RedisStore::open(connection).await?)
            }
        }))
    }
}

/// Without a URL, which may hold a password.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Sqlite(file) => write!(f, "{}", file.display()),
            Self::Mysql(_) => f.write_str("MySQL"),
            Self::Postgres(_) => f.write_str("PostgreSQL"),
            Self::Redis(_) => f.write_str("Redis"),
        }
    }
}

impl FromStr for Place {
    type Err = &'static str;

    /// The complaint does not show the text, which may hold a password.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, place) = text.split_once(':').unwrap_or((text, ""));
        let url = || text.to_owned();
        match (kind, place) {
            ("memory", "") => Ok(Self::Memory),
            ("sqlite", file) if !file.is_empty() => Ok(Self::Sqlite(file.into())),
            ("mysql", place) if place.starts_with("//") => Ok(Self::Mysql(url())),
            ("postgres" | "postgresql", place) if place.starts_with("//") => {
                Ok(Self::Postgres(url()))
            }
            ("redis" | "rediss", place) if place.starts_with("//") => Ok(Self::Redis(url())),
            _ => Err(
                "this store is unknown: there are memory, sqlite:FILE, redis://HOST/, postgres://USER@HOST/DATABASE and mysql://USER@HOST/DATABASE",
            ),
        }
    }
}

/// A folder for one run, which goes with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> std::io::Result<Self> {
        let name = format!("countersign-receiver-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn place(&self) -> Place {
        Place::Sqlite(self.0.join("claims.sqlite"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in a folder of temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
