//! The books, read past the example, beside what was sent.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;

use sqlx::{Connection, MySqlConnection, PgConnection, SqliteConnection};

use crate::trade::{Trade, account, cents, event};

/// What the database holds.
pub(crate) struct Books {
    /// Event, account and cents of each entry.
    ledger: Vec<(String, String, i64)>,
    accounts: BTreeMap<String, i64>,
    letters: i64,
    entered: i64,
}

const LEDGER: &str = "SELECT event, account, cents FROM payment";
const ACCOUNTS: &str = "SELECT name, cents FROM account";
const LETTERS: &str = "SELECT count(*) FROM letter";
const ENTERED: &str = "SELECT count(*) FROM countersign_inbox_1";

/// The same questions to each engine.
macro_rules! read {
    ($database:expr) => {{
        let mut database = $database.unwrap();
        let ledger = sqlx::query_as(LEDGER).fetch_all(&mut database).await;
        let accounts = sqlx::query_as(ACCOUNTS).fetch_all(&mut database).await;
        let accounts: Vec<(String, i64)> = accounts.unwrap();
        let letters = sqlx::query_scalar(LETTERS).fetch_one(&mut database).await;
        let entered = sqlx::query_scalar(ENTERED).fetch_one(&mut database).await;
        Books {
            ledger: ledger.unwrap(),
            accounts: accounts.into_iter().collect(),
            letters: letters.unwrap(),
            entered: entered.unwrap(),
        }
    }};
}

pub(crate) async fn sqlite(file: &Path) -> Books {
    let url = format!("sqlite://{}", file.display());
    read!(SqliteConnection::connect(&url).await)
}

pub(crate) async fn postgres(url: &str) -> Books {
    read!(PgConnection::connect(url).await)
}

pub(crate) async fn mysql(url: &str) -> Books {
    read!(MySqlConnection::connect(url).await)
}

impl Books {
    pub(crate) fn compare(&self, engine: &str, trade: &Trade) {
        let payments = trade.payments.load(Ordering::SeqCst);
        let mut entries: BTreeMap<&str, u32> = BTreeMap::new();
        for (event, ..) in &self.ledger {
            *entries.entry(event).or_default() += 1;
        }
        let lost = (0..payments)
            .filter(|&payment| !entries.contains_key(event(payment).as_str()))
            .count();
        let twice = entries.values().filter(|&&entries| entries > 1).count();
        println!("{engine}: {payments} payments acknowledged: {lost} lost, {twice} entered twice");
        assert_eq!((lost, twice), (0, 0));

        let mut sent: Vec<_> = (0..payments)
            .map(|payment| (event(payment), account(payment), cents(payment)))
            .collect();
        let mut ledger = self.ledger.clone();
        sent.sort();
        ledger.sort();
        assert_eq!(ledger, sent);
        let mut balances = BTreeMap::new();
        for (_, account, cents) in sent {
            *balances.entry(account).or_default() += cents;
        }
        assert_eq!(self.accounts, balances);
        assert_eq!(self.letters, payments.cast_signed());
        assert_eq!(self.entered, payments.cast_signed());
    }
}
