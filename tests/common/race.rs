//! Many workers ask for one key at once, on several threads: exactly one gets it.
//! A run in which nobody met anybody proves nothing, so the race must be observed.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use countersign::StoreError;
use countersign::store::{Claim, Settled, Store};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::patience::patiently;
use crate::requests::{LONG_LEASE, long_request};

const WORKERS: usize = 64;

/// Stores over one and the same records, which the workers share out, and how long they race.
pub(crate) struct Race<S> {
    pub(crate) stores: Vec<Arc<S>>,
    /// How many keys the 64 workers ask for, one after the other.
    pub(crate) rounds: usize,
    /// How many workers want to hold one key, and how often each asks for it.
    pub(crate) holders: usize,
    pub(crate) turns: u32,
    /// Whether a step may fail, and is then asked again.
    pub(crate) is_patient: bool,
}

impl<S: Store> Race<S> {
    pub(crate) async fn one_claim_of_64_is_fresh(self) {
        let race = Arc::new(self);
        let mut in_progress = 0;
        for key in 0..race.rounds {
            let barrier = Arc::new(Barrier::new(WORKERS));
            let mut workers = JoinSet::new();
            for worker in 0..WORKERS {
                let (race, barrier) = (Arc::clone(&race), Arc::clone(&barrier));
                workers.spawn(async move {
                    barrier.wait().await;
                    let request = long_request(key as u64);
                    race.step(|| race.store(worker).claim(&request)).await
                });
            }
            let mut fresh = 0;
            for claim in workers.join_all().await {
                match claim {
                    Claim::Fresh(lease) => {
                        assert_eq!(lease.attempt(), 1);
                        fresh += 1;
                    }
                    Claim::InProgress { retry_after } => {
                        assert!(retry_after <= LONG_LEASE);
                        in_progress += 1;
                    }
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(fresh, 1);
        }
        assert_eq!(in_progress, race.rounds * (WORKERS - 1));
    }

    /// Every worker claims, works and releases in a loop. Never are two inside, and every
    /// fence is higher than the one before it.
    pub(crate) async fn holders_never_overlap_and_fences_rise(self) {
        let race = Arc::new(self);
        let inside = Arc::new(AtomicU32::new(0));
        let met = Arc::new(AtomicU32::new(0));
        let fences = Arc::new(Mutex::new(Vec::new()));
        let mut workers = JoinSet::new();
        for worker in 0..race.holders {
            let race = Arc::clone(&race);
            let (inside, met, fences) =
                (Arc::clone(&inside), Arc::clone(&met), Arc::clone(&fences));
            workers.spawn(async move {
                let store = race.store(worker);
                for _ in 0..race.turns {
                    let request = long_request(7);
                    match race.step(|| store.claim(&request)).await {
                        Claim::Fresh(lease) => {
                            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                            fences.lock().unwrap().push(lease.fence());
                            tokio::task::yield_now().await;
                            inside.fetch_sub(1, Ordering::SeqCst);
                            let release = || store.release(&lease);
                            assert_eq!(race.step(release).await, Settled::Ok);
                        }
                        Claim::InProgress { .. } => {
                            met.fetch_add(1, Ordering::SeqCst);
                            tokio::task::yield_now().await;
                        }
                        other => panic!("{other:?}"),
                    }
                }
            });
        }
        workers.join_all().await;
        let fences = fences.lock().unwrap();
        assert!(fences.len() > 1);
        assert!(fences.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(met.load(Ordering::SeqCst) > 0, "nobody met anybody");
    }

    fn store(&self, worker: usize) -> &S {
        &self.stores[worker % self.stores.len()]
    }

    async fn step<T, Step>(&self, step: impl Fn() -> Step) -> T
    where
        Step: Future<Output = Result<T, StoreError>>,
    {
        if self.is_patient {
            patiently(step).await
        } else {
            step().await.unwrap()
        }
    }
}
