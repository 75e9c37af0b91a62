//! A fault of a database behind a pool: what was found, and its cause.

use alloc::sync::Arc;

use sqlx::error::DatabaseError;

use crate::StoreError;

/// One fault may be told to many callers.
#[derive(Clone, Debug)]
pub(super) struct Fault<K> {
    kind: K,
    cause: Option<Arc<sqlx::Error>>,
}

/// What a database can find wrong; each kind has its own sentence.
pub(super) trait Kind: Copy + PartialEq {
    /// The server gave the step up for another's sake, and has undone it.
    const CONFLICT: Self;
    const OUT_OF_REACH: Self;
    const POOL_CLOSED: Self;
    const POOL_TIMED_OUT: Self;
    const UNEXPECTED: Self;

    /// By what the server says.
    fn of_answer(answer: &dyn DatabaseError) -> Self;

    /// Whether the connection may still be used.
    fn leaves_the_connection(self) -> bool;

    /// What to tell, and whether the same step may succeed when asked again.
    fn told(self) -> (&'static str, bool);
}

pub(super) fn of<K: Kind>(error: &sqlx::Error) -> K {
    match error {
        sqlx::Error::Database(answer) => K::of_answer(answer.as_ref()),
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::WorkerCrashed => K::OUT_OF_REACH,
        sqlx::Error::PoolClosed => K::POOL_CLOSED,
        sqlx::Error::PoolTimedOut => K::POOL_TIMED_OUT,
        _ => K::UNEXPECTED,
    }
}

impl<K: Kind> Fault<K> {
    pub(super) const fn kind(&self) -> K {
        self.kind
    }

    /// Whether the step may be begun anew.
    pub(super) fn is_undone(&self) -> bool {
        self.kind == K::CONFLICT
    }
}

impl<K: Kind> From<K> for Fault<K> {
    fn from(kind: K) -> Self {
        Self { kind, cause: None }
    }
}

impl<K: Kind> From<sqlx::Error> for Fault<K> {
    fn from(error: sqlx::Error) -> Self {
        Self {
            kind: of(&error),
            cause: Some(Arc::new(error)),
        }
    }
}

impl<K: Kind> From<Fault<K>> for StoreError {
    fn from(Fault { kind, cause }: Fault<K>) -> Self {
        let (problem, is_transient) = kind.told();
        let error = if is_transient {
            Self::transient(problem)
        } else {
            Self::permanent(problem)
        };
        match cause {
            Some(cause) => error.with_source(cause),
            None => error,
        }
    }
}
