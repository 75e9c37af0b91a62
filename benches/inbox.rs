//! The business transaction of the example `inbox` (a ledger entry, an account, a letter)
//! alone, and the same with the inbox: same driver, same pool, in
//! turns. Each answer is asserted. It starts the servers that it needs.
//! `cargo bench --bench inbox -- FOLDER` keeps the SQLite file on that folder's disk; else
//! it is the one of temporary files.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a benchmark may stop at the first thing that is wrong, and has std"
)]

#[path = "inbox/mysql.rs"]
mod mysql;
#[path = "inbox/postgres.rs"]
mod postgres;
#[path = "../tests/common/server.rs"]
mod server;
#[path = "inbox/sqlite.rs"]
mod sqlite;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use countersign::KeyId;

/// Each of a pair runs for so long, in turn with the other, so often.
const TURN: Duration = Duration::from_millis(200);
const TURNS: usize = 41;
/// Events in each inbox before anything is measured.
const FILLED: u64 = 50_000;
const ACCOUNTS: u64 = 1_000;
const RETENTION: Duration = Duration::from_secs(3600);

/// A database with accounts, a ledger of payments, and an inbox.
trait Shop: Send + Sync + 'static {
    const ENGINE: &str;

    /// Enters an event and nothing else.
    fn fill(&self, events: core::ops::Range<u64>) -> impl Future<Output = ()> + Send;

    /// Books a payment; with the inbox, as the effect of this event.
    fn book(&self, event: u64, with_inbox: bool) -> impl Future<Output = ()> + Send;

    /// Payments in the ledger, and whether they are what the accounts hold.
    fn audit(&self) -> impl Future<Output = (u64, bool)> + Send;
}

fn main() {
    let folder = std::env::args()
        .nth(1)
        .filter(|word| !word.starts_with('-'));
    let folder = folder.map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("countersign-inbox-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    println!("transactions per second, medians of {TURNS} turns");
    runtime.block_on(async {
        let server = server::Postgres::start();
        measure(postgres::Books::open(&server.url()).await).await;
        drop(server);
        let server = server::Mariadb::start();
        measure(mysql::Books::open(&server.url()).await).await;
        drop(server);
        measure(sqlite::Books::open(&folder.join("books.sqlite")).await).await;
    });
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn measure<S: Shop>(shop: S) {
    shop.fill(0..FILLED).await;
    let bench = Arc::new(Bench {
        shop,
        next: AtomicU64::new(FILLED),
    });
    for in_flight in [1, 16] {
        bench.pair(in_flight).await;
    }
    let booked = bench.next.load(Ordering::SeqCst) - FILLED;
    assert_eq!(bench.shop.audit().await, (booked, true));
}

struct Bench<S> {
    shop: S,
    next: AtomicU64,
}

impl<S: Shop> Bench<S> {
    /// In turn, so that both share whatever else the machine does.
    async fn pair(self: &Arc<Self>, in_flight: usize) {
        let (mut alone, mut with, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for turn in 0..TURNS {
            // What one leaves to the disk, the next one pays: each is the next as often.
            let (slow, fast) = if turn % 2 == 0 {
                let fast = self.turn(in_flight, false).await;
                (self.turn(in_flight, true).await, fast)
            } else {
                let slow = self.turn(in_flight, true).await;
                (slow, self.turn(in_flight, false).await)
            };
            alone.push(fast);
            with.push(slow);
            times.push(fast / slow);
        }
        println!(
            "{:>10} {in_flight:3} in flight   alone {:7.0}   with the inbox {:7.0}   {:.2} of the time",
            S::ENGINE,
            median(alone),
            median(with),
            median(times)
        );
    }

    async fn turn(self: &Arc<Self>, in_flight: usize, with_inbox: bool) -> f64 {
        let began = Instant::now();
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..in_flight {
            let bench = Arc::clone(self);
            workers.spawn(async move {
                let mut done = 0_u32;
                while began.elapsed() < TURN {
                    let event = bench.next.fetch_add(1, Ordering::Relaxed);
                    bench.shop.book(event, with_inbox).await;
                    done += 1;
                }
                done
            });
        }
        let done: u32 = workers.join_all().await.into_iter().sum();
        f64::from(done) / began.elapsed().as_secs_f64()
    }
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// Spread over all keys, as hashes are.
fn id(event: u64) -> KeyId {
    let spread = u128::from(event).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    KeyId::from_bytes(spread.to_be_bytes())
}
