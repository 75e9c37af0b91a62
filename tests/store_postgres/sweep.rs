//! Ended records go, others stay, and no claim waits for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::store::{Claim, ClaimRequest, Nonce, Outcome, PostgresStore, Settled, Store};
use sqlx::postgres::PgPool;

use crate::rig::{fresh, id, pool, request};
use crate::server::Postgres;

async fn count(pool: &PgPool, of: &'static str) -> i64 {
    sqlx::query_scalar(of).fetch_one(pool).await.unwrap()
}

const ALL: &str = "SELECT count(*) FROM countersign_claim";

/// Done, with this long to live.
async fn done(store: &PostgresStore, key: u64, retention: Duration) {
    let lease = Duration::from_millis(1);
    let request = ClaimRequest::new(id(key), Nonce::random().unwrap(), lease, retention);
    let lease = fresh(store, &request).await;
    let settled = store.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_records_go_as_new_ones_come_and_live_ones_stay() {
    const OLD: u64 = 2_000;
    let server = Postgres::with(&["autovacuum=off"]);
    let pool = pool(&server.url(), 16).await;
    PostgresStore::migrate(&pool).await.unwrap();
    for batching in [false, true] {
        let store = PostgresStore::builder(pool.clone()).batching(batching);
        let store = Arc::new(store.open().await.unwrap());
        let begin = u64::from(batching) * 100_000;
        let mut tasks = tokio::task::JoinSet::new();
        for key in begin..begin + OLD {
            let store = Arc::clone(&store);
            tasks.spawn(async move { done(&store, key, Duration::from_secs(2)).await });
        }
        tasks.join_all().await;
        let held = fresh(&*store, &request(begin + OLD)).await;
        tokio::time::sleep(Duration::from_secs(3)).await;

        // Each new record goes about eight old ones further; claims go on meanwhile.
        let before = count(&pool, ALL).await;
        let mut slowest = Duration::ZERO;
        let mut next = begin + OLD + 1;
        while count(&pool, ALL).await - i64::try_from(next - begin - OLD - 1).unwrap() > 600 {
            for _ in 0..64 {
                let began = Instant::now();
                fresh(&*store, &request(next)).await;
                slowest = slowest.max(began.elapsed());
                next += 1;
            }
            assert!(next < begin + OLD + 2_000, "they do not go");
        }
        let new = next - begin - OLD - 1;
        println!(
            "{before} records, of which the old went with {new} new ones; slowest claim {slowest:?}"
        );
        for key in begin + OLD..next {
            let claim = store.claim(&request(key)).await.unwrap();
            assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
        }
        let settled = store.complete(&held, Outcome::Processed, None).await;
        assert_eq!(settled.unwrap(), Settled::Ok);
        // Out of the way of the next.
        sqlx::raw_sql("TRUNCATE countersign_claim")
            .execute(&pool)
            .await
            .unwrap();
    }
}

/// An old transaction that holds an ended record stops neither the sweep nor a claim.
#[tokio::test]
async fn a_record_that_somebody_holds_is_left_out() {
    let server = Postgres::start();
    let pool = pool(&server.url(), 4).await;
    PostgresStore::migrate(&pool).await.unwrap();
    let store = PostgresStore::open(pool.clone()).await.unwrap();
    for key in 0..10 {
        done(&store, key, Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut transaction = pool.begin().await.unwrap();
    let lock = "SELECT 1 FROM countersign_claim ORDER BY ctid LIMIT 1 FOR UPDATE";
    sqlx::raw_sql(lock)
        .execute(&mut *transaction)
        .await
        .unwrap();
    let began = Instant::now();
    let mut key = 100;
    while count(
        &pool,
        "SELECT count(*) FROM countersign_claim WHERE state = 2",
    )
    .await
        > 1
    {
        fresh(&store, &request(key)).await;
        key += 1;
        assert!(began.elapsed() < Duration::from_secs(30), "they do not go");
    }
    transaction.rollback().await.unwrap();
}
