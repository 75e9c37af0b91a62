//! What can be wrong with the server or the table, and what to do about it.

use sqlx::error::DatabaseError;
use sqlx::mysql::MySqlDatabaseError;

use crate::store::fault;

pub(in crate::store) type Fault = fault::Fault<Kind>;

/// Each kind has its own sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    /// The row was there before: no fault, if one asks for it.
    AlreadyThere,
    Conflict,
    Credentials,
    Crowded,
    Damaged,
    Foreign,
    Full,
    Host,
    Killed,
    Locked,
    Missing,
    NewerVersion,
    NoAutocommit,
    NoDatabase,
    NoRights,
    NotInnodb,
    OutOfReach,
    PoolClosed,
    PoolTimedOut,
    ReadOnly,
    TooLarge,
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
        let answer = answer.try_downcast_ref::<MySqlDatabaseError>();
        answer.map_or(Self::Unexpected, |answer| Self::numbered(answer.number()))
    }

    /// One to a server that became read-only does not count: a new one may lead to the
    /// server that took its place.
    fn leaves_the_connection(self) -> bool {
        matches!(self, Self::AlreadyThere | Self::Conflict | Self::Locked)
    }

    fn told(self) -> (&'static str, bool) {
        Self::told(self)
    }
}

impl Kind {
    pub(in crate::store) fn of(error: &sqlx::Error) -> Self {
        fault::of(error)
    }

    /// By the servers' own numbers; those from 1900 on are not the same in both.
    const fn numbered(number: u16) -> Self {
        match number {
            1062 => Self::AlreadyThere,
            // A deadlock, and a snapshot that is older than the row.
            1020 | 1213 => Self::Conflict,
            1045 | 1698 => Self::Credentials,
            1040 | 1203 | 1226 => Self::Crowded,
            126 | 127 | 145 | 1034 | 1035 | 1194 | 1195 | 1712 | 1932 => Self::Damaged,
            1054 | 1136 => Self::Foreign,
            28 | 1021 | 1114 => Self::Full,
            1129 | 1130 => Self::Host,
            // Also a Galera node that is not ready.
            1047 | 1053 | 1158..=1161 | 1184 | 1317 | 1927 | 1969 | 3024 | 3168 | 3169 | 4031 => {
                Self::Killed
            }
            1205 | 3572 => Self::Locked,
            1146 => Self::Missing,
            // A fence is null only where a statement would not commit by itself.
            1048 => Self::NoAutocommit,
            1046 | 1049 => Self::NoDatabase,
            1044 | 1142 | 1143 | 1227 | 1370 => Self::NoRights,
            1036 | 1223 | 1290 | 1792 | 1836 | 1874 => Self::ReadOnly,
            1153 => Self::TooLarge,
            _ => Self::Unexpected,
        }
    }

    /// What to tell, and whether the same step may succeed when asked again.
    pub(in crate::store) const fn told(self) -> (&'static str, bool) {
        match self {
            Self::AlreadyThere | Self::Conflict => (
                "others kept changing the same event in MySQL; it may be asked again",
                true,
            ),
            Self::Credentials => (
                "MySQL refused the user or its password: correct them in the pool's options",
                false,
            ),
            Self::Crowded => (
                "MySQL takes no more connections: give the pool fewer, or raise the server's `max_connections` or the user's limit",
                true,
            ),
            Self::Damaged => (
                "the table countersign_claim is damaged: look at the server's log, and restore it or make it anew, which runs events again that were done",
                false,
            ),
            Self::Foreign => (
                "there is a table countersign_claim that this store did not make, and it was left as it is: give the store a database of its own",
                false,
            ),
            Self::Full => (
                "MySQL has no room left for the claims: free some on its disk",
                false,
            ),
            Self::Host => (
                "MySQL does not let this host in: grant the user access from it, or unblock it with FLUSH HOSTS",
                false,
            ),
            Self::Killed => (
                "MySQL gave up on the statement, or is shutting down: if that goes on, look at its log",
                true,
            ),
            Self::Locked => (
                "the event's record stayed locked: if that goes on, look for a transaction that somebody keeps open on countersign_claim",
                true,
            ),
            Self::Missing => (
                "the table countersign_claim is missing: make it with `MysqlStore::migrate`, or connect to the database that has it",
                false,
            ),
            Self::NewerVersion => (
                "the table countersign_claim was made by a newer version of countersign, and was left as it is: use that version or a later one",
                false,
            ),
            Self::NoAutocommit => (
                "the pool's connections do not commit by themselves, so that a claim would be lost: leave `autocommit` on",
                false,
            ),
            Self::NoDatabase => (
                "the database does not exist, or none was named: make it, and name it in the pool's options",
                false,
            ),
            Self::NoRights => (
                "the user lacks a right in MySQL: grant it SELECT, INSERT, UPDATE and DELETE on countersign_claim, and CREATE to make it",
                false,
            ),
            Self::NotInnodb => (
                "the table countersign_claim has another engine than InnoDB, which alone keeps claims through a crash: change it with ALTER TABLE",
                false,
            ),
            Self::OutOfReach => (
                "the connection to MySQL failed or broke off: see that the server runs and can be reached",
                true,
            ),
            Self::PoolClosed => ("the pool of connections to MySQL was closed", false),
            Self::PoolTimedOut => (
                "no connection to MySQL became free or could be made in time: see that the server runs, or give the pool more connections",
                true,
            ),
            Self::ReadOnly => (
                "MySQL is read-only here: connect to the server that takes writes",
                false,
            ),
            Self::TooLarge => (
                "MySQL refused the size of a kept reply: raise its `max_allowed_packet`",
                false,
            ),
            Self::Unexpected => (
                "MySQL answered something unexpected: look at the cause",
                false,
            ),
            Self::Unreadable => (
                "a record in countersign_claim is none that this store can have written",
                false,
            ),
        }
    }
}
