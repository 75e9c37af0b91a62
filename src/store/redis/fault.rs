//! What can be wrong with the server, and what to do about it.

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::StoreError;

/// A fault, and what the server said.
pub(super) struct Fault {
    kind: Kind,
    cause: Option<RedisError>,
}

/// Each kind has its own sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Busy,
    ClusterDown,
    Connection,
    Credentials,
    Evicts,
    Foreign,
    Full,
    Loading,
    Moved,
    NoPermission,
    NoPolicy,
    NoReplicas,
    NotSaving,
    Old,
    Prefix,
    Replica,
    Slow,
    Unexpected,
    WrongType,
}

impl Kind {
    fn of(error: &RedisError) -> Self {
        match error.kind() {
            ErrorKind::AuthenticationFailed => Self::Credentials,
            ErrorKind::Io if error.is_timeout() => Self::Slow,
            ErrorKind::Io => Self::Connection,
            ErrorKind::ClusterConnectionNotFound => Self::ClusterDown,
            ErrorKind::RESP3NotSupported => Self::Old,
            ErrorKind::Server(kind) => match kind {
                ServerErrorKind::BusyLoading => Self::Loading,
                ServerErrorKind::ClusterDown
                | ServerErrorKind::MasterDown
                | ServerErrorKind::TryAgain => Self::ClusterDown,
                ServerErrorKind::Ask | ServerErrorKind::CrossSlot | ServerErrorKind::Moved => {
                    Self::Moved
                }
                ServerErrorKind::NoPerm => Self::NoPermission,
                ServerErrorKind::ReadOnly => Self::Replica,
                ServerErrorKind::ResponseError => Self::of_text(error.detail().unwrap_or_default()),
                _ => Self::Unexpected,
            },
            _ => match error.code() {
                Some("BUSY") => Self::Busy,
                Some("MISCONF") => Self::NotSaving,
                Some("NOAUTH" | "WRONGPASS") => Self::Credentials,
                Some("NOREPLICAS") => Self::NoReplicas,
                Some("OOM") => Self::Full,
                Some("WRONGTYPE") => Self::WrongType,
                _ => Self::Unexpected,
            },
        }
    }

    /// Of what has no code of its own.
    fn of_text(said: &str) -> Self {
        let begins = |with| said.starts_with(with);
        if begins("unknown command") || begins("syntax error") {
            Self::Old
        } else if begins("The user executing the script can't") {
            Self::NoPermission
        } else {
            Self::Unexpected
        }
    }

    /// What to tell, and whether the same step may succeed when asked again.
    const fn told(self) -> (&'static str, bool) {
        match self {
            Self::Busy => (
                "Redis is busy with somebody's script: if that goes on, end it with SCRIPT KILL",
                true,
            ),
            Self::ClusterDown => (
                "the Redis cluster has no node for the key just now: if that goes on, look at CLUSTER INFO",
                true,
            ),
            Self::Connection => (
                "the connection to Redis broke off or could not be made",
                true,
            ),
            Self::Credentials => (
                "Redis does not accept the user or the password: correct them in the connection",
                false,
            ),
            Self::Evicts => (
                "this Redis may evict claims when its memory is full: set maxmemory-policy to noeviction, or accept that events run again and replays pass, with `insecure_allow_eviction`",
                false,
            ),
            Self::Foreign => (
                "under the key of an event stands what this version of the store did not write: give the store a prefix of its own, or use the version that wrote it",
                false,
            ),
            Self::Full => (
                "the memory of Redis is full, and new events are refused: raise maxmemory, or remember events for a shorter time",
                false,
            ),
            Self::Loading => ("Redis is still loading its data", true),
            Self::Moved => (
                "this Redis is a node of a cluster, and the key is on another one: give the store a connection to the cluster",
                false,
            ),
            Self::NoPermission => (
                "this user of Redis may not run a command of the store: allow it INFO, SET, GET, EVALSHA, EVAL, TIME, PTTL, PEXPIRE and SETRANGE, on keys with the store's prefix",
                false,
            ),
            Self::NoPolicy => (
                "Redis does not say whether it evicts keys: if it never does, say so with `insecure_allow_eviction`",
                false,
            ),
            Self::NoReplicas => (
                "Redis has fewer replicas than its min-replicas-to-write, and refuses to write",
                true,
            ),
            Self::NotSaving => (
                "Redis cannot save its data, and refuses to write: look at its log and its disk",
                false,
            ),
            Self::Old => (
                "this Redis does not know a command of the store: use Redis 7.0 or later, or Valkey",
                false,
            ),
            Self::Prefix => (
                "the prefix of the keys is empty or holds a brace: braces would put all keys of a cluster on one node",
                false,
            ),
            Self::Replica => (
                "this Redis is a replica, which may not be written to: connect to its primary",
                false,
            ),
            Self::Slow => (
                "Redis did not answer within the connection's time-out",
                true,
            ),
            Self::Unexpected => ("Redis answered something unexpected", false),
            Self::WrongType => (
                "under the key of an event stands something of another kind: give the store a prefix of its own",
                false,
            ),
        }
    }
}

impl From<Kind> for Fault {
    fn from(kind: Kind) -> Self {
        Self { kind, cause: None }
    }
}

impl From<RedisError> for Fault {
    fn from(error: RedisError) -> Self {
        Self {
            kind: Kind::of(&error),
            cause: Some(error),
        }
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        let (problem, is_transient) = fault.kind.told();
        let error = if is_transient {
            Self::transient(problem)
        } else {
            Self::permanent(problem)
        };
        match fault.cause {
            Some(cause) => error.with_source(cause),
            None => error,
        }
    }
}
