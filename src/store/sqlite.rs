//! A store in a file of its own, shared by the processes of one host.

mod batch;
mod builder;
mod fault;
mod file;
mod row;
mod schema;
mod sweep;
mod table;
mod writer;

use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};

use alloc::sync::Arc;
use std::path::PathBuf;

use tokio::sync::{mpsc, oneshot};

pub use builder::{SqliteStoreBuilder, Synchronous};

use self::table::{Answer, Step};
use self::writer::Asked;
use super::{Claim, ClaimRequest, KeptReply, Lease, Outcome, Settled, Store};
use crate::StoreError;

/// Claims in an SQLite file, for all processes of **one host**.
///
/// A step is confirmed when it is on the disk. One task writes: all steps that wait
/// go into one transaction, and share its sync (group commit), so that many claims in
/// flight cost little more than one. Several stores, also in other processes, may
/// have the same file open; they take turns.
///
/// The file belongs to the store: one that anything else wrote is refused and left as
/// it is. Beside it lie `FILE-wal` and `FILE-shm` while it is open. It must be on a
/// local disk, since the processes share memory through it. Copy it with SQLite's own
/// means: a process that opens and closes the file by others gives up its locks.
///
/// Time is the host's wall clock. Where it is set back, a lease that now seems longer
/// than it was granted for begins anew, so that none is held for ever; where it is set
/// forward, leases and retentions end early by as much.
///
/// A record takes about 90 bytes, with a digest 120, and its kept reply. Ended ones are taken away a few
/// at a time as new ones come; the file keeps their room for later ones.
///
/// The task runs on the tokio runtime that opened the store, and ends when the store
/// is dropped. A step that began is carried out even if its caller goes away.
///
/// ```
/// use countersign::store::{SqliteStore, Store};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// # let folder = std::env::temp_dir().join(format!("countersign-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let store = SqliteStore::open(folder.join("claims.sqlite")).await?;
/// assert!(store.is_durable());
/// # drop(store);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SqliteStore {
    steps: mpsc::Sender<Asked>,
    forgotten: Arc<AtomicU64>,
    synchronous: Synchronous,
}

impl SqliteStore {
    /// The store in this file, which is made if it is missing.
    ///
    /// # Errors
    ///
    /// If the file cannot be this store's, or cannot be written: the message says what
    /// to do. Nothing was changed then.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with its time driver enabled.
    pub async fn open(file: impl Into<PathBuf>) -> Result<Self, StoreError> {
        Self::builder(file).open().await
    }

    /// A builder for the store in this file.
    pub fn builder(file: impl Into<PathBuf>) -> SqliteStoreBuilder {
        SqliteStoreBuilder::new(file.into())
    }

    /// How many events this store completed that its file had forgotten.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }

    async fn step(&self, step: Step) -> Result<Answer, StoreError> {
        let ended = || StoreError::permanent("the store's task has ended with its runtime");
        let (reply, answer) = oneshot::channel();
        self.steps
            .send(Asked { step, reply })
            .await
            .map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }

    async fn settle(&self, step: Step) -> Result<Settled, StoreError> {
        match self.step(step).await? {
            Answer::Settled(settled) => Ok(settled),
            Answer::Claim(_) => Err(MIXED_UP),
        }
    }
}

const MIXED_UP: StoreError =
    StoreError::permanent("the store answered another question; please report this");

impl Store for SqliteStore {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        match self.step(Step::Claim(request.clone())).await? {
            Answer::Claim(claim) => Ok(claim),
            Answer::Settled(_) => Err(MIXED_UP),
        }
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.settle(Step::Renew(lease.clone())).await
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        let (lease, reply) = (lease.clone(), reply.cloned());
        self.settle(Step::Complete(lease, outcome, reply)).await
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.settle(Step::Release(lease.clone())).await
    }

    /// True with [`Synchronous::Full`], which is the default.
    fn is_durable(&self) -> bool {
        self.synchronous == Synchronous::Full
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("synchronous", &self.synchronous)
            .finish_non_exhaustive()
    }
}
