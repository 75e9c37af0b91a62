//! The inbox in MariaDB: the event and its effect commit together or not at all.
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

#[path = "common/server.rs"]
mod server;

use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use countersign::store::{Entry, MysqlInbox};
use countersign::{KeyId, StoreError};
use server::Mariadb;
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, MySqlPool};

const RETENTION: Duration = Duration::from_secs(100);
/// Told without waiting, on a machine with much else to do.
const AT_ONCE: Duration = Duration::from_millis(900);

fn id(key: u64) -> KeyId {
    let spread = u128::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    KeyId::from_bytes(spread.to_be_bytes())
}

async fn pool(options: MySqlConnectOptions) -> MySqlPool {
    let pool = MySqlPoolOptions::new().max_connections(16);
    pool.connect_with(options).await.unwrap()
}

async fn run(pool: &MySqlPool, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    sqlx::raw_sql(statements).execute(pool).await.unwrap();
}

async fn number(pool: &MySqlPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

/// A database of its own on the server that the tests share.
async fn database() -> MySqlConnectOptions {
    static SERVER: OnceLock<Mariadb> = OnceLock::new();
    static MADE: AtomicU32 = AtomicU32::new(0);
    let server = SERVER.get_or_init(Mariadb::start);
    let options: MySqlConnectOptions = server.url().parse().unwrap();
    let name = format!("test_{}", MADE.fetch_add(1, Ordering::SeqCst));
    let root = pool(options.clone()).await;
    run(&root, &format!("CREATE DATABASE {name}")).await;
    root.close().await;
    options.database(&name)
}

/// An empty inbox, and a table of money.
async fn shop(options: MySqlConnectOptions) -> (MySqlPool, MysqlInbox) {
    let pool = pool(options).await;
    let inbox = MysqlInbox::new(RETENTION);
    inbox.create_table(&pool).await.unwrap();
    inbox.create_table(&pool).await.unwrap();
    run(
        &pool,
        "CREATE TABLE IF NOT EXISTS booking (event BIGINT NOT NULL, cents BIGINT NOT NULL)",
    )
    .await;
    (pool, inbox)
}

/// As a handler would: the event is done when this returns `Fresh` or `Done`.
async fn book(pool: &MySqlPool, inbox: &MysqlInbox, event: u64) -> Result<Entry, StoreError> {
    let failed = |error: sqlx::Error| StoreError::transient("the shop failed").with_source(error);
    let mut transaction = pool.begin().await.map_err(failed)?;
    let entry = inbox.claim(&mut transaction, id(event), None).await;
    if entry.as_ref().ok() == Some(&Entry::Fresh) {
        sqlx::query("INSERT INTO booking (event, cents) VALUES (?, 5)")
            .bind(event)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
    }
    let ended = match &entry {
        Ok(Entry::InProgress) | Err(_) => transaction.rollback().await,
        Ok(_) => transaction.commit().await,
    };
    ended.map_err(failed)?;
    entry
}

fn says<T>(told: Result<T, StoreError>, problem: &str, is_transient: bool) {
    let Err(error) = told else {
        panic!("nothing was said of: {problem}");
    };
    let text = error.to_string();
    assert!(text.contains(problem), "{text}: {error:?}");
    assert_eq!(error.is_transient(), is_transient, "{text}");
}

#[tokio::test]
async fn an_event_is_fresh_once_and_done_when_committed() {
    let (pool, inbox) = shop(database().await).await;
    for (event, entry) in [
        (1, Entry::Fresh),
        (1, Entry::Done),
        (2, Entry::Fresh),
        (1, Entry::Done),
    ] {
        assert_eq!(book(&pool, &inbox, event).await.unwrap(), entry);
    }
    let sum = "SELECT CAST(SUM(cents) AS SIGNED) FROM booking";
    assert_eq!(number(&pool, sum).await, 10);
}

#[tokio::test]
async fn a_transaction_that_does_not_commit_leaves_no_event() {
    let (pool, inbox) = shop(database().await).await;
    for _ in 0..2 {
        let mut transaction = pool.begin().await.unwrap();
        let entry = inbox.claim(&mut transaction, id(1), None).await.unwrap();
        assert_eq!(entry, Entry::Fresh);
        let again = inbox.claim(&mut transaction, id(1), None).await.unwrap();
        assert_eq!(again, Entry::Done, "within the transaction it is");
        transaction.rollback().await.unwrap();
    }
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Fresh);
}

#[tokio::test]
async fn another_body_is_told_where_both_digests_are_known() {
    let (pool, inbox) = shop(database().await).await;
    let mut transaction = pool.begin().await.unwrap();
    for (event, digest, entry) in [
        (1, Some([1; 32]), Entry::Fresh),
        (1, Some([1; 32]), Entry::Done),
        (1, Some([2; 32]), Entry::Reused),
        (1, None, Entry::Done),
        (2, None, Entry::Fresh),
        (2, Some([2; 32]), Entry::Done),
    ] {
        let found = inbox.claim(&mut transaction, id(event), digest).await;
        assert_eq!(found.unwrap(), entry);
    }
}

#[tokio::test]
async fn an_event_is_remembered_for_exactly_its_retention() {
    let (pool, inbox) = shop(database().await).await;
    let book_at = async |micros: u64, digest: u8| {
        let mut transaction = pool.begin().await.unwrap();
        let (seconds, micros) = (1_000_000_000 + micros / 1_000_000, micros % 1_000_000);
        let set = format!("SET timestamp = {seconds}.{micros:06}");
        sqlx::raw_sql(AssertSqlSafe(set))
            .execute(&mut *transaction)
            .await
            .unwrap();
        let entry = inbox
            .claim(&mut transaction, id(1), Some([digest; 32]))
            .await;
        transaction.commit().await.unwrap();
        entry.unwrap()
    };
    assert_eq!(book_at(0, 1).await, Entry::Fresh);
    assert_eq!(book_at(99_999_999, 1).await, Entry::Done);
    assert_eq!(book_at(100_000_000, 2).await, Entry::Fresh);
    assert_eq!(book_at(100_000_000, 2).await, Entry::Done);
    assert_eq!(book_at(199_999_999, 1).await, Entry::Reused);
    assert_eq!(book_at(200_000_000, 1).await, Entry::Fresh);
}

#[tokio::test]
async fn ended_events_are_swept_on_request_and_live_ones_stay() {
    let (pool, inbox) = shop(database().await).await;
    let entries = "INSERT INTO countersign_inbox_1 \
        SELECT UNHEX(MD5(seq)), IF(seq % 3 = 0, 1, 1 << 60), 0, NULL FROM seq_1_to_3000";
    run(&pool, entries).await;
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Fresh);
    // A live entry that somebody holds is in nobody's way.
    let mut holder = pool.begin().await.unwrap();
    let entry = inbox.claim(&mut holder, id(2), None).await.unwrap();
    assert_eq!(entry, Entry::Fresh);
    assert_eq!(inbox.sweep(&pool).await.unwrap(), 1_000);
    assert_eq!(inbox.sweep(&pool).await.unwrap(), 0);
    holder.commit().await.unwrap();
    assert_eq!(
        number(&pool, "SELECT COUNT(*) FROM countersign_inbox_1").await,
        2_002
    );
    for event in [1, 2] {
        assert_eq!(book(&pool, &inbox, event).await.unwrap(), Entry::Done);
    }
}

/// What the transaction waits for otherwise is as it was, whatever a claim came to.
#[tokio::test]
async fn an_event_that_another_transaction_holds_is_in_progress_at_once() {
    let (pool, inbox) = shop(database().await).await;
    for (event, isolation) in [
        "READ UNCOMMITTED",
        "READ COMMITTED",
        "REPEATABLE READ",
        "SERIALIZABLE",
    ]
    .iter()
    .enumerate()
    {
        let (kept, given_back) = (event as u64 * 2, event as u64 * 2 + 1);
        let mut holder = pool.begin().await.unwrap();
        for event in [kept, given_back] {
            let entry = inbox.claim(&mut holder, id(event), None).await.unwrap();
            assert_eq!(entry, Entry::Fresh);
        }
        let mut other = pool.acquire().await.unwrap();
        let begin = format!(
            "SET innodb_lock_wait_timeout = 7; SET TRANSACTION ISOLATION LEVEL {isolation}"
        );
        sqlx::raw_sql(AssertSqlSafe(begin))
            .execute(&mut *other)
            .await
            .unwrap();
        let mut other = sqlx::Connection::begin(&mut *other).await.unwrap();
        // What the transaction has seen and done before stands.
        sqlx::raw_sql("SELECT COUNT(*) FROM booking; INSERT INTO booking VALUES (77, 5)")
            .execute(&mut *other)
            .await
            .unwrap();
        for event in [kept, given_back] {
            let began = Instant::now();
            let entry = inbox.claim(&mut other, id(event), None).await.unwrap();
            assert_eq!(entry, Entry::InProgress, "{isolation}");
            assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
        }
        let entry = inbox
            .claim(&mut other, id(1_000 + kept), None)
            .await
            .unwrap();
        assert_eq!(entry, Entry::Fresh);
        holder.commit().await.unwrap();
        let entry = inbox.claim(&mut other, id(kept), None).await.unwrap();
        assert_eq!(entry, Entry::Done, "{isolation}");
        let wait: i64 =
            sqlx::query_scalar("SELECT CAST(@@SESSION.innodb_lock_wait_timeout AS SIGNED)")
                .fetch_one(&mut *other)
                .await
                .unwrap();
        assert_eq!(wait, 7);
        other.commit().await.unwrap();
        let booked = number(&pool, "SELECT COUNT(*) FROM booking WHERE event = 77").await;
        assert_eq!(booked, event as i64 + 1, "{isolation}");
        assert_eq!(
            book(&pool, &inbox, 1_000 + kept).await.unwrap(),
            Entry::Done
        );
    }
}

/// A claim whose caller goes away may leave the connection waiting for nothing.
#[tokio::test]
async fn what_a_claim_that_was_cut_off_set_is_mended_by_the_next() {
    let (pool, inbox) = shop(database().await).await;
    let mut connection = pool.acquire().await.unwrap();
    let cut_off = "SET @countersign_wait = 7, innodb_lock_wait_timeout = 0";
    sqlx::raw_sql(cut_off)
        .execute(&mut *connection)
        .await
        .unwrap();
    for _ in 0..2 {
        let mut transaction = sqlx::Connection::begin(&mut *connection).await.unwrap();
        let _ = inbox.claim(&mut transaction, id(1), None).await.unwrap();
        let wait = "SELECT CAST(@@SESSION.innodb_lock_wait_timeout AS SIGNED)";
        let wait: i64 = sqlx::query_scalar(wait)
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        assert_eq!(wait, 7);
        transaction.commit().await.unwrap();
    }
}

#[tokio::test]
async fn an_event_whose_holder_gave_up_is_fresh() {
    let (pool, inbox) = shop(database().await).await;
    let mut holder = pool.begin().await.unwrap();
    let entry = inbox.claim(&mut holder, id(1), None).await.unwrap();
    assert_eq!(entry, Entry::Fresh);
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::InProgress);
    holder.rollback().await.unwrap();
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Fresh);
    assert_eq!(number(&pool, "SELECT COUNT(*) FROM booking").await, 1);
}

/// A server may be set to refuse a row that is newer than what the transaction has seen.
#[tokio::test]
async fn a_snapshot_that_is_too_old_is_told() {
    let (pool, inbox) = shop(database().await).await;
    let mut late = pool.acquire().await.unwrap();
    let strict = "SET innodb_snapshot_isolation = ON, innodb_lock_wait_timeout = 7";
    sqlx::raw_sql(strict).execute(&mut *late).await.unwrap();
    let mut late = sqlx::Connection::begin(&mut *late).await.unwrap();
    let seen: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM countersign_inbox_1")
        .fetch_one(&mut *late)
        .await
        .unwrap();
    assert_eq!(seen, 0);
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Fresh);
    let told = inbox.claim(&mut late, id(1), None).await;
    says(told, "rolled the whole transaction back", true);
    drop(late);
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Done);
}

#[tokio::test]
async fn transactions_that_want_each_others_events_do_not_wait_for_each_other() {
    let (pool, inbox) = shop(database().await).await;
    let mut one = pool.begin().await.unwrap();
    let mut other = pool.begin().await.unwrap();
    for (transaction, event) in [(&mut one, 1), (&mut other, 2)] {
        let entry = inbox.claim(transaction, id(event), None).await.unwrap();
        assert_eq!(entry, Entry::Fresh);
    }
    for (transaction, event) in [(&mut one, 2), (&mut other, 1)] {
        let entry = inbox.claim(transaction, id(event), None).await.unwrap();
        assert_eq!(entry, Entry::InProgress);
    }
    one.rollback().await.unwrap();
    other.rollback().await.unwrap();
    assert_eq!(
        number(&pool, "SELECT COUNT(*) FROM countersign_inbox_1").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_transactions_at_once_one_books() {
    let (pool, inbox) = shop(database().await).await;
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..64_u64 {
        let (pool, inbox) = (pool.clone(), inbox.clone());
        workers.spawn(async move { book(&pool, &inbox, worker % 4).await.unwrap() });
    }
    let entries = workers.join_all().await;
    let count = |entry| entries.iter().filter(|it| **it == entry).count();
    println!(
        "{} in progress, {} done",
        count(Entry::InProgress),
        count(Entry::Done)
    );
    assert_eq!(count(Entry::Fresh), 4);
    assert!(count(Entry::InProgress) > 0, "nobody met anybody");
    assert_eq!(number(&pool, "SELECT COUNT(*) FROM booking").await, 4);
}

#[tokio::test]
async fn what_is_wrong_with_the_table_or_the_user_is_told() {
    let options = database().await;
    let name = options.get_database().unwrap().to_owned();
    let root = pool(options.clone()).await;
    let inbox = MysqlInbox::new(RETENTION);
    let claim = async |pool: &MySqlPool| {
        let mut transaction = pool.begin().await.unwrap();
        inbox.claim(&mut transaction, id(1), None).await
    };
    says(
        claim(&root).await,
        "make it with `MysqlInbox::create_table`",
        false,
    );
    says(
        inbox.sweep(&root).await,
        "make it with `MysqlInbox::create_table`",
        false,
    );
    run(&root, "CREATE TABLE countersign_inbox_1 (mine INT)").await;
    says(claim(&root).await, "not as this version makes it", false);
    run(&root, "DROP TABLE countersign_inbox_1").await;
    run(&root, MysqlInbox::SQL).await;
    assert_eq!(claim(&root).await.unwrap(), Entry::Fresh);
    run(
        &root,
        &format!("CREATE USER reader@127.0.0.1; GRANT SELECT ON {name}.* TO reader@127.0.0.1"),
    )
    .await;
    let reader = pool(options.username("reader")).await;
    says(claim(&reader).await, "may not use the inbox", false);
    says(
        inbox.create_table(&reader).await,
        "may not use the inbox",
        false,
    );
    let mut reading = root
        .begin_with("START TRANSACTION READ ONLY")
        .await
        .unwrap();
    let told = inbox.claim(&mut reading, id(2), None).await;
    says(told, "read-only", false);
}

/// On servers of their own, since their settings are everybody's.
#[tokio::test]
async fn what_would_lose_events_is_refused() {
    let logging = Mariadb::with(&["--log-bin=binary-log"]);
    let (pool, inbox) = shop(logging.url().parse().unwrap()).await;
    for (flush, sync) in [(0, 1), (2, 1), (1, 0), (1, 2)] {
        let settings = format!(
            "SET GLOBAL innodb_flush_log_at_trx_commit = {flush}; SET GLOBAL sync_binlog = {sync}"
        );
        run(&pool, &settings).await;
        says(
            book(&pool, &inbox, 1).await,
            "without waiting for the disk",
            false,
        );
    }
    run(
        &pool,
        "SET GLOBAL innodb_flush_log_at_trx_commit = 1; SET GLOBAL sync_binlog = 1",
    )
    .await;
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Fresh);
}

/// Where the server gives up the whole transaction for a lock, in progress would be taken
/// for a transaction that may still commit.
#[tokio::test]
async fn a_server_that_rolls_back_for_a_lock_ends_the_transaction() {
    let server = Mariadb::with(&["--innodb-rollback-on-timeout=ON"]);
    let (pool, inbox) = shop(server.url().parse().unwrap()).await;
    let mut holder = pool.begin().await.unwrap();
    let entry = inbox.claim(&mut holder, id(1), None).await.unwrap();
    assert_eq!(entry, Entry::Fresh);
    let mut other = pool.begin().await.unwrap();
    let entry = inbox.claim(&mut other, id(2), None).await.unwrap();
    assert_eq!(entry, Entry::Fresh);
    let told = inbox.claim(&mut other, id(1), None).await;
    says(told, "rolled the whole transaction back", true);
    other.rollback().await.unwrap();
    holder.commit().await.unwrap();
    assert_eq!(book(&pool, &inbox, 2).await.unwrap(), Entry::Fresh);
}

// ---- kill -9 ----

const SERVER: &str = "COUNTERSIGN_INBOX_MYSQL";
const EVENTS: u64 = 1_000_000;

/// Not a test by itself: books events, some of them twice, until it is killed.
#[tokio::test]
async fn worker() {
    let Ok(url) = std::env::var(SERVER) else {
        return;
    };
    let pool = pool(url.parse().unwrap()).await;
    let inbox = MysqlInbox::new(Duration::from_secs(3600));
    let last = "SELECT COALESCE(MAX(event), 0) FROM booking";
    let mut event = number(&pool, last).await.cast_unsigned();
    while event < EVENTS {
        // The sender comes again with what it does not know to be done.
        for again in event.saturating_sub(5)..=event + 1 {
            // While the server is away nothing is acknowledged.
            while book(&pool, &inbox, again).await.is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        event += 1;
    }
}

/// Whatever the inbox calls done is booked once, and nothing else is booked.
async fn balance(pool: &MySqlPool, inbox: &MysqlInbox) -> (usize, i64, i64) {
    let last = number(pool, "SELECT MAX(event) FROM booking").await;
    let mut lost = 0;
    for event in 1..=last.cast_unsigned() {
        let entry = book(pool, inbox, event).await.unwrap();
        lost += usize::from(entry == Entry::Fresh);
    }
    let twice = "SELECT COUNT(*) FROM \
        (SELECT event FROM booking GROUP BY event HAVING COUNT(*) > 1) AS twice";
    let booked = number(pool, "SELECT COUNT(*) FROM booking").await;
    let entered = number(pool, "SELECT COUNT(*) FROM countersign_inbox_1").await;
    assert_eq!(booked, entered);
    (lost, number(pool, twice).await, booked)
}

#[tokio::test]
async fn killed_workers_and_servers_lose_no_event_and_book_none_twice() {
    let server = Mariadb::start();
    let (pool, inbox) = shop(server.url().parse().unwrap()).await;
    let start = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["worker", "--exact"])
            .env(SERVER, server.url())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut running = [start(), start(), start()];
    let mut random = 99_u64;
    let (mut workers, mut servers) = (0, 0);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(8) {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        tokio::time::sleep(Duration::from_millis(20 + (random >> 33) % 80)).await;
        if workers % 10 == 9 {
            server.process.kill();
            server.process.restart();
            servers += 1;
        }
        let child = &mut running[workers % 3];
        child.kill().unwrap();
        child.wait().unwrap();
        *child = start();
        workers += 1;
    }
    for child in &mut running {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let pool_again = self::pool(server.url().parse().unwrap()).await;
    drop(pool);
    let (lost, twice, booked) = balance(&pool_again, &inbox).await;
    println!(
        "{workers} workers and {servers} servers killed, {booked} events: {lost} lost, {twice} booked twice"
    );
    assert_eq!((lost, twice), (0, 0));
    assert!(workers > 10 && servers > 1 && booked > 20);
}
