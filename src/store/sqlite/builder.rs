//! The builder of the store.

use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::AtomicU64;
use std::path::PathBuf;

use super::SqliteStore;
use super::file::File;
use super::writer::Writer;
use crate::{Clock, StoreError, SystemClock};

/// Builds a [`SqliteStore`].
#[must_use]
pub struct SqliteStoreBuilder {
    file: PathBuf,
    clock: Arc<dyn Clock>,
    synchronous: Synchronous,
    max_bytes: Option<u64>,
}

/// What a confirmed step survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Synchronous {
    /// A crash of the process and of the host: each transaction waits for the disk.
    #[default]
    Full,
    /// A crash of the process only. After one of the host the last steps may be
    /// forgotten, and their events run again: the store says that it is not durable.
    Normal,
}

impl SqliteStoreBuilder {
    pub(super) fn new(file: PathBuf) -> Self {
        Self {
            file,
            clock: Arc::new(SystemClock),
            synchronous: Synchronous::default(),
            max_bytes: None,
        }
    }

    /// Another clock than the host's, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// What a confirmed step survives. Default: everything.
    pub const fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// The most that the file may take; new events are refused beyond it. Its log
    /// comes on top, mostly a few megabytes. Default: what the disk has.
    pub const fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// The store.
    ///
    /// # Errors
    ///
    /// If the file cannot be this store's, or cannot be written: the message says what
    /// to do. Nothing was changed then.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with its time driver enabled.
    pub async fn open(self) -> Result<SqliteStore, StoreError> {
        let file = File::new(&self.file, self.synchronous, self.max_bytes)?;
        let connection = file.open_or_create(self.clock.now()).await?;
        let forgotten = Arc::new(AtomicU64::new(0));
        let steps = Writer::start(file, connection, self.clock, Arc::clone(&forgotten));
        Ok(SqliteStore {
            steps,
            forgotten,
            synchronous: self.synchronous,
        })
    }
}

impl fmt::Debug for SqliteStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStoreBuilder")
            .field("file", &self.file)
            .field("synchronous", &self.synchronous)
            .field("max_bytes", &self.max_bytes)
            .finish_non_exhaustive()
    }
}
