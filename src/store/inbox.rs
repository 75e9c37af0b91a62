//! The inbox: an event is done when the transaction that holds its effect commits.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "mysql")]
pub use mysql::MysqlInbox;
#[cfg(feature = "postgres")]
pub use postgres::PostgresInbox;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteInbox;

/// What an inbox knows of an event, within the caller's transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "only a fresh event is to be processed"]
#[non_exhaustive]
pub enum Entry {
    /// It is new. It is done when this transaction commits, and was never here if it
    /// does not.
    Fresh,
    /// It is done: acknowledge it.
    Done,
    /// It is done, with another body: acknowledge it, and look at both bodies.
    Reused,
    /// Another transaction has it, or keeps this one from finding out: ask the sender to
    /// retry.
    InProgress,
}

#[cfg(any(feature = "mysql", feature = "sqlite"))]
impl Entry {
    /// Of an event that is known, with this body's digest if that is known.
    fn of_known(known: Option<&[u8]>, given: Option<&[u8]>) -> Self {
        match (known, given) {
            (Some(known), Some(given)) if known != given => Self::Reused,
            _ => Self::Done,
        }
    }
}
