//! What can be wrong with the transaction or its database, and what to do about it.

use crate::StoreError;

/// Each has its own sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Broken,
    /// Another connection writes, or has written since this transaction first read.
    Busy,
    Damaged,
    Foreign,
    Full,
    Io,
    Missing,
    NotDurable,
    NotSqlite,
    ReadOnly,
    Refused,
    Unexpected,
}

impl Fault {
    pub(super) fn of(error: &sqlx::Error) -> Self {
        let error = match error {
            sqlx::Error::Database(error) => error,
            sqlx::Error::ColumnDecode { .. } => return Self::Foreign,
            _ => return Self::Broken,
        };
        let code = error.code().and_then(|code| code.parse::<u32>().ok());
        // The low byte is the primary code.
        match code.map(|code| code & 0xff) {
            Some(1) => Self::of_statement(error.message()),
            Some(3 | 14 | 23) => Self::Refused,
            Some(5 | 6) => Self::Busy,
            Some(8) => Self::ReadOnly,
            Some(10) => Self::Io,
            Some(11) => Self::Damaged,
            Some(13) => Self::Full,
            // What the table itself demands, an entry of this version fulfils.
            Some(19 | 20) => Self::Foreign,
            Some(26) => Self::NotSqlite,
            _ => Self::Unexpected,
        }
    }

    /// A statement that the schema does not allow: SQLite has one code for all of those.
    fn of_statement(message: &str) -> Self {
        let says = |words| message.contains(words);
        if says("no such table: countersign_inbox_1") {
            Self::Missing
        } else if [
            "countersign_inbox_1",
            "no such column",
            "ON CONFLICT",
            "view",
        ]
        .into_iter()
        .any(says)
        {
            Self::Foreign
        } else {
            Self::Unexpected
        }
    }

    pub(super) fn told(error: sqlx::Error) -> StoreError {
        Self::of(&error).to_error().with_source(error)
    }

    /// What to tell, and whether a new transaction may succeed.
    pub(super) const fn to_error(self) -> StoreError {
        match self {
            Self::Broken => {
                StoreError::transient("the connection to the SQLite database broke off")
            }
            Self::Busy => StoreError::transient(
                "another connection is writing to the SQLite database: begin with `BEGIN IMMEDIATE`, which waits for it, and if that goes on, look for a program that keeps a transaction open",
            ),
            Self::Damaged => StoreError::permanent(
                "the SQLite database is damaged, and was left as it is: restore it from a copy",
            ),
            Self::Foreign => StoreError::permanent(
                "the table countersign_inbox_1 is not as this version makes it: rename what has its name, then call `SqliteInbox::migrate`",
            ),
            Self::Full => StoreError::permanent(
                "there is no room left for the SQLite database: free some on its disk, or raise its `max_page_count`",
            ),
            Self::Io => StoreError::permanent(
                "the file system failed on the SQLite database: look at the cause and at the system's log",
            ),
            Self::Missing => StoreError::permanent(
                "the table countersign_inbox_1 is missing: make it with `SqliteInbox::migrate`",
            ),
            Self::NotDurable => StoreError::permanent(
                "this connection commits without waiting for the disk, which loses acknowledged events: use WAL, or synchronous = EXTRA",
            ),
            Self::NotSqlite => StoreError::permanent(
                "the file is not an SQLite database, and was left as it is: correct its path, or the key that it is read with",
            ),
            Self::ReadOnly => StoreError::permanent(
                "the SQLite database is read-only: claim on a connection that may write, and give this process the right to write the file and its folder",
            ),
            Self::Refused => StoreError::permanent(
                "this process may not use the SQLite database: give it the right to read and write the file, and to make files in its folder",
            ),
            Self::Unexpected => {
                StoreError::permanent("the database failed on the inbox; look at the cause")
            }
        }
    }
}
