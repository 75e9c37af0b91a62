//! What a claim in memory costs, beside what people write by hand: an insert into a
//! `Mutex<HashMap<String, Instant>>`, and into `moka`. Each round fills all of them one
//! after the other, so that they share whatever else the machine does; medians of the
//! rounds are printed, and the time in which the scheduler let a thread wait for a
//! processor is taken off (Linux).

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::std_instead_of_alloc,
    missing_docs,
    reason = "a benchmark"
)]

use core::hint::black_box;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::collections::HashMap;
use std::fs;

use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Instant;

use countersign::store::{MemoryStore, Monotonic};
use ids::{Id, claim, complete, id, meet_done};

#[path = "ids.rs"]
mod ids;

const RETENTION: Duration = Duration::from_secs(72 * 3600);
const MILLION: u64 = 1_000_000;
/// Ids are made outside the measured time, so many at once.
const BATCH: u64 = 1024;
/// A prime: steps of so many ids lead through all of them in another order.
const FAR: u64 = 7_368_787;

fn main() {
    let short = std::env::args().any(|argument| argument == "--short");
    println!(
        "\nns per event and thread; one insert for HashMap and moka, claim and complete for the store"
    );
    println!(
        "{:<20}{:>9}{:>9}{:>9}{:>9}{:>12}{:>12}",
        "ids, threads", "HashMap", "moka", "store", "again", "to HashMap", "to moka"
    );
    println!("{:<20}{:>60}{:>12}", "aim", "<= 0.60", "<= 0.20");
    let sizes: &[(u64, usize)] = if short {
        &[(MILLION, 1)]
    } else {
        &[(MILLION, 5), (10 * MILLION, 3)]
    };
    for &(ids, rounds) in sizes {
        for threads in [1, 2] {
            let rounds: Vec<_> = (0..rounds).map(|_| round(ids, threads)).collect();
            let [map, moka, store, again] =
                [0, 1, 2, 3].map(|column| median(rounds.iter().map(|round| round[column])));
            let to = |column: usize| median(rounds.iter().map(|round| round[2] / round[column]));
            let label = format!("{} M, {threads}", ids / MILLION);
            println!(
                "{label:<20}{map:>9.0}{moka:>9.0}{store:>9.0}{again:>9.0}{:>12.2}{:>12.2}",
                to(0),
                to(1)
            );
        }
    }
    let worst: Vec<_> = (0..if short { 1 } else { 5 })
        .map(|_| worst_step())
        .collect();
    println!(
        "\nworst single step while growing to 2 M, of each run (aim: 1000 µs): {worst:.0?} µs"
    );
    println!("\nns per event where each makes an older one go, 1 M held");
    for (name, go) in [
        ("it has ended", Go::Ended),
        ("the store is full", Go::Evicted),
    ] {
        let rounds = (0..if short { 1 } else { 5 }).map(|_| steady(go));
        println!("{name:<20}{:>9.0}", median(rounds));
    }
    println!();
}

/// Fills each of the three, and asks the store for each id again.
fn round(ids: u64, threads: u64) -> [f64; 4] {
    let scale = (ids, threads);
    let map = Mutex::new(HashMap::<String, Instant>::new());
    let map_ns = measure(
        scale,
        |n| n,
        |id| {
            let key = id.text.as_str().to_owned();
            let replaced = map.lock().unwrap().insert(key, Instant::now());
            assert!(replaced.is_none());
        },
    );
    drop(map);
    let moka = moka::sync::Cache::builder()
        .max_capacity(ids + ids / 8)
        .time_to_live(RETENTION)
        .build();
    let moka_ns = measure(
        scale,
        |n| n,
        |id| {
            assert!(moka.entry_by_ref(id.text.as_str()).or_insert(()).is_fresh());
        },
    );
    drop(moka);
    let store = MemoryStore::with_capacity((ids + ids / 8) as usize);
    let store_ns = measure(
        scale,
        |n| n,
        |id| {
            complete(&store, &claim(&store, &id.request));
        },
    );
    assert_eq!(store.len() as u64, ids);
    let again_ns = measure(
        scale,
        |n| n * FAR % ids,
        |id| {
            meet_done(&store, &id.request);
        },
    );
    [map_ns, moka_ns, store_ns, again_ns]
}

/// Runs `event` for so many ids, in this order, on so many threads: nanoseconds per
/// event and thread.
fn measure(
    (ids, threads): (u64, u64),
    order: impl Fn(u64) -> u64 + Sync,
    event: impl Fn(&Id) + Sync,
) -> f64 {
    let start = Barrier::new(threads as usize);
    let run = |thread: u64| {
        start.wait();
        let mut ran = Duration::ZERO;
        let (from, to) = (ids * thread / threads, ids * (thread + 1) / threads);
        let mut at = from;
        while at < to {
            let next = to.min(at + BATCH);
            let batch: Vec<_> = (at..next).map(|n| id(order(n), RETENTION)).collect();
            let (began, waited) = (Instant::now(), waited());
            for id in &batch {
                event(black_box(id));
            }
            ran += began.elapsed().saturating_sub(self::waited() - waited);
            at = next;
        }
        ran.as_nanos() as f64 / (to - from) as f64
    };
    let run = &run;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|n| scope.spawn(move || run(n))).collect();
        let count = threads.len() as f64;
        let sum: f64 = threads.into_iter().map(|one| one.join().unwrap()).sum();
        sum / count
    })
}

/// The longest claim or complete on the way to two million events, in microseconds.
fn worst_step() -> f64 {
    let store = MemoryStore::with_capacity(2 * MILLION as usize + 250_000);
    let mut worst = Duration::ZERO;
    for n in 0..2 * MILLION {
        let id = id(n, RETENTION);
        let waited = waited();
        let began = Instant::now();
        let lease = claim(&store, &id.request);
        let claimed = Instant::now();
        complete(&store, &lease);
        let step = claimed.elapsed().max(claimed - began);
        if step > worst {
            worst = worst.max(step.saturating_sub(self::waited() - waited));
        }
    }
    assert_eq!(store.len() as u64, 2 * MILLION);
    worst.as_nanos() as f64 / 1000.0
}

/// Why an older event goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Go {
    Ended,
    Evicted,
}

/// A clock that goes on by a microsecond with each event.
struct PerEvent(AtomicU64);

impl Monotonic for PerEvent {
    fn elapsed(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// A store that holds a million events, each new one in the place of another.
fn steady(go: Go) -> f64 {
    let clock = Arc::new(PerEvent(AtomicU64::new(0)));
    let (capacity, retention) = match go {
        Go::Ended => (2 * MILLION, Duration::from_micros(MILLION)),
        Go::Evicted => (MILLION, RETENTION),
    };
    let store = MemoryStore::with_capacity(capacity as usize).clock(Arc::clone(&clock) as _);
    let fill = |from: u64| {
        let mut took = Duration::ZERO;
        for at in (from..from + 2 * MILLION).step_by(1000) {
            let batch: Vec<_> = (at..at + 1000).map(|n| id(n, retention).request).collect();
            let (began, waited) = (Instant::now(), waited());
            for request in &batch {
                complete(&store, &claim(&store, request));
                clock.0.fetch_add(1, Ordering::Relaxed);
            }
            took += began.elapsed().saturating_sub(self::waited() - waited);
        }
        took
    };
    fill(0);
    let took = fill(2 * MILLION);
    assert_eq!(store.evicted() > 0, go == Go::Evicted);
    took.as_nanos() as f64 / (2 * MILLION) as f64
}

/// How long this thread waited for a processor so far.
fn waited() -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let waited = told.split(' ').nth(1).and_then(|text| text.parse().ok());
    Duration::from_nanos(waited.unwrap_or_default())
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
