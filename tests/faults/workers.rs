//! Workers that are killed, and workers in several processes.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use countersign::store::{Claim, Outcome};

use crate::engine::{Engine, Kind};
use crate::ledger::Books;
use crate::process::Worker;
use crate::random::Random;
use crate::server::Folder;
use crate::steps::{claim, fresh_in_the_end, request, runtime};
use crate::worker::{EVENTS, LEASE, RACERS, ROUNDS};

pub(crate) fn one_claim_of_66_over_three_processes_is_fresh(kind: Kind) {
    let engine = Engine::start(kind);
    let folder = Folder::new();
    let start = |_| Worker::start(&engine.url(), folder.path(), "race -");
    let mut workers: Vec<_> = (0..3).map(start).collect();
    for worker in &mut workers {
        assert_eq!(worker.told(), "ready");
    }
    let mut winners = BTreeSet::new();
    for round in 0..ROUNDS {
        std::fs::write(folder.path().join(format!("go-{round}")), "").unwrap();
        let mut counts = Vec::new();
        for worker in &mut workers {
            let told = worker.told();
            let (fresh, met) = told.split_once(' ').unwrap();
            counts.push((fresh.parse().unwrap(), met.parse().unwrap()));
        }
        assert_eq!(counts.iter().map(|(fresh, _)| fresh).sum::<u32>(), 1);
        assert_eq!(
            counts.iter().map(|(_, met)| met).sum::<u32>(),
            3 * RACERS - 1
        );
        winners.insert(counts.iter().position(|(fresh, _)| *fresh == 1));
    }
    println!("{kind:?}: won by {} of 3 processes", winners.len());
    for worker in workers {
        worker.end();
    }
}

pub(crate) fn what_a_killed_worker_was_confirmed_holds(kind: Kind) {
    let folder = Folder::new();
    for step in ["claim", "complete", "release"] {
        let engine = Engine::start(kind);
        let role = format!("stop {step}");
        let mut worker = Worker::start(&engine.url(), folder.path(), &role);
        let fence: u64 = worker.told().parse().unwrap();
        worker.kill();
        runtime().block_on(async {
            let store = engine.open().await;
            if step == "complete" {
                match claim(&store, &request(1, LEASE)).await {
                    Claim::Done { outcome, .. } => assert_eq!(outcome, Outcome::Processed),
                    other => panic!("{other:?}"),
                }
                return;
            }
            let lease = fresh_in_the_end(&store, 1, LEASE).await;
            assert_eq!((lease.attempt(), lease.is_takeover()), (2, step == "claim"));
            assert!(lease.fence() > fence);
        });
    }
}

/// How long workers are killed, again and again.
const KILLING: Duration = Duration::from_secs(4);

pub(crate) fn killed_workers_lose_no_event(kind: Kind) {
    let engine = Engine::start(kind);
    let folder = Folder::new();
    let mut seed = 0;
    let mut start = || {
        seed += 1;
        let role = format!("work {seed}");
        Worker::start(&engine.url(), folder.path(), &role)
    };
    let mut running = [start(), start()];
    let random = Random::new(12345);
    let mut kills = 0;
    let until = Instant::now() + KILLING;
    while Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10 + random.below(60)));
        let at = usize::try_from(random.below(running.len() as u64)).unwrap();
        running[at].kill();
        kills += 1;
        running[at] = start();
    }
    drop(running);
    let mut last = Worker::start(&engine.url(), folder.path(), "work 0");
    assert_eq!(last.told(), "done");
    last.end();
    let books = Books::read(folder.path(), EVENTS);
    println!(
        "{kind:?}: {kills} workers killed, {EVENTS} events: {} lost, {} more runs than events",
        books.lost, books.more
    );
    assert_eq!(books.lost, 0);
    assert!(
        books.more <= kills + 2,
        "a kill costs at most the run it ended"
    );
    assert!(kills > 10);
}
