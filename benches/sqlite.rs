//! The SQLite store beside the raw insert of the same row: same driver, same pragmas, one
//! run. Each answer is asserted. `cargo bench --bench sqlite -- FOLDER` measures on that
//! folder's disk; else it is the one of temporary files.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
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
/// Each measure runs for so long, in turn with the others, so often.
const TURN: Duration = Duration::from_millis(700);
const TURNS: usize = 7;

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
    let cases: [(&str, Work, usize); 7] = [
        ("raw insert", Work::Raw, 1),
        ("raw insert", Work::Raw, 64),
        ("claim", Work::Claim, 1),
        ("claim", Work::Claim, 64),
        ("claim", Work::Claim, 512),
        ("claim and complete", Work::Pair, 64),
        ("claim of what is done", Work::Duplicate, 64),
    ];
    bench.one(Work::Pair, 0).await;
    let mut rates = vec![Vec::new(); cases.len()];
    for _ in 0..TURNS {
        for (rates, (_, work, in_flight)) in rates.iter_mut().zip(cases) {
            rates.push(bench.turn(work, in_flight).await);
        }
    }
    println!("\nsynchronous = {synchronous:?}: operations per second, median of {TURNS} turns");
    for (rates, (name, _, in_flight)) in rates.iter_mut().zip(cases) {
        rates.sort_by(f64::total_cmp);
        println!("{name:24} {in_flight:4} in flight {:10.0}", middle(rates));
    }
    let of = |at: usize| middle(&rates[at]);
    println!("1 in flight: {:.2} of the raw insert", of(2) / of(0));
    println!(
        "64 in flight: {:.1} times one transaction per claim",
        of(3) / of(1)
    );
    let slowest = Duration::from_micros(bench.slowest.load(Ordering::Relaxed));
    println!("slowest claim: {slowest:?}");
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM claim")
        .fetch_one(&mut connect(&file("store"), synchronous).await)
        .await
        .unwrap();
    let bytes = std::fs::metadata(file("store")).unwrap().len();
    println!("{rows} records, {} bytes each", bytes / rows.unsigned_abs());
}

fn middle(sorted: &[f64]) -> f64 {
    sorted[sorted.len() / 2]
}

#[derive(Clone, Copy)]
enum Work {
    Raw,
    Claim,
    Pair,
    Duplicate,
}

struct Bench {
    store: SqliteStore,
    raw: Mutex<SqliteConnection>,
    next: AtomicU64,
    slowest: AtomicU64,
}

impl Bench {
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
            Work::Claim | Work::Pair => {
                let began = Instant::now();
                let claim = self.store.claim(&request(key)).await.unwrap();
                let took = u64::try_from(began.elapsed().as_micros()).unwrap();
                self.slowest.fetch_max(took, Ordering::Relaxed);
                let Claim::Fresh(lease) = claim else {
                    panic!("{claim:?}");
                };
                if let Work::Pair = work {
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
