//! Many workers ask for one key at once, on several threads: exactly one gets it.
//! A run in which nobody met anybody proves nothing, so the race must be observed.
#![allow(
    clippy::as_conversions,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign::KeyId;
use countersign::store::{Claim, ClaimRequest, MemoryStore, Nonce, Outcome, Settled, Store};
use tokio::sync::Barrier;

const WORKERS: usize = 64;
const ROUNDS: u8 = 20;
const LEASE: Duration = Duration::from_secs(60);
const RETENTION: Duration = Duration::from_secs(3600);

fn request(key: u8) -> ClaimRequest {
    ClaimRequest::new(
        KeyId::from_bytes([key; 16]),
        Nonce::random().unwrap(),
        LEASE,
        RETENTION,
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_claim_of_many_is_fresh() {
    let store = Arc::new(MemoryStore::with_capacity(1000));
    let mut in_progress = 0;
    for key in 0..ROUNDS {
        let barrier = Arc::new(Barrier::new(WORKERS));
        let workers: Vec<_> = (0..WORKERS)
            .map(|_| {
                let (store, barrier) = (Arc::clone(&store), Arc::clone(&barrier));
                tokio::spawn(async move {
                    barrier.wait().await;
                    store.claim(&request(key)).await.unwrap()
                })
            })
            .collect();
        let mut fresh = 0;
        for worker in workers {
            match worker.await.unwrap() {
                Claim::Fresh(lease) => {
                    assert_eq!(lease.attempt(), 1);
                    fresh += 1;
                }
                Claim::InProgress { retry_after } => {
                    assert!(retry_after <= LEASE);
                    in_progress += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(fresh, 1);
    }
    assert_eq!(in_progress, usize::from(ROUNDS) * (WORKERS - 1));
}

/// Every worker claims, works and releases or completes in a loop. Never are two
/// inside, and every fence is higher than the one before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holders_never_overlap_and_fences_rise() {
    let store = Arc::new(MemoryStore::with_capacity(1000));
    let inside = Arc::new(AtomicU32::new(0));
    let fences = Arc::new(std::sync::Mutex::new(Vec::new()));
    let met = Arc::new(AtomicU32::new(0));
    let workers: Vec<_> = (0..16)
        .map(|_| {
            let (store, inside, fences, met) = (
                Arc::clone(&store),
                Arc::clone(&inside),
                Arc::clone(&fences),
                Arc::clone(&met),
            );
            tokio::spawn(async move {
                for _ in 0..200 {
                    match store.claim(&request(7)).await.unwrap() {
                        Claim::Fresh(lease) => {
                            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                            fences.lock().unwrap().push(lease.fence());
                            tokio::task::yield_now().await;
                            inside.fetch_sub(1, Ordering::SeqCst);
                            assert_eq!(store.release(&lease).await.unwrap(), Settled::Ok);
                        }
                        Claim::InProgress { .. } => {
                            met.fetch_add(1, Ordering::SeqCst);
                            tokio::task::yield_now().await;
                        }
                        other => panic!("{other:?}"),
                    }
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let fences = fences.lock().unwrap();
    assert!(fences.len() > 1);
    assert!(fences.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(met.load(Ordering::SeqCst) > 0, "nobody met anybody");
}

/// Completions race too: the holder's counts, a stranger's never does.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_the_holder_completes() {
    let store = Arc::new(MemoryStore::with_capacity(1000));
    let held = match store.claim(&request(1)).await.unwrap() {
        Claim::Fresh(lease) => lease,
        other => panic!("{other:?}"),
    };
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            let store = Arc::clone(&store);
            let lease = if worker % 2 == 0 {
                held.clone()
            } else {
                countersign::store::Lease::granted(&request(1), held.fence(), 1)
            };
            tokio::spawn(async move {
                let settled = store.complete(&lease, Outcome::Processed, None).await;
                (worker % 2 == 0, settled.unwrap())
            })
        })
        .collect();
    for worker in workers {
        let (is_holder, settled) = worker.await.unwrap();
        assert_eq!(settled == Settled::Ok, is_holder);
    }
}
