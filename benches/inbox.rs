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
#[path = "../tests/common/requests.rs"]
mod requests;
#[path = "../tests/common/server.rs"]
mod server;
#[path = "inbox/sqlite.rs"]
mod sqlite;
mod turns;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::server::Folder;
use crate::turns::{Bench, Turns};

/// Each of a pair runs for so long, in turn with the other, so often.
const TURN: Duration = Duration::from_millis(200);
const TURNS: usize = 41;
/// Events in each inbox before anything is measured.
const FILLED: u64 = 50_000;
const ACCOUNTS: u64 = 1_000;

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
    let folder = Folder::within(&folder.map_or_else(std::env::temp_dir, PathBuf::from));
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
        measure(sqlite::Books::open(&folder.path().join("books.sqlite")).await).await;
    });
}

async fn measure<S: Shop>(shop: S) {
    shop.fill(0..FILLED).await;
    let booking = Arc::new(Booking(shop));
    let turns = Turns::new(&booking, TURNS, TURN, FILLED);
    for in_flight in [1, 16] {
        let medians = turns.pair((false, in_flight), (true, in_flight)).await;
        println!(
            "{:>10} {in_flight:3} in flight   alone {:7.0}   with the inbox {:7.0}   {:.2} of the time",
            S::ENGINE,
            medians.floor,
            medians.work,
            1.0 / medians.ratio
        );
    }
    let booked = turns.next.load(Ordering::SeqCst) - FILLED;
    assert_eq!(booking.0.audit().await, (booked, true));
}

struct Booking<S>(S);

impl<S: Shop> Bench for Booking<S> {
    /// With the inbox.
    type Work = bool;

    async fn one(&self, with_inbox: bool, event: u64) {
        self.0.book(event, with_inbox).await;
    }
}
