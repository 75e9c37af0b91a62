//! Several processes on one file, and processes that are killed: this test's program
//! starts itself again as a worker.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::store::{Claim, ClaimRequest, Nonce, Outcome, Settled, SqliteStore, Store};

use crate::folder::{Folder, id, patiently};

/// Short, so that a killed holder's event comes back within the test.
const LEASE: Duration = Duration::from_millis(300);
const RETENTION: Duration = Duration::from_secs(3600);

/// What a worker does is in this variable; without it the "test" does nothing.
const ROLE: &str = "COUNTERSIGN_WORKER";
const FOLDER: &str = "COUNTERSIGN_FOLDER";

fn start(folder: &Path, role: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["processes::worker", "--exact", "--nocapture", "--quiet"])
        .env(ROLE, role)
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// The lines that a worker tells, without those of the test runner.
fn told(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix("worker: ").map(str::to_owned))
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nworker: {line}").unwrap();
    out.flush().unwrap();
}

fn request(key: u64) -> ClaimRequest {
    ClaimRequest::new(id(key), Nonce::random().unwrap(), LEASE, RETENTION)
}

/// Not a test by itself: what a worker process does.
#[test]
fn worker() {
    let (Ok(role), Ok(folder)) = (std::env::var(ROLE), std::env::var(FOLDER)) else {
        return;
    };
    let folder = Path::new(&folder);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = Arc::new(
            SqliteStore::open(folder.join("claims.sqlite"))
                .await
                .unwrap(),
        );
        match role.split_once(' ').unwrap() {
            ("race", _) => race(&store, folder).await,
            ("work", seed) => work(&store, folder, seed.parse().unwrap()).await,
            ("stop", step) => stop(&store, step).await,
            other => panic!("{other:?}"),
        }
    });
}

// ---- 64 workers on one id, over three processes ----

const ROUNDS: u64 = 8;

async fn race(store: &Arc<SqliteStore>, folder: &Path) {
    tell("ready");
    for round in 0..ROUNDS {
        while !folder.join(format!("go-{round}")).exists() {
            tokio::time::sleep(Duration::from_micros(100)).await;
        }
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..22 {
            let store = Arc::clone(store);
            workers.spawn(async move {
                let request = ClaimRequest::new(
                    id(round),
                    Nonce::random().unwrap(),
                    Duration::from_secs(60),
                    RETENTION,
                );
                match patiently(|| store.claim(&request)).await {
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

#[test]
fn one_claim_of_66_over_three_processes_is_fresh() {
    let folder = Folder::new();
    let mut children: Vec<_> = (0..3).map(|_| start(folder.path(), "race -")).collect();
    let mut lines: Vec<_> = children.iter_mut().map(told).collect();
    for lines in &mut lines {
        assert_eq!(lines.next().unwrap(), "ready");
    }
    let mut winners = BTreeSet::new();
    for round in 0..ROUNDS {
        std::fs::write(folder.path().join(format!("go-{round}")), "").unwrap();
        let counts: Vec<(u32, u32)> = lines
            .iter_mut()
            .map(|lines| {
                let line = lines.next().unwrap();
                let (fresh, met) = line.split_once(' ').unwrap();
                (fresh.parse().unwrap(), met.parse().unwrap())
            })
            .collect();
        assert_eq!(counts.iter().map(|(fresh, _)| fresh).sum::<u32>(), 1);
        assert_eq!(counts.iter().map(|(_, met)| met).sum::<u32>(), 65);
        winners.insert(counts.iter().position(|(fresh, _)| *fresh == 1));
    }
    println!("won by {} of 3 processes", winners.len());
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
}

// ---- kill -9 after each step ----

async fn stop(store: &SqliteStore, step: &str) {
    let Claim::Fresh(lease) = store.claim(&request(1)).await.unwrap() else {
        panic!("not fresh");
    };
    if step == "complete" {
        let settled = store.complete(&lease, Outcome::Processed, None).await;
        assert_eq!(settled.unwrap(), Settled::Ok);
    }
    if step == "release" {
        assert_eq!(store.release(&lease).await.unwrap(), Settled::Ok);
    }
    tell(&lease.fence().to_string());
    std::thread::sleep(Duration::from_secs(600));
}

#[tokio::test]
async fn what_was_confirmed_before_a_kill_holds_after_it() {
    for step in ["claim", "complete", "release"] {
        let folder = Folder::new();
        let mut child = start(folder.path(), &format!("stop {step}"));
        let fence: u64 = told(&mut child).next().unwrap().parse().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let store = SqliteStore::open(folder.file()).await.unwrap();
        let began = Instant::now();
        let mut claim = store.claim(&request(1)).await.unwrap();
        if step == "claim" {
            while let Claim::InProgress { retry_after } = claim {
                assert!(retry_after <= LEASE && began.elapsed() < 10 * LEASE);
                tokio::time::sleep(retry_after).await;
                claim = store.claim(&request(1)).await.unwrap();
            }
        }
        match (step, claim) {
            ("complete", Claim::Done { outcome, .. }) => assert_eq!(outcome, Outcome::Processed),
            ("claim" | "release", Claim::Fresh(lease)) => {
                assert_eq!((lease.attempt(), lease.is_takeover()), (2, step == "claim"));
                assert!(lease.fence() > fence);
            }
            (_, claim) => panic!("after {step}: {claim:?}"),
        }
    }
}

// ---- kill -9 anywhere ----

const EVENTS: u64 = 400;

/// A sender and a worker in one: takes an event that is not known to be done, claims it,
/// does it (a line in a file), completes it, and knows that it is acknowledged (another).
async fn work(store: &SqliteStore, folder: &Path, seed: u64) {
    let append = |name: &str| {
        let path = folder.join(name);
        let mut options = OpenOptions::new();
        options.append(true).create(true).open(path).unwrap()
    };
    let (mut effects, mut acknowledged) = (append("effects"), append("acknowledged"));
    let mut state = seed;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state >> 33
    };
    let is_last = seed == 0;
    let mut left: Vec<u64> = (0..EVENTS).collect();
    while !left.is_empty() {
        let at = usize::try_from(random()).unwrap() % left.len();
        let key = left[at];
        let request = request(key);
        match patiently(|| store.claim(&request)).await {
            Claim::Fresh(lease) => {
                line(&mut effects, &format!("{key} {}", lease.fence()));
                let outcome = Outcome::Processed;
                let complete = || store.complete(&lease, outcome, None);
                // Taken over in the meantime, on a slow machine: not acknowledged.
                if patiently(complete).await != Settled::Ok {
                    continue;
                }
            }
            Claim::Done { .. } => {}
            Claim::InProgress { .. } => continue,
            other => panic!("{other:?}"),
        }
        line(&mut acknowledged, &key.to_string());
        left.swap_remove(at);
        if !is_last && left.len() < 10 {
            left = (0..EVENTS).collect();
        }
    }
    tell("done");
}

/// In one call of the system, which a kill does not cut in two.
fn line(file: &mut File, text: &str) {
    file.write_all(format!("{text}\n").as_bytes()).unwrap();
}

#[test]
fn killed_workers_lose_no_event() {
    let folder = Folder::new();
    let mut seed = 1;
    let mut random = 12345_u64;
    let mut kills = 0;
    let until = Instant::now() + Duration::from_secs(4);
    let mut running: Vec<_> = (0..2)
        .map(|_| {
            seed += 1;
            start(folder.path(), &format!("work {seed}"))
        })
        .collect();
    while Instant::now() < until {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        std::thread::sleep(Duration::from_millis(10 + (random >> 33) % 60));
        let at = usize::try_from(random >> 40).unwrap() % running.len();
        running[at].kill().unwrap();
        running[at].wait().unwrap();
        kills += 1;
        seed += 1;
        running[at] = start(folder.path(), &format!("work {seed}"));
    }
    for mut child in running {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut last = start(folder.path(), "work 0");
    assert_eq!(told(&mut last).collect::<Vec<_>>(), ["done"]);
    assert!(last.wait().unwrap().success());

    let lines = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let mut effects: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for line in lines("effects").lines() {
        let (key, fence) = line.split_once(' ').unwrap();
        let (key, fence) = (key.parse().unwrap(), fence.parse().unwrap());
        effects.entry(key).or_default().push(fence);
    }
    let acknowledged: BTreeSet<u64> = lines("acknowledged")
        .lines()
        .map(|line| line.parse().unwrap())
        .collect();
    assert_eq!(acknowledged.len(), usize::try_from(EVENTS).unwrap());
    let lost = acknowledged.iter().filter(|key| !effects.contains_key(key));
    let lost = lost.count();
    let twice: usize = effects.values().map(|fences| fences.len() - 1).sum();
    println!("{kills} kills, {EVENTS} events: {lost} lost, {twice} more runs than events");
    assert_eq!(lost, 0);
    assert!(twice <= kills + 2, "a kill costs at most the run it ended");
    for fences in effects.values() {
        let unique: BTreeSet<_> = fences.iter().collect();
        assert_eq!(unique.len(), fences.len(), "a fence was granted twice");
    }
    assert!(kills > 10);
}
