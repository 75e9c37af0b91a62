//! The SQLite store beside the raw insert of the same row: same driver, same pragmas, one
//! run. Each answer is asserted. `cargo bench --bench sqlite -- FOLDER` measures on that
//! folder's disk; else it is the one of temporary files.
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

#[path = "../tests/common/folder.rs"]
mod folder;
#[path = "../tests/common/requests.rs"]
mod requests;
mod turns;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use countersign::store::{Claim, Outcome, Settled, SqliteStore, Store, Synchronous};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::Mutex;

use self::folder::Folder;
use self::requests::long_request;
use self::turns::{Bench as _, Turns};

/// Each of a pair runs for so long, in turn with the other, so often.
const TURN: Duration = Duration::from_millis(150);
const TURNS: usize = 31;
/// Records in each file before anything is measured.
const FILLED: u64 = 50_000;

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
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        runtime.block_on(measure(folder.path(), synchronous));
    }
}

async fn measure(folder: &Path, synchronous: Synchronous) {
    let file = |name: &str| folder.join(format!("{name}-{synchronous:?}.sqlite"));
    let store = SqliteStore::builder(file("store")).synchronous(synchronous);
    let bench = Arc::new(Bench {
        store: store.open().await.unwrap(),
        raw: Mutex::new(raw(&file("raw"), synchronous).await),
        slowest: AtomicU64::new(0),
    });
    bench.fill().await;
    println!("\nsynchronous = {synchronous:?}: operations per second, medians of {TURNS} turns");
    let turns = Turns::new(&bench, TURNS, TURN, FILLED + 1);
    for ((floor, floor_in_flight), (work, in_flight)) in [
        ((Work::Raw, 1), (Work::Claim, 1)),
        ((Work::Raw, 64), (Work::Claim, 64)),
        ((Work::Raw, 64), (Work::Claim, 512)),
        ((Work::Raw, 64), (Work::ClaimAndComplete, 64)),
        ((Work::Raw, 64), (Work::Duplicate, 64)),
    ] {
        let medians = turns
            .pair((floor, floor_in_flight), (work, in_flight))
            .await;
        println!(
            "{work:>16?} {in_flight:3} in flight {:8.0}   {floor:?} {floor_in_flight} in flight {:.0}   ratio {:.2}",
            medians.work, medians.floor, medians.ratio
        );
    }
    let slowest = Duration::from_micros(bench.slowest.load(Ordering::Relaxed));
    println!("slowest claim: {slowest:?}");
    let mut other = connect(&file("store"), synchronous).await;
    let rows = sqlx::query_scalar("SELECT count(*) FROM claim");
    let rows: i64 = rows.fetch_one(&mut other).await.unwrap();
    let bytes = std::fs::metadata(file("store")).unwrap().len();
    println!("{rows} records, {} bytes each", bytes / rows.unsigned_abs());
}

#[derive(Clone, Copy, Debug)]
enum Work {
    /// One row, in a transaction of its own.
    Raw,
    Claim,
    ClaimAndComplete,
    /// A claim of what is done.
    Duplicate,
}

struct Bench {
    store: SqliteStore,
    raw: Mutex<SqliteConnection>,
    slowest: AtomicU64,
}

impl Bench {
    /// Both files begin with the same number of records, and with a log of full size.
    async fn fill(self: &Arc<Self>) {
        self.one(Work::ClaimAndComplete, 0).await;
        let mut claims = tokio::task::JoinSet::new();
        for key in 1..=FILLED {
            let bench = Arc::clone(self);
            claims.spawn(async move { bench.one(Work::Claim, key).await });
        }
        claims.join_all().await;
        for some in 0..FILLED / 500 {
            let run = |statement: &'static str| async move {
                let mut raw = self.raw.lock().await;
                sqlx::raw_sql(statement).execute(&mut *raw).await.unwrap();
            };
            run("BEGIN").await;
            for key in 0..500 {
                self.one(Work::Raw, 1 + some * 500 + key).await;
            }
            run("COMMIT").await;
        }
        self.slowest.store(0, Ordering::Relaxed);
    }
}

impl turns::Bench for Bench {
    type Work = Work;

    async fn one(&self, work: Work, key: u64) {
        match work {
            Work::Raw => {
                let insert = sqlx::query(
                    "INSERT INTO claim (key, state, nonce, fence, attempt, is_takeover, lease_us,
                        expires_us, deadline_us) VALUES (?, 0, ?, ?, 1, 0, ?, ?, ?)",
                );
                let request = long_request(key);
                let insert = insert
                    .bind(request.key().as_bytes().to_vec())
                    .bind(request.nonce().as_bytes().to_vec())
                    .bind(1_700_000_000_000_000 + key.cast_signed())
                    .bind(60_000_000_i64)
                    .bind(1_700_003_600_000_000_i64)
                    .bind(1_700_000_060_000_000_i64);
                let mut connection = self.raw.lock().await;
                let inserted = insert.execute(&mut *connection).await.unwrap();
                assert_eq!(inserted.rows_affected(), 1);
            }
            Work::Claim | Work::ClaimAndComplete => {
                let began = Instant::now();
                let claim = self.store.claim(&long_request(key)).await.unwrap();
                let took = u64::try_from(began.elapsed().as_micros()).unwrap();
                self.slowest.fetch_max(took, Ordering::Relaxed);
                let Claim::Fresh(lease) = claim else {
                    panic!("{claim:?}");
                };
                if let Work::ClaimAndComplete = work {
                    let settled = self.store.complete(&lease, Outcome::Processed, None).await;
                    assert_eq!(settled.unwrap(), Settled::Ok);
                }
            }
            Work::Duplicate => {
                let claim = self.store.claim(&long_request(0)).await.unwrap();
                assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
            }
        }
    }
}

async fn connect(file: &Path, synchronous: Synchronous) -> SqliteConnection {
    let synchronous = match synchronous {
        Synchronous::Normal => SqliteSynchronous::Normal,
        _ => SqliteSynchronous::Full,
    };
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .disable_statement_logging();
    options.connect().await.unwrap()
}

/// The store's own table, in a file without the store.
async fn raw(file: &Path, synchronous: Synchronous) -> SqliteConnection {
    drop(SqliteStore::open(file).await.unwrap());
    connect(file, synchronous).await
}
