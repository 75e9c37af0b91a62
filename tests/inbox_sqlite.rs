//! The inbox in an SQLite database: event and effect commit together or not at all.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::Timestamp;
use countersign::store::{Entry, SqliteInbox};
use countersign::testing::FakeClock;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::folder::Folder;
use crate::random::Random;
use crate::requests::{RETENTION, id};

#[path = "common/folder.rs"]
mod folder;
#[path = "inbox_sqlite/messages.rs"]
mod messages;
#[path = "common/random.rs"]
mod random;
#[path = "common/requests.rs"]
mod requests;
#[path = "common/sentence.rs"]
mod sentence;

const IMMEDIATE: &str = "BEGIN IMMEDIATE";

fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(20))
}

async fn pool(options: SqliteConnectOptions) -> SqlitePool {
    let pool = SqlitePoolOptions::new().max_connections(4);
    pool.connect_with(options).await.unwrap()
}

/// An empty inbox, and a table of money.
async fn shop(folder: &Folder) -> (SqlitePool, SqliteInbox) {
    let pool = pool(options(&folder.file())).await;
    let inbox = SqliteInbox::new(RETENTION);
    inbox.migrate(&pool).await.unwrap();
    inbox.migrate(&pool).await.unwrap();
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS booking (event INTEGER NOT NULL, cents INTEGER NOT NULL)",
    )
    .execute(&pool)
    .await
    .unwrap();
    (pool, inbox)
}

/// As a handler would: true if the event is done when this returns.
async fn book(pool: &SqlitePool, inbox: &SqliteInbox, event: u64) -> Result<Entry, sqlx::Error> {
    let mut transaction = pool.begin_with(IMMEDIATE).await?;
    let entry = inbox
        .claim(&mut transaction, id(event), None)
        .await
        .unwrap();
    if entry == Entry::Fresh {
        sqlx::query("INSERT INTO booking (event, cents) VALUES (?, 5)")
            .bind(event.cast_signed())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    Ok(entry)
}

async fn number(pool: &SqlitePool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn an_event_is_fresh_once_and_done_when_committed() {
    let folder = Folder::new();
    let (pool, inbox) = shop(&folder).await;
    for (event, entry) in [
        (1, Entry::Fresh),
        (1, Entry::Done),
        (2, Entry::Fresh),
        (1, Entry::Done),
    ] {
        assert_eq!(book(&pool, &inbox, event).await.unwrap(), entry);
    }
    assert_eq!(number(&pool, "SELECT sum(cents) FROM booking").await, 10);
}

#[tokio::test]
async fn a_transaction_that_does_not_commit_leaves_no_event() {
    let folder = Folder::new();
    let (pool, inbox) = shop(&folder).await;
    for _ in 0..2 {
        let mut transaction = pool.begin_with(IMMEDIATE).await.unwrap();
        let entry = inbox.claim(&mut transaction, id(1), None).await.unwrap();
        assert_eq!(entry, Entry::Fresh);
        let again = inbox.claim(&mut transaction, id(1), None).await.unwrap();
        assert_eq!(again, Entry::Done, "within the transaction it is");
        drop(transaction);
    }
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Fresh);
}

#[tokio::test]
async fn another_body_is_told_where_both_digests_are_known() {
    let folder = Folder::new();
    let (pool, inbox) = shop(&folder).await;
    let mut transaction = pool.begin_with(IMMEDIATE).await.unwrap();
    for (digest, entry) in [
        (Some([1; 32]), Entry::Fresh),
        (Some([1; 32]), Entry::Done),
        (Some([2; 32]), Entry::Reused),
        (None, Entry::Done),
    ] {
        let found = inbox.claim(&mut transaction, id(1), digest).await.unwrap();
        assert_eq!(found, entry);
    }
}

#[tokio::test]
async fn an_event_is_remembered_for_exactly_its_retention_and_goes_by_itself() {
    let folder = Folder::new();
    let (pool, inbox) = shop(&folder).await;
    let clock = Arc::new(FakeClock::at(Timestamp::from_unix_seconds(1_000_000_000)));
    let inbox = inbox.clock(Arc::clone(&clock) as _);
    for event in 0..300 {
        assert_eq!(book(&pool, &inbox, event).await.unwrap(), Entry::Fresh);
    }
    clock.advance(time::Duration::milliseconds(99_999));
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Done);
    clock.advance(time::Duration::milliseconds(1));
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Fresh);
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Done);
    for event in 1_000..1_300 {
        assert_eq!(book(&pool, &inbox, event).await.unwrap(), Entry::Fresh);
    }
    let left = number(&pool, "SELECT count(*) FROM countersign_inbox_1").await;
    assert!((301..=320).contains(&left), "{left}");
}

#[tokio::test]
async fn what_would_lose_events_is_refused() {
    let folder = Folder::new();
    let (_pool, inbox) = shop(&folder).await;
    let journal = |name: &str, mode| options(&folder.path().join(name)).journal_mode(mode);
    let lossy = [
        options(&folder.file()).synchronous(SqliteSynchronous::Normal),
        options(&folder.file()).synchronous(SqliteSynchronous::Off),
        journal("memory", SqliteJournalMode::Memory),
        journal("off", SqliteJournalMode::Off),
        journal("deleted", SqliteJournalMode::Delete).synchronous(SqliteSynchronous::Full),
        journal("truncated", SqliteJournalMode::Truncate).synchronous(SqliteSynchronous::Normal),
    ];
    for options in lossy {
        let pool = pool(options).await;
        inbox.migrate(&pool).await.unwrap();
        let mut transaction = pool.begin_with(IMMEDIATE).await.unwrap();
        let refused = inbox
            .claim(&mut transaction, id(1), None)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("without waiting"), "{refused}");
        assert!(!refused.is_transient());
    }
    let lasting = [
        journal("wal", SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full),
        journal("kept", SqliteJournalMode::Persist).synchronous(SqliteSynchronous::Full),
        journal("cut", SqliteJournalMode::Truncate).synchronous(SqliteSynchronous::Full),
        journal("unlinked", SqliteJournalMode::Delete).synchronous(SqliteSynchronous::Extra),
    ];
    for options in lasting {
        let pool = pool(options).await;
        inbox.migrate(&pool).await.unwrap();
        let mut transaction = pool.begin_with(IMMEDIATE).await.unwrap();
        let entry = inbox.claim(&mut transaction, id(1), None).await.unwrap();
        assert_eq!(entry, Entry::Fresh);
    }
}

#[tokio::test]
async fn an_event_that_another_transaction_holds_is_in_progress_at_once() {
    let folder = Folder::new();
    let (pool, inbox) = shop(&folder).await;
    let mut holder = pool.begin_with(IMMEDIATE).await.unwrap();
    let entry = inbox.claim(&mut holder, id(1), None).await.unwrap();
    assert_eq!(entry, Entry::Fresh);
    let hasty = self::pool(options(&folder.file()).busy_timeout(Duration::ZERO)).await;
    let mut other = hasty.begin().await.unwrap();
    let entry = inbox.claim(&mut other, id(1), None).await.unwrap();
    assert_eq!(entry, Entry::InProgress);
    holder.commit().await.unwrap();
    let entry = inbox.claim(&mut other, id(1), None).await.unwrap();
    assert_eq!(entry, Entry::Done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_transactions_at_once_one_books() {
    let folder = Folder::new();
    let (pool, inbox) = shop(&folder).await;
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..64_u64 {
        let (pool, inbox) = (pool.clone(), inbox.clone());
        workers.spawn(async move { book(&pool, &inbox, worker % 4).await.unwrap() });
    }
    let entries = workers.join_all().await;
    let fresh = entries.iter().filter(|entry| **entry == Entry::Fresh);
    assert_eq!(fresh.count(), 4);
    assert_eq!(number(&pool, "SELECT count(*) FROM booking").await, 4);
}

// ---- kill -9 ----

const FOLDER: &str = "COUNTERSIGN_INBOX";
const EVENTS: u64 = 1_000_000;

/// Not a test by itself: books events, some of them twice, until it is killed.
#[tokio::test]
async fn worker() {
    let Ok(file) = std::env::var(FOLDER) else {
        return;
    };
    let pool = pool(options(Path::new(&file))).await;
    let inbox = SqliteInbox::new(Duration::from_secs(3600));
    let mut event = number(&pool, "SELECT coalesce(max(event), 0) FROM booking").await;
    while event.cast_unsigned() < EVENTS {
        // The sender comes again with what it does not know to be done.
        for again in (event - 5).max(0)..=event + 1 {
            let booked = book(&pool, &inbox, again.cast_unsigned()).await;
            let _ = booked.unwrap();
        }
        event += 1;
    }
}

#[tokio::test]
async fn killed_workers_lose_no_event_and_book_none_twice() {
    let folder = Folder::new();
    let (pool, inbox) = shop(&folder).await;
    let start = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["worker", "--exact"])
            .env(FOLDER, folder.file())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut running = [start(), start()];
    let random = Random::new(99);
    let mut kills = 0;
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        tokio::time::sleep(Duration::from_millis(20 + random.below(60))).await;
        let child = &mut running[kills % 2];
        child.kill().unwrap();
        child.wait().unwrap();
        *child = start();
        kills += 1;
    }
    for child in &mut running {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // Whatever the inbox calls done is booked once, and nothing else is booked.
    let last = number(&pool, "SELECT max(event) FROM booking").await;
    let mut lost = 0;
    for event in 0..=last {
        let entry = book(&pool, &inbox, event.cast_unsigned()).await.unwrap();
        lost += usize::from(entry == Entry::Fresh);
    }
    let twice = number(
        &pool,
        "SELECT count(*) FROM (SELECT event FROM booking GROUP BY event HAVING count(*) > 1)",
    )
    .await;
    let booked = number(&pool, "SELECT count(*) FROM booking").await;
    let entered = number(&pool, "SELECT count(*) FROM countersign_inbox_1").await;
    println!(
        "{kills} kills, {} events: {lost} lost, {twice} booked twice",
        last + 1
    );
    assert_eq!((lost, twice), (0, 0));
    assert_eq!(booked, entered);
    assert!(kills > 10 && booked > 20, "{kills} {booked}");
}
