//! Ended records go, others stay, and no claim waits long for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::store::Settled;

use crate::requests::{fresh, request};
use crate::rig::{Time, complete, is_done, pool, store};
use crate::server::Mariadb;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ended_records_go_as_new_ones_come_and_live_ones_stay() {
    const OLD: u64 = 2_000;
    const NEW: u64 = 1_000;
    let options = Mariadb::database().await;
    let time = Time::at(1_000_000_000);
    let store = Arc::new(store(time.pool(options.clone()).await).await);
    let claim_all = async |keys: std::ops::Range<u64>| {
        let mut tasks = tokio::task::JoinSet::new();
        for key in keys {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let lease = fresh(&*store, &request(key)).await;
                assert_eq!(complete(&*store, &lease).await, Settled::Ok);
            });
        }
        tasks.join_all().await;
    };
    claim_all(0..OLD).await;
    time.pass(Duration::from_secs(50));
    let held = fresh(&*store, &request(OLD)).await;
    time.pass(Duration::from_secs(50));
    let began = Instant::now();
    claim_all(OLD + 1..OLD + 1 + NEW).await;
    println!("{:?} for {NEW} claims and completions", began.elapsed());
    let root = pool(options).await;
    let count = async || {
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM countersign_claim");
        count.fetch_one(&root).await.unwrap()
    };
    let (mut left, expected): (i64, _) = (count().await, i64::try_from(NEW + 1).unwrap());
    // The last step may still be under way.
    while left > expected && began.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(10)).await;
        left = count().await;
    }
    assert_eq!(left, expected, "the old ones have gone");
    assert_eq!(complete(&*store, &held).await, Settled::Ok);
    for key in [OLD, OLD + 1, OLD + NEW] {
        assert!(is_done(&*store, key).await);
    }
}

/// Nothing but the ended records is locked: what somebody else has locked is no obstacle,
/// and holds nobody up.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_round_waits_for_no_lock_on_a_live_record() {
    let options = Mariadb::database().await;
    let time = Time::at(1_000_000_000);
    let store = store(time.pool(options.clone()).await).await;
    for key in 0..40 {
        fresh(&store, &request(key)).await;
    }
    time.pass(Duration::from_secs(100));
    fresh(&store, &request(1_000)).await;
    let root = pool(options).await;
    let mut transaction = root.begin().await.unwrap();
    let lock = "SELECT COUNT(*) FROM countersign_claim WHERE `key` = ? FOR UPDATE";
    let locked: i64 = sqlx::query_scalar(lock)
        .bind(crate::requests::id(1_000).as_bytes().to_vec())
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
    assert_eq!(locked, 1);
    // Claims that go round the table several times.
    for key in 2_000..2_200 {
        fresh(&store, &request(key)).await;
    }
    let began = Instant::now();
    let ended = "SELECT COUNT(*) FROM countersign_claim WHERE expires_us <= 1000000100000000";
    loop {
        let left: i64 = sqlx::query_scalar(ended).fetch_one(&root).await.unwrap();
        if left == 0 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{left} are left");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    transaction.rollback().await.unwrap();
}
