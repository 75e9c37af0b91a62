//! Many workers, several stores on one server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use countersign::store::{Claim, Settled, Store};
use tokio::sync::Barrier;

use crate::rig::{LEASE, TestStore, open, request};
use crate::server::Redis;

const WORKERS: usize = 64;
const ROUNDS: u64 = 20;

async fn stores(server: &Redis) -> [Arc<TestStore>; 3] {
    let open = || async { Arc::new(open(server).await) };
    [open().await, open().await, open().await]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_claim_of_64_over_three_stores_is_fresh() {
    let server = Redis::start();
    let stores = stores(&server).await;
    let mut in_progress = 0;
    for key in 0..ROUNDS {
        let barrier = Arc::new(Barrier::new(WORKERS));
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let store = Arc::clone(&stores[worker % stores.len()]);
                let barrier = Arc::clone(&barrier);
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
    let others = usize::try_from(ROUNDS).unwrap() * (WORKERS - 1);
    assert_eq!(in_progress, others);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holders_never_overlap_and_fences_rise_over_three_stores() {
    let server = Redis::start();
    let stores = stores(&server).await;
    let inside = Arc::new(AtomicU32::new(0));
    let met = Arc::new(AtomicU32::new(0));
    let fences = Arc::new(std::sync::Mutex::new(Vec::new()));
    let workers: Vec<_> = (0..24)
        .map(|worker: usize| {
            let store = Arc::clone(&stores[worker % stores.len()]);
            let (inside, met, fences) =
                (Arc::clone(&inside), Arc::clone(&met), Arc::clone(&fences));
            tokio::spawn(async move {
                for _ in 0..60 {
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
