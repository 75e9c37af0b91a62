//! What a done event takes in memory: bytes that are allocated, counted by the
//! allocator. Apart from `memory`, whose times the counting would change.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    reason = "a benchmark"
)]

use core::time::Duration;

use allocation_counter::measure;
use countersign::store::MemoryStore;
use ids::{claim, complete, id};

#[path = "ids.rs"]
mod ids;

const RETENTION: Duration = Duration::from_secs(72 * 3600);

fn main() {
    println!("\nbytes per done event (aim: 40), and at the most on the way there");
    for events in [1_000_000, 2_000_000, 5_000_000, 10_000_000] {
        // Room for each, and then less than there are events, so that every shard is full.
        for (name, capacity) in [("growing", events + events / 8), ("full", events * 3 / 4)] {
            let mut store = None;
            let bytes = measure(|| {
                let filling = MemoryStore::with_capacity(capacity as usize);
                for n in 0..events {
                    let request = id(n, RETENTION).request;
                    complete(&filling, &claim(&filling, &request));
                }
                store = Some(filling);
            });
            let held = store.unwrap().len() as f64;
            println!(
                "{name:<10}{held:>12}{:>9.1}{:>9.1}",
                bytes.bytes_current as f64 / held,
                bytes.bytes_max as f64 / held
            );
        }
    }
    println!();
}
