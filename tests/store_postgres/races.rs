//! Many workers over several pools; what one process's pools do to each other is what
//! several processes do.

use std::sync::Arc;
use std::time::Duration;

use countersign::store::{Claim, Outcome, PostgresStore, Settled, Store};
use tokio::sync::Barrier;

use crate::patience::fresh;
use crate::race::Race;
use crate::requests::{lasting, request};
use crate::rig::pool;
use crate::server::Postgres;

/// Two whose claims go one by one, and one in batches.
async fn race(server: &Postgres) -> Race<PostgresStore> {
    PostgresStore::migrate(&pool(&server.url(), 1).await)
        .await
        .unwrap();
    let open = |batching| async move {
        let builder = PostgresStore::builder(pool(&server.url(), 16).await);
        Arc::new(builder.batching(batching).open().await.unwrap())
    };
    Race {
        stores: vec![open(false).await, open(false).await, open(true).await],
        rounds: 10,
        holders: 64,
        turns: 10,
        is_patient: true,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_claim_of_64_over_three_pools_is_fresh() {
    let server = Postgres::start();
    race(&server).await.one_claim_of_64_is_fresh().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holders_never_overlap_and_fences_rise_over_three_pools() {
    let server = Postgres::start();
    race(&server)
        .await
        .holders_never_overlap_and_fences_rise()
        .await;
}

/// Batches of the same keys, in whatever order they were asked for, do not lock each
/// other out; and each key has one winner.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn batches_of_the_same_keys_meet_without_deadlock() {
    const KEYS: u64 = 100;
    let server = Postgres::start();
    PostgresStore::migrate(&pool(&server.url(), 1).await)
        .await
        .unwrap();
    let mut asking = tokio::task::JoinSet::new();
    for worker in 0..4 {
        let pool = pool(&server.url(), 4).await;
        let store = PostgresStore::builder(pool).batching(true);
        let store = Arc::new(store.open().await.unwrap());
        for key in 0..KEYS {
            let key = if worker % 2 == 0 { key } else { KEYS - 1 - key };
            for _ in 0..2 {
                let store = Arc::clone(&store);
                asking.spawn(async move {
                    match store.claim(&request(key)).await.unwrap() {
                        Claim::Fresh(lease) => {
                            let done = store.complete(&lease, Outcome::Processed, None).await;
                            assert_eq!(done.unwrap(), Settled::Ok);
                            1
                        }
                        Claim::InProgress { .. } | Claim::Done { .. } => 0,
                        other => panic!("{other:?}"),
                    }
                });
            }
        }
    }
    let fresh: u64 = asking.join_all().await.into_iter().sum();
    assert_eq!(fresh, KEYS);
    assert!(!server.process.log().contains("deadlock"));
}

/// Late completions and take-overs of the same keys, both in batches: of each key one wins,
/// and the other is told so.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn completions_and_take_overs_in_batches_have_one_winner() {
    const KEYS: u64 = 60;
    let server = Postgres::start();
    let pool = pool(&server.url(), 16).await;
    PostgresStore::migrate(&pool).await.unwrap();
    let open = async || {
        let store = PostgresStore::builder(pool.clone()).batching(true);
        Arc::new(store.open().await.unwrap())
    };
    let (first, second) = (open().await, open().await);
    let (mut completed, mut taken) = (0, 0);
    for round in 0..20 {
        let mut pairs = tokio::task::JoinSet::new();
        let barrier = Arc::new(Barrier::new(usize::try_from(2 * KEYS).unwrap()));
        for key in round * KEYS..(round + 1) * KEYS {
            let retention = Duration::from_secs(1000);
            let short = lasting(key, Duration::from_millis(1), retention);
            let long = lasting(key, retention, retention);
            let (first, second) = (Arc::clone(&first), Arc::clone(&second));
            let barrier = Arc::clone(&barrier);
            // A busy machine may always wake the same side first: each gets its head starts.
            let head_start = Duration::from_micros(250 * (round / 2 % 5));
            let (wait_to_claim, wait_to_complete) = match round % 2 {
                0 => (head_start, Duration::ZERO),
                _ => (Duration::ZERO, head_start),
            };
            pairs.spawn(async move {
                let lease = fresh(&*first, &short).await;
                let of_claim = Arc::clone(&barrier);
                let claiming = tokio::spawn(async move {
                    of_claim.wait().await;
                    tokio::time::sleep(wait_to_claim).await;
                    second.claim(&long).await.unwrap()
                });
                barrier.wait().await;
                tokio::time::sleep(wait_to_complete).await;
                let settled = first.complete(&lease, Outcome::Processed, None);
                (settled.await.unwrap(), claiming.await.unwrap())
            });
        }
        for pair in pairs.join_all().await {
            match pair {
                (Settled::Ok, Claim::Done { .. }) => completed += 1,
                (Settled::Fenced, Claim::Fresh(lease)) if lease.is_takeover() => taken += 1,
                other => panic!("{other:?}"),
            }
        }
    }
    println!("{completed} completed, {taken} taken over");
    assert!(completed > 0 && taken > 0, "nobody met anybody");
}

/// Of many who ask for one key in one batch, one gets it, and whoever asks again under
/// its nonce gets the same.
#[tokio::test]
async fn a_batch_may_hold_a_key_more_than_once() {
    let server = Postgres::start();
    let pool = pool(&server.url(), 2).await;
    PostgresStore::migrate(&pool).await.unwrap();
    let store = PostgresStore::builder(pool).batching(true);
    let store = Arc::new(store.open().await.unwrap());
    for key in 0..10 {
        let mine = request(key);
        let mut asking = tokio::task::JoinSet::new();
        for asker in 0..20 {
            let store = Arc::clone(&store);
            let request = if asker < 10 {
                mine.clone()
            } else {
                request(key)
            };
            asking.spawn(async move { store.claim(&request).await.unwrap() });
        }
        let (mut fences, mut others) = (Vec::new(), 0);
        for claim in asking.join_all().await {
            match claim {
                Claim::Fresh(lease) => fences.push((lease.fence(), lease.attempt())),
                Claim::InProgress { .. } => others += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!(fences.iter().all(|fence| *fence == fences[0]), "{fences:?}");
        assert!(
            matches!((fences.len(), others), (10 | 1, 10 | 19)),
            "{fences:?}"
        );
    }
}
