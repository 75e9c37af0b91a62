//! An event that another transaction has: nobody waits, and nothing is left half done.

use std::time::{Duration, Instant};

use countersign::store::Entry;
use sqlx::AssertSqlSafe;

use crate::relay::{Fate, Relay};
use crate::requests::id;
use crate::sentence::says;
use crate::server::Mariadb;
use crate::shop::{book, number, shop};

/// Told without waiting, on a machine with much else to do.
const AT_ONCE: Duration = Duration::from_millis(900);

/// What the transaction waits for otherwise is as it was, whatever a claim came to.
#[tokio::test]
async fn an_event_that_another_transaction_holds_is_in_progress_at_once() {
    let (pool, inbox) = shop(Mariadb::database().await).await;
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

/// A claim that is cut off where it met a lock never hears of it, and says nothing more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_connection_waits_for_outlasts_a_claim_that_was_cut_off() {
    let options = Mariadb::database().await;
    let relay = Relay::start(options.get_port()).await;
    let (pool, inbox) = shop(options.clone()).await;
    let mut holder = pool.begin().await.unwrap();
    let entry = inbox.claim(&mut holder, id(1), None).await.unwrap();
    assert_eq!(entry, Entry::Fresh);
    let options = options.port(relay.port());
    let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql("SET innodb_lock_wait_timeout = 7")
        .execute(&mut connection)
        .await
        .unwrap();
    for event in [1, 2] {
        let mut transaction = sqlx::Connection::begin(&mut connection).await.unwrap();
        relay.set(Fate::HoldAnswers);
        let claim = inbox.claim(&mut transaction, id(event), None);
        let given_up = tokio::time::timeout(Duration::from_millis(300), claim).await;
        assert!(given_up.is_err());
        drop(transaction);
        relay.set(Fate::Pass);
        // The claim's own late answer: that of the held event is that it is locked.
        let _ = sqlx::Connection::ping(&mut connection).await;
        let wait = "SELECT CAST(@@SESSION.innodb_lock_wait_timeout AS SIGNED)";
        let wait: i64 = sqlx::query_scalar(wait)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(wait, 7);
    }
    assert_eq!(book(&pool, &inbox, 2).await.unwrap(), Entry::Fresh);
}

#[tokio::test]
async fn an_event_whose_holder_gave_up_is_fresh() {
    let (pool, inbox) = shop(Mariadb::database().await).await;
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
    let (pool, inbox) = shop(Mariadb::database().await).await;
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
    let (pool, inbox) = shop(Mariadb::database().await).await;
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
    let (pool, inbox) = shop(Mariadb::database().await).await;
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

/// A caller goes away while its claim is under way: its transaction is undone, and the
/// connection's late answers are nobody else's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_leaves_no_event_behind() {
    let options = Mariadb::database().await;
    let relay = Relay::start(options.get_port()).await;
    let (pool, inbox) = shop(options.port(relay.port())).await;
    for event in 0..10 {
        let mut transaction = pool.begin().await.unwrap();
        relay.set(Fate::HoldAnswers);
        let claim = inbox.claim(&mut transaction, id(event), None);
        let given_up = tokio::time::timeout(Duration::from_millis(50), claim).await;
        assert!(given_up.is_err());
        drop(transaction);
        relay.set(Fate::Pass);
        let mut entry = book(&pool, &inbox, event).await.unwrap();
        // The roll-back comes after the caller went away.
        while entry == Entry::InProgress {
            entry = book(&pool, &inbox, event).await.unwrap();
        }
        assert_eq!(entry, Entry::Fresh);
        assert_eq!(book(&pool, &inbox, event).await.unwrap(), Entry::Done);
    }
    assert_eq!(number(&pool, "SELECT COUNT(*) FROM booking").await, 10);
}
