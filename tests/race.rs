//! Many workers, on several threads, over one store in memory.
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

#[path = "common/patience.rs"]
mod patience;
#[path = "common/race.rs"]
mod race;
#[path = "common/requests.rs"]
mod requests;

use std::sync::Arc;

use countersign::store::{Lease, MemoryStore, Outcome, Settled, Store};

use crate::race::Race;
use crate::requests::{fresh, request};

fn race() -> Race<MemoryStore> {
    Race {
        stores: vec![Arc::new(MemoryStore::with_capacity(1000))],
        rounds: 20,
        holders: 16,
        turns: 200,
        is_patient: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_claim_of_64_is_fresh() {
    race().one_claim_of_64_is_fresh().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holders_never_overlap_and_fences_rise() {
    race().holders_never_overlap_and_fences_rise().await;
}

/// Completions race too: the holder's counts, a stranger's never does.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_the_holder_completes() {
    let store = Arc::new(MemoryStore::with_capacity(1000));
    let held = fresh(&*store, &request(1)).await;
    let workers: Vec<_> = (0..64)
        .map(|worker| {
            let store = Arc::clone(&store);
            let lease = if worker % 2 == 0 {
                held.clone()
            } else {
                Lease::granted(&request(1), held.fence(), 1)
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
