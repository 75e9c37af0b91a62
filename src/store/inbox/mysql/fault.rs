//! What can be wrong with the transaction or its database, and what to do about it.

use crate::StoreError;
use crate::store::mysql::fault::{Fault as StoreFault, Kind};

/// Each has its own sentence; those that are the store's too have the store's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Foreign,
    Locked,
    Missing,
    NotDurable,
    ReadOnly,
    Refused,
    RolledBack,
    Server(Kind),
    Unexpected,
}

pub(super) fn told(error: sqlx::Error) -> StoreError {
    Fault::of(&error).to_error().with_source(error)
}

/// Of what the store's means were used for.
pub(super) fn of_session(fault: StoreFault) -> StoreError {
    match Fault::from(fault.kind()) {
        Fault::Server(_) | Fault::Unexpected => fault.into(),
        known => known.to_error(),
    }
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Conflict => Self::RolledBack,
            Kind::Foreign => Self::Foreign,
            Kind::Locked => Self::Locked,
            Kind::Missing => Self::Missing,
            Kind::NoRights => Self::Refused,
            Kind::ReadOnly => Self::ReadOnly,
            Kind::AlreadyThere | Kind::Damaged | Kind::NoAutocommit | Kind::Unexpected => {
                Self::Unexpected
            }
            kind => Self::Server(kind),
        }
    }
}

impl Fault {
    pub(super) fn of(error: &sqlx::Error) -> Self {
        Kind::of(error).into()
    }

    /// What to tell, and whether a new transaction may succeed.
    pub(super) const fn to_error(self) -> StoreError {
        match self {
            Self::Foreign => StoreError::permanent(
                "the table countersign_inbox_1 is not as this version makes it: rename what has its name, then call `MysqlInbox::migrate`",
            ),
            Self::Locked => StoreError::transient(
                "an entry of the inbox stayed locked: if that goes on, look for a transaction that somebody keeps open on countersign_inbox_1",
            ),
            Self::Missing => StoreError::permanent(
                "the table countersign_inbox_1 is missing: make it with `MysqlInbox::migrate`",
            ),
            Self::NotDurable => StoreError::permanent(
                "this server commits without waiting for the disk, which loses acknowledged events: set `innodb_flush_log_at_trx_commit = 1`, and if it keeps a binary log, `sync_binlog = 1`",
            ),
            Self::ReadOnly => StoreError::permanent(
                "the server or the transaction is read-only: claim in one that may write, on the primary server",
            ),
            Self::Refused => StoreError::permanent(
                "this user may not use the inbox: grant it SELECT, INSERT, UPDATE and DELETE on countersign_inbox_1, and CREATE if it is to make that table",
            ),
            Self::RolledBack => StoreError::transient(
                "the server has rolled the whole transaction back for another's sake: commit nothing of it, and ask the sender to retry",
            ),
            Self::Server(kind) => match kind.told() {
                (problem, true) => StoreError::transient(problem),
                (problem, false) => StoreError::permanent(problem),
            },
            Self::Unexpected => {
                StoreError::permanent("the database failed on the inbox; look at the cause")
            }
        }
    }
}
