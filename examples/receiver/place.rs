//! Where claims live: what `--store` says.

use core::fmt;
use core::str::FromStr;
use std::path::PathBuf;
use std::sync::Arc;

use countersign::StoreError;
use countersign::store::{DynStore, MemoryStore, SqliteStore};

/// A store of any kind, shared by several receivers.
pub(crate) type AnyStore = Arc<Box<dyn DynStore>>;

#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In this process; forgotten when it ends.
    Memory,
    /// In a file, for all processes of this host.
    Sqlite(PathBuf),
}

/// Events remembered: at a hundred bytes each this stays far under a gigabyte.
const CAPACITY: usize = 1_000_000;

impl Place {
    pub(crate) async fn open(&self) -> Result<AnyStore, StoreError> {
        Ok(Arc::new(match self {
            Self::Memory => Box::new(MemoryStore::with_capacity(CAPACITY)),
            Self::Sqlite(file) => Box::new(SqliteStore::open(file).await?),
        }))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Sqlite(file) => write!(f, "{}", file.display()),
        }
    }
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "memory" => Ok(Self::Memory),
            Some(("sqlite", file)) if !file.is_empty() => Ok(Self::Sqlite(file.into())),
            _ => Err("there are memory and sqlite:FILE"),
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
