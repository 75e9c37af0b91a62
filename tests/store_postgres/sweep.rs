//! Ended records go, others stay, and no claim waits for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::store::{Claim, ClaimRequest, Outcome, PostgresStore, Settled, Store};
use sqlx::postgres::PgPool;

use crate::patience::fresh;
use crate::requests::{lasting, request};
use crate::rig::pool;
use crate::server::{Clock, Postgres};

async fn count(pool: &PgPool, of: &'static str) -> i64 {
    sqlx::query_scalar(of).fetch_one(pool).await.unwrap()
}

const ALL: &str = "SELECT count(*) FROM countersign_claim";

/// Done, with this long to live.
async fn done(store: &PostgresStore, key: u64, retention: Duration) {
    let lease = Duration::from_millis(1);
    let lease = fresh(store, &lasting(key, lease, retention)).await;
    let settled = store.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
}

/// Held for as long as the test may take.
fn long(key: u64) -> ClaimRequest {
    let lease = Duration::from_secs(900);
    lasting(key, lease, lease)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ended_records_go_as_new_ones_come_and_live_ones_stay() {
    const OLD: u64 = 2_000;
    let clock = Clock::new();
    let server = Postgres::under(&clock);
    let pool = pool(&server.url(), 16).await;
    PostgresStore::migrate(&pool).await.unwrap();
    for batching in [false, true] {
        let store = PostgresStore::builder(pool.clone()).batching(batching);
        let store = Arc::new(store.open().await.unwrap());
        let begin = u64::from(batching) * 100_000;
        let mut tasks = tokio::task::JoinSet::new();
        for key in begin..begin + OLD {
            let store = Arc::clone(&store);
            tasks.spawn(async move { done(&store, key, Duration::from_secs(1000)).await });
        }
        tasks.join_all().await;
        clock.set(1001);
        let held = fresh(&*store, &long(begin + OLD)).await;

        // Each new record goes about eight old ones further; claims go on meanwhile.
        let before = count(&pool, ALL).await;
        let mut slowest = Duration::ZERO;
        let mut next = begin + OLD + 1;
        while count(&pool, ALL).await - i64::try_from(next - begin - OLD - 1).unwrap() > 600 {
            for _ in 0..64 {
                let began = Instant::now();
                fresh(&*store, &long(next)).await;
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
        clock.set(0);
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

/// Deletes nothing for a long time, while it is told to.
const HANG: &str = "
CREATE TABLE switch (hangs boolean);
INSERT INTO switch VALUES (true);
CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT hangs FROM switch) THEN PERFORM pg_sleep(600); END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER hang BEFORE DELETE ON countersign_claim FOR EACH ROW EXECUTE FUNCTION hang()";

/// The server never answers a step of the round: it goes on with the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_hangs_does_not_end_the_round() {
    let server = Postgres::start();
    let pool = pool(&server.url(), 4).await;
    PostgresStore::migrate(&pool).await.unwrap();
    sqlx::raw_sql(HANG).execute(&pool).await.unwrap();
    let store = PostgresStore::open(pool.clone()).await.unwrap();
    let mut next = 1_000;
    for (ended, until) in [
        // All of them are locked by the step that hangs, or not yet looked at.
        (
            0..1,
            "SELECT count(*) - 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'",
        ),
        (
            1..2,
            "SELECT count(*) - 1 FROM countersign_claim WHERE state = 2",
        ),
    ] {
        for key in ended {
            done(&store, key, Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let began = Instant::now();
        while count(&pool, until).await != 0 {
            fresh(&store, &long(next)).await;
            next += 1;
            let waited = began.elapsed();
            assert!(waited < Duration::from_secs(30), "it does not go on");
        }
        let off = sqlx::raw_sql("UPDATE switch SET hangs = false");
        off.execute(&pool).await.unwrap();
    }
    // The next step found a connection, and the one that hangs has its own still.
    let hanging = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    assert_eq!(count(&pool, hanging).await, 1);
}
