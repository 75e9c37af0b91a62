//! What can be wrong with the transaction or its database, and what to do about it.

use crate::StoreError;

/// Each has its own sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Aborted,
    Broken,
    Crowded,
    Failed,
    Foreign,
    Missing,
    Overtaken,
    ReadOnly,
    Refused,
    Unprepared,
}

impl Fault {
    /// By the code that PostgreSQL gives with it.
    pub(super) fn of(error: &sqlx::Error) -> Self {
        let Some(error) = error.as_database_error() else {
            return Self::Broken;
        };
        match error.code().as_deref().unwrap_or_default() {
            "25P02" => Self::Aborted,
            "25006" => Self::ReadOnly,
            // Another transaction has changed what this one's snapshot shows, or holds a
            // lock for longer than this one waits.
            "40001" | "40P01" | "55P03" => Self::Overtaken,
            // The statement of this name is unknown, or another client's.
            "08P01" | "26000" | "42P05" => Self::Unprepared,
            "42501" => Self::Refused,
            "3F000" | "42P01" | "42883" => Self::Missing,
            "42703" | "55000" | "42804" | "42809" | "42P10" | "42P13" => Self::Foreign,
            "53200" => Self::Crowded,
            code if ["08", "53", "57", "58"]
                .iter()
                .any(|class| code.starts_with(class)) =>
            {
                Self::Broken
            }
            _ => Self::Failed,
        }
    }

    pub(super) fn told(error: sqlx::Error) -> StoreError {
        Self::of(&error).to_error().with_source(error)
    }

    /// What to tell, and whether a new transaction may succeed.
    pub(super) const fn to_error(self) -> StoreError {
        match self {
            Self::Aborted => StoreError::transient(
                "an earlier statement of this transaction failed: give the transaction up, for PostgreSQL commits nothing of it",
            ),
            Self::Broken => StoreError::transient(
                "PostgreSQL broke off: if that goes on, look at the cause and at the server's log",
            ),
            Self::Crowded => StoreError::transient(
                "PostgreSQL has no room for more locks: enter fewer events in one transaction, or raise `max_locks_per_transaction`",
            ),
            Self::Failed => {
                StoreError::permanent("the database failed on the inbox; look at the cause")
            }
            Self::Foreign => StoreError::permanent(
                "the table or the function of the inbox, countersign_inbox_1, is not as this version makes it: rename what has its name, then call `PostgresInbox::migrate`",
            ),
            Self::Missing => StoreError::permanent(
                "the table countersign_inbox_1 or its function is missing: make them with `PostgresInbox::migrate`, in a schema of the `search_path`",
            ),
            Self::Overtaken => StoreError::transient(
                "another transaction came first: give this one up and ask the sender to retry",
            ),
            Self::ReadOnly => StoreError::permanent(
                "the transaction is read-only: claim in one that may write, on the primary server",
            ),
            Self::Refused => StoreError::permanent(
                "this role may not use the inbox: grant it SELECT, INSERT, UPDATE and DELETE on countersign_inbox_1, and CREATE on the schema where it is to make that table",
            ),
            Self::Unprepared => StoreError::permanent(
                "the server does not know the statement that was prepared on this connection: behind a pooler that changes servers, build the inbox with `PostgresInbox::prepared(false)`",
            ),
        }
    }
}
