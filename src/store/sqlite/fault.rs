//! What can be wrong with the file, and what to do about it.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::error::Error;
use std::path::Path;

use crate::StoreError;

/// A fault of the file. One fault may be told to many callers.
#[derive(Clone)]
pub(super) struct Fault {
    kind: Kind,
    cause: Arc<InFile>,
}

/// Each kind has its own sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Busy,
    Crashed,
    Damaged,
    Folder,
    Foreign,
    Full,
    Io,
    Missing,
    NewerVersion,
    NoFolder,
    NoWal,
    NotOpened,
    NotSqlite,
    Permission,
    ReadOnly,
    Unexpected,
}

/// Which file it is about, and what was found.
#[derive(Debug, thiserror::Error)]
#[error("{file}")]
struct InFile {
    file: String,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    pub(super) fn new(kind: Kind, file: &Path) -> Self {
        Self::caused(kind, file, None)
    }

    /// From what the database said.
    pub(super) fn from_sqlx(error: sqlx::Error, file: &Path) -> Self {
        Self::caused(Kind::of(&error), file, Some(error.into()))
    }

    /// From what the file system said.
    pub(super) fn from_io(error: std::io::Error, file: &Path) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::PermissionDenied => Kind::Permission,
            _ => Kind::Io,
        };
        Self::caused(kind, file, Some(error.into()))
    }

    fn caused(kind: Kind, file: &Path, cause: Option<Box<dyn Error + Send + Sync>>) -> Self {
        let file = file.display().to_string();
        let cause = Arc::new(InFile { file, cause });
        Self { kind, cause }
    }

    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn to_error(&self) -> StoreError {
        let (problem, is_transient) = self.kind.told();
        let error = if is_transient {
            StoreError::transient(problem)
        } else {
            StoreError::permanent(problem)
        };
        error.with_source(Arc::clone(&self.cause))
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        fault.to_error()
    }
}

impl Kind {
    fn of(error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(error) = error else {
            return Self::Crashed;
        };
        let code = error.code().and_then(|code| code.parse::<u32>().ok());
        // The low byte is the primary code.
        match code.map(|code| code & 0xff) {
            Some(3 | 23) => Self::Permission,
            Some(5 | 6) => Self::Busy,
            Some(8) => Self::ReadOnly,
            Some(10) => Self::Io,
            Some(11) => Self::Damaged,
            Some(13) => Self::Full,
            Some(14) => Self::NotOpened,
            Some(26) => Self::NotSqlite,
            _ => Self::Unexpected,
        }
    }

    /// Whether the connection may still be used.
    pub(super) const fn leaves_the_connection(self) -> bool {
        matches!(self, Self::Busy | Self::Full | Self::ReadOnly)
    }

    /// What to tell, and whether the same step may succeed when asked again.
    const fn told(self) -> (&'static str, bool) {
        match self {
            Self::Busy => (
                "the SQLite file stayed locked by another process: if that goes on, look for a program that keeps a transaction open on it",
                true,
            ),
            Self::Crashed => ("the connection to the SQLite file broke off", true),
            Self::Damaged => (
                "the SQLite file is damaged, and was left as it is: restore it from a copy, or move it away and begin with a new one, which runs events again that were done",
                false,
            ),
            Self::Folder => (
                "the path of the SQLite file is a folder: name a file in it",
                false,
            ),
            Self::Foreign => (
                "the SQLite file belongs to another program, and was left as it is: give the store a file of its own",
                false,
            ),
            Self::Full => (
                "there is no room left for the SQLite file: free some on its disk, or raise `max_bytes`",
                false,
            ),
            Self::Io => (
                "the file system failed on the SQLite file: look at the cause and at the system's log",
                false,
            ),
            Self::Missing => (
                "the SQLite file is gone: restore it, or open the store anew to begin with an empty one",
                false,
            ),
            Self::NewerVersion => (
                "the SQLite file was made by a newer version of countersign, and was left as it is: use that version or a later one",
                false,
            ),
            Self::NoFolder => (
                "the folder of the SQLite file does not exist: make it, or correct the path",
                false,
            ),
            Self::NoWal => (
                "the file system cannot share memory between processes, which SQLite's write-ahead log needs: put the file on a local disk",
                false,
            ),
            Self::NotOpened => (
                "the SQLite file cannot be opened: this process must be allowed to read and write it, and to make files in its folder",
                false,
            ),
            Self::NotSqlite => (
                "the file is not an SQLite database, and was left as it is: give the store a file of its own",
                false,
            ),
            Self::Permission => (
                "this process may not use the SQLite file: give it the right to read and write the file and its folder",
                false,
            ),
            Self::ReadOnly => (
                "the SQLite file is read-only: give this process the right to write it and its folder",
                false,
            ),
            Self::Unexpected => ("SQLite answered something unexpected", false),
        }
    }
}
