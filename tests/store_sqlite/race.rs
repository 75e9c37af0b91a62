//! Many workers, several stores on one file; what one process's connections do to
//! each other is what several processes do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use countersign::store::{Claim, Settled, SqliteStore, Store};
use tokio::sync::Barrier;

use crate::folder::Folder;
use crate::patience::patiently;
use crate::requests::{LEASE, request};

const WORKERS: usize = 64;
const ROUNDS: u64 = 10;

async fn stores(folder: &Folder) -> [Arc<SqliteStore>; 3] {
    let open = || async { Arc::new(SqliteStore::open(folder.file()).await.unwrap()) };
    let (first, second, third) = tokio::join!(open(), open(), open());
    [first, second, third]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_claim_of_64_over_three_stores_is_fresh() {
    let folder = Folder::new();
    let stores = stores(&folder).await;
    let mut in_progress = 0;
    for key in 0..ROUNDS {
        let barrier = Arc::new(Barrier::new(WORKERS));
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| {
                let store = Arc::clone(&stores[worker % stores.len()]);
                let barrier = Arc::clone(&barrier);
                tokio::spawn(async move {
                    barrier.wait().await;
                    let request = request(key);
                    patiently(|| store.claim(&request)).await
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
    assert_eq!(
        in_progress,
        usize::try_from(ROUNDS).unwrap() * (WORKERS - 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holders_never_overlap_and_fences_rise_over_three_stores() {
    let folder = Folder::new();
    let stores = stores(&folder).await;
    let inside = Arc::new(AtomicU32::new(0));
    let met = Arc::new(AtomicU32::new(0));
    let fences = Arc::new(std::sync::Mutex::new(Vec::new()));
    let workers: Vec<_> = (0..12)
        .map(|worker: usize| {
            let store = Arc::clone(&stores[worker % stores.len()]);
            let (inside, met, fences) =
                (Arc::clone(&inside), Arc::clone(&met), Arc::clone(&fences));
            tokio::spawn(async move {
                for _ in 0..30 {
                    let request = request(7);
                    match patiently(|| store.claim(&request)).await {
                        Claim::Fresh(lease) => {
                            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                            fences.lock().unwrap().push(lease.fence());
                            tokio::task::yield_now().await;
                            inside.fetch_sub(1, Ordering::SeqCst);
                            let release = || store.release(&lease);
                            assert_eq!(patiently(release).await, Settled::Ok);
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

/// A step goes on when its caller goes away: what settles a claim is still true.
#[tokio::test]
async fn a_completion_whose_caller_went_away_is_carried_out() {
    use countersign::store::Outcome;
    let folder = Folder::new();
    let store = Arc::new(SqliteStore::open(folder.file()).await.unwrap());
    let lease = crate::patience::fresh(&*store, &request(1)).await;
    let completing = {
        let (store, lease) = (Arc::clone(&store), lease.clone());
        tokio::spawn(async move { store.complete(&lease, Outcome::Processed, None).await })
    };
    tokio::task::yield_now().await;
    completing.abort();
    let claim = store.claim(&request(1)).await.unwrap();
    assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
}
