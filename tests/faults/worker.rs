//! What a worker process does.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign::store::{Claim, Settled};

use crate::engine;
use crate::ledger::Ledger;
use crate::process::{FOLDER, ROLE, STORE, tell};
use crate::random::Random;
use crate::requests::LONG_LEASE;
use crate::steps::{Boxed, claim, complete, fresh, patiently, release, request, runtime};

/// Short, so that a killed holder's event comes back within the test.
pub(crate) const LEASE: Duration = Duration::from_millis(300);
/// How many events there are to do, and how often many race for one.
pub(crate) const EVENTS: u64 = 400;
pub(crate) const ROUNDS: u64 = 8;
pub(crate) const RACERS: u32 = 22;

/// Not a test by itself.
#[test]
fn worker() {
    let (Ok(role), Ok(url)) = (std::env::var(ROLE), std::env::var(STORE)) else {
        return;
    };
    let folder = std::env::var(FOLDER).unwrap();
    let folder = Path::new(&folder);
    runtime().block_on(async {
        let store = patiently(|| engine::open(&url)).await;
        let (role, detail) = role.split_once(' ').unwrap();
        match role {
            "race" => race(store, folder).await,
            "work" => work(&store, folder, detail.parse().unwrap()).await,
            "stop" => stop(&store, detail).await,
            "hold" => hold(&store).await,
            other => panic!("{other}"),
        }
    });
}

/// Many claim the same at the same time, in this process and others.
async fn race(store: Boxed, folder: &Path) {
    let store = Arc::new(store);
    tell("ready");
    for round in 0..ROUNDS {
        while !folder.join(format!("go-{round}")).exists() {
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..RACERS {
            let store = Arc::clone(&store);
            workers.spawn(async move {
                match claim(&store, &request(round, LONG_LEASE)).await {
                    Claim::Fresh(_) => (1, 0),
                    Claim::InProgress { .. } => (0, 1),
                    other => panic!("{other:?}"),
                }
            });
        }
        let (mut fresh, mut met) = (0, 0);
        for (one, other) in workers.join_all().await {
            fresh += one;
            met += other;
        }
        tell(&format!("{fresh} {met}"));
    }
}

/// Stops after a step, to be killed there.
async fn stop(store: &Boxed, after: &str) {
    let lease = fresh(store, &request(1, LEASE)).await;
    match after {
        "claim" => {}
        "complete" => assert_eq!(complete(store, &lease).await, Settled::Ok),
        "release" => assert_eq!(release(store, &lease).await, Settled::Ok),
        other => panic!("{other}"),
    }
    tell(&lease.fence().to_string());
    std::thread::sleep(Duration::from_secs(600));
}

/// Holds an event under a long lease, and says which time it thinks it is.
async fn hold(store: &Boxed) {
    let lease = fresh(store, &request(1, LONG_LEASE)).await;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    tell(&format!("{} {}", now.unwrap().as_secs(), lease.fence()));
    std::thread::sleep(Duration::from_secs(600));
}

/// A sender and a worker in one: takes an event that is not known to be done, claims it,
/// does it, completes it, and then knows that it is acknowledged. With seed 0 it ends
/// when all are.
async fn work(store: &Boxed, folder: &Path, seed: u64) {
    let mut ledger = Ledger::open(folder);
    let random = Random::new(seed);
    let is_last = seed == 0;
    let mut left: Vec<u64> = (0..EVENTS).collect();
    while !left.is_empty() {
        let at = usize::try_from(random.below(left.len() as u64)).unwrap();
        let key = left[at];
        match claim(store, &request(key, LEASE)).await {
            Claim::Fresh(lease) => {
                ledger.run(key, lease.fence());
                // Taken over in the meantime, on a slow machine: not acknowledged.
                if complete(store, &lease).await != Settled::Ok {
                    continue;
                }
            }
            Claim::Done { .. } => {}
            Claim::InProgress { .. } => continue,
            other => panic!("{other:?}"),
        }
        ledger.acknowledge(key);
        left.swap_remove(at);
        if !is_last && left.len() < 10 {
            left = (0..EVENTS).collect();
        }
    }
    tell("done");
}
