//! What can be wrong with the database, and what to do about it.

use sqlx::error::DatabaseError;
use sqlx::postgres::{PgDatabaseError, PgSeverity};

use crate::store::fault;

pub(super) type Fault = fault::Fault<Kind>;

/// Each kind has its own sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    Conflict,
    Credentials,
    Crowded,
    Foreign,
    Full,
    GivenUp,
    Missing,
    NewerVersion,
    NoDatabase,
    NoRights,
    OutOfReach,
    PoolClosed,
    PoolTimedOut,
    Pooler,
    ReadOnly,
    Refused,
    Starting,
    Unexpected,
    Unreadable,
}

impl fault::Kind for Kind {
    const CONFLICT: Self = Self::Conflict;
    const OUT_OF_REACH: Self = Self::OutOfReach;
    const POOL_CLOSED: Self = Self::PoolClosed;
    const POOL_TIMED_OUT: Self = Self::PoolTimedOut;
    const UNEXPECTED: Self = Self::Unexpected;

    fn of_answer(answer: &dyn DatabaseError) -> Self {
        let answer = answer.try_downcast_ref::<PgDatabaseError>();
        answer.map_or(Self::Unexpected, |answer| {
            Self::of_state(answer.code(), answer.severity())
        })
    }

    /// One to a server that became read-only does not count: a new one may lead to the
    /// server that took its place.
    fn leaves_the_connection(self) -> bool {
        matches!(self, Self::Conflict | Self::GivenUp)
    }

    fn told(self) -> (&'static str, bool) {
        Self::told(self)
    }
}

impl Kind {
    /// By the standard's code for what went wrong (SQLSTATE).
    fn of_state(code: &str, severity: PgSeverity) -> Self {
        let is_fatal = !matches!(severity, PgSeverity::Error);
        match code {
            // Poolers end a connection with this code; a server says by it that a
            // statement is not the one that was prepared.
            "08P01" if !is_fatal => Self::Pooler,
            "26000" | "42P05" => Self::Pooler,
            "25006" => Self::ReadOnly,
            "3D000" => Self::NoDatabase,
            "42501" => Self::NoRights,
            "42P01" => Self::Missing,
            "42703" | "42804" | "42809" | "42883" | "42P07" | "42P10" => Self::Foreign,
            "53100" => Self::Full,
            "53300" => Self::Crowded,
            "55P03" | "57014" => Self::GivenUp,
            "57P01" | "57P02" | "57P03" => Self::Starting,
            _ => match code.get(..2) {
                Some("08" | "57") => Self::OutOfReach,
                Some("28") => Self::Credentials,
                Some("40") => Self::Conflict,
                Some("53") => Self::Refused,
                _ => Self::Unexpected,
            },
        }
    }

    /// What to tell, and whether the same step may succeed when asked again.
    const fn told(self) -> (&'static str, bool) {
        match self {
            Self::Conflict => (
                "others changed the same event each time it was looked at",
                true,
            ),
            Self::Credentials => (
                "PostgreSQL refused the user: check the name and the password, and that pg_hba.conf lets this host in",
                false,
            ),
            Self::Crowded => (
                "the PostgreSQL server takes no more connections: raise its `max_connections`, or make the pools smaller",
                true,
            ),
            Self::Foreign => (
                "the table countersign_claim is not this store's, and was left as it is: give the store a schema of its own, first in the search path",
                false,
            ),
            Self::Full => (
                "the PostgreSQL server has no room left on its disk: free some",
                false,
            ),
            Self::GivenUp => (
                "PostgreSQL gave the statement up, for a lock or a time limit: if that goes on, look for long transactions on the table countersign_claim",
                true,
            ),
            Self::Missing => (
                "the table countersign_claim is missing: make it with `PostgresStore::migrate`, or check the database's name and the search path",
                false,
            ),
            Self::NewerVersion => (
                "the table countersign_claim was made by a newer version of countersign: use that version or a later one",
                false,
            ),
            Self::NoDatabase => (
                "the database does not exist: create it, or correct its name",
                false,
            ),
            Self::NoRights => (
                "the user lacks rights: grant SELECT, INSERT, UPDATE and DELETE on the table countersign_claim; to make it, CREATE on its schema",
                false,
            ),
            Self::OutOfReach => (
                "the connection to the PostgreSQL server failed: see that it runs and can be reached",
                true,
            ),
            Self::PoolClosed => (
                "the pool of connections was closed: give the store one that stays open as long as it is used",
                false,
            ),
            Self::PoolTimedOut => (
                "no connection to PostgreSQL became free or could be made in time: see that the server runs and takes more connections, or give the pool more",
                true,
            ),
            Self::Pooler => (
                "the server does not know the statement that was prepared on this connection: behind a pooler that changes servers, open the store with `PostgresStoreBuilder::prepared(false)`",
                false,
            ),
            Self::ReadOnly => (
                "the database is read-only: connect to the primary server, as a user whose transactions may write",
                false,
            ),
            Self::Refused => (
                "the PostgreSQL server has no memory or other means left for the statement",
                true,
            ),
            Self::Starting => ("the PostgreSQL server is starting or shutting down", true),
            Self::Unexpected => ("PostgreSQL answered something unexpected", false),
            Self::Unreadable => (
                "the table countersign_claim holds what no store wrote: look for another program that writes to it",
                false,
            ),
        }
    }
}
