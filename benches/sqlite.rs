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

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use countersign::KeyId;
use countersign::store::{
    Claim, ClaimRequest, Nonce, Outcome, Settled, SqliteStore, Store, Synchronous,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::Mutex;

const LEASE: Duration = Duration::from_secs(60);
const RETENTION: Duration = Duration::from_secs(3600);
/// Each of a pair runs for so long, in turn with the other, so often.
const TURN: Duration = Duration::from_millis(150);
const TURNS: usize = 31;
/// Records in each file before anything is measured.
const FILLED: u64 = 50_000;

fn main() {
    let folder = std::env::args()
        .nth(1)
        .filter(|word| !word.starts_with('-'));
    let folder = folder.map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = folder.join(format!("countersign-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        runtime.block_on(measure(&folder, synchronous));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn measure(folder: &Path, synchronous: Synchronous) {
    let file = |name: &str| folder.join(format!("{name}-{synchronous:?}.sqlite"));
    let store = SqliteStore::builder(file("store")).synchronous(synchronous);
    let bench = Arc::new(Bench {
        store: store.open().await.unwrap(),
        raw: Mutex::new(raw(&file("raw"), synchronous).await),
        next: AtomicU64::new(0),
        slowest: AtomicU64::new(0),
    });
    bench.fill().await;
    println!("\nsynchronous = {synchronous:?}: operations per second, medians of {TURNS} turns");
    bench.pair((Work::Raw, 1), (Work::Claim, 1)).await;
    bench.pair((Work::Raw, 64), (Work::Claim, 64)).await;
    bench.pair((Work::Raw, 64), (Work::Claim, 512)).await;
    bench
        .pair((Work::Raw, 64), (Work::ClaimAndComplete, 64))
        .await;
    bench.pair((Work::Raw, 64), (Work::Duplicate, 64)).await;
    let slowest = Duration::from_micros(bench.slowest.load(Ordering::Relaxed));
    println!("slowest claim: {slowest:?}");
    let mut other = connect(&file("store"), synchronous).await;
    let rows = sqlx::query_scalar("SELECT count(*) FROM claim");
    let rows: i64 = rows.fetch_one(&mut other).await.unwrap();
    let bytes = std::fs::metadata(file("store")).unwrap().len();
    println!("{rows} records, {} bytes each", bytes / rows.unsigned_abs());
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
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
    next: AtomicU64,
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
        self.next.store(FILLED, Ordering::Relaxed);
        self.slowest.store(0, Ordering::Relaxed);
    }

    /// Two works in turn, so that they share whatever else the machine does.
    async fn pair(self: &Arc<Self>, floor: (Work, usize), work: (Work, usize)) {
        let (mut floors, mut rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let slow = self.turn(floor.0, floor.1).await;
            let rate = self.turn(work.0, work.1).await;
            floors.push(slow);
            rates.push(rate);
            ratios.push(rate / slow);
        }
        println!(
            "{:>16?} {:3} in flight {:8.0}   {:?} {} in flight {:.0}   ratio {:.2}",
            work.0,
            work.1,
            median(rates),
            floor.0,
            floor.1,
            median(floors),
            median(ratios)
        );
    }

    /// Operations per second, with so many at a time.
    async fn turn(self: &Arc<Self>, work: Work, in_flight: usize) -> f64 {
        let began = Instant::now();
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..in_flight {
            let bench = Arc::clone(self);
            workers.spawn(async move {
                let mut done = 0_u32;
                while began.elapsed() < TURN {
                    let key = bench.next.fetch_add(1, Ordering::Relaxed) + 1;
                    bench.one(work, key).await;
                    done += 1;
                }
                done
            });
        }
        let done: u32 = workers.join_all().await.into_iter().sum();
        f64::from(done) / began.elapsed().as_secs_f64()
    }

    async fn one(&self, work: Work, key: u64) {
        let request = |key| ClaimRequest::new(id(key), Nonce::random().unwrap(), LEASE, RETENTION);
        match work {
            Work::Raw => {
                let insert = sqlx::query(
                    "INSERT INTO claim (key, state, nonce, fence, attempt, is_takeover, lease_us,
                        expires_us, deadline_us) VALUES (?, 0, ?, ?, 1, 0, ?, ?, ?)",
                );
                let request = request(key);
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
                let claim = self.store.claim(&request(key)).await.unwrap();
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
                let claim = self.store.claim(&request(0)).await.unwrap();
                assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
            }
        }
    }
}

/// Spread over all keys, as hashes are.
fn id(key: u64) -> KeyId {
    let spread = u128::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    KeyId::from_bytes(spread.to_be_bytes())
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
