//! The books: accounts, a ledger of payments, letters to write, and the inbox, all in one
//! database. A folder's file holds them for one engine.

pub(crate) mod mysql;
pub(crate) mod postgres;
pub(crate) mod sqlite;

use core::time::Duration;

use countersign::store::Entry;
use countersign::{KeyId, StoreError};

use crate::payment::Payment;

/// How long events are remembered: longer than the sender's last retry, after five days.
const RETENTION: Duration = Duration::from_secs(7 * 24 * 3600);

/// A server that gives no connection in this time is told to be away.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) enum Books {
    Mysql(mysql::Books),
    Postgres(postgres::Books),
    Sqlite(sqlite::Books),
}

/// Nothing is known: the transaction may have committed or not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    #[error("the inbox failed")]
    Inbox(#[from] StoreError),
}

/// A letter to an account's owner.
pub(crate) struct Letter {
    pub(crate) id: i64,
    pub(crate) account: String,
    pub(crate) text: String,
}

/// What the books come to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Balance {
    pub(crate) payments: i64,
    /// The sum of the ledger.
    pub(crate) ledger_cents: i64,
    /// The sum of the accounts.
    pub(crate) accounts_cents: i64,
    pub(crate) letters_to_write: i64,
}

impl Books {
    /// Enters a payment, unless its event is known. When this has returned `Fresh` or
    /// `Done`, the payment is in the books for good.
    pub(crate) async fn enter(&self, event: KeyId, payment: &Payment) -> Result<Entry, Fault> {
        match self {
            Self::Mysql(books) => books.enter(event, payment).await,
            Self::Postgres(books) => books.enter(event, payment).await,
            Self::Sqlite(books) => books.enter(event, payment).await,
        }
    }

    /// Takes the inbox's ended events away, where entering others does not; how many.
    pub(crate) async fn sweep(&self) -> Result<u64, Fault> {
        match self {
            Self::Mysql(books) => books.sweep().await,
            Self::Postgres(_) | Self::Sqlite(_) => Ok(0),
        }
    }

    pub(crate) async fn letters(&self) -> Result<Vec<Letter>, Fault> {
        let letters = match self {
            Self::Mysql(books) => books.letters().await?,
            Self::Postgres(books) => books.letters().await?,
            Self::Sqlite(books) => books.letters().await?,
        };
        let letter = |(id, account, text)| Letter { id, account, text };
        Ok(letters.into_iter().map(letter).collect())
    }

    pub(crate) async fn written(&self, letter: &Letter) -> Result<(), Fault> {
        match self {
            Self::Mysql(books) => books.written(letter.id).await?,
            Self::Postgres(books) => books.written(letter.id).await?,
            Self::Sqlite(books) => books.written(letter.id).await?,
        }
        Ok(())
    }

    pub(crate) async fn balance(&self) -> Result<Balance, Fault> {
        let (payments, ledger_cents, accounts_cents, letters_to_write) = match self {
            Self::Mysql(books) => books.balance().await?,
            Self::Postgres(books) => books.balance().await?,
            Self::Sqlite(books) => books.balance().await?,
        };
        Ok(Balance {
            payments,
            ledger_cents,
            accounts_cents,
            letters_to_write,
        })
    }
}
