//! The PostgreSQL store beside the raw statement on the same table: same driver, same
//! pool, same number in flight, one run, on a server of its own with `synchronous_commit`
//! on. Each answer is asserted.
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

#[path = "../tests/common/server.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use countersign::KeyId;
use countersign::store::{Claim, ClaimRequest, Nonce, Outcome, PostgresStore, Settled, Store};
use sqlx::postgres::{PgPool, PgPoolOptions};

use crate::server::Postgres;

const LEASE: Duration = Duration::from_secs(60);
const RETENTION: Duration = Duration::from_secs(3600);
/// Each of a pair runs for so long, in turn with the other, so often.
const TURN: Duration = Duration::from_millis(150);
const TURNS: usize = 31;
/// Records in the table before anything is measured.
const FILLED: u64 = 50_000;
/// As many connections as are ever in flight.
const CONNECTIONS: u32 = 64;

/// The row of a claim, and nothing else.
const RAW: &str = "INSERT INTO countersign_claim (key, state, nonce, fence, attempt,
    is_takeover, lease_us, expires_us, deadline_us)
    VALUES ($1, 0, $2, $3, 1, false, $4, $5, $6) ON CONFLICT DO NOTHING";

/// What a claim is mostly written as: one statement that writes, whatever it finds.
const UPSERT: &str = "INSERT INTO countersign_claim AS old (key, state, nonce, fence, attempt,
    is_takeover, lease_us, expires_us, deadline_us)
    VALUES ($1, 0, $2, $3, 1, false, $4, $5, $6)
    ON CONFLICT (key) DO UPDATE SET nonce = CASE WHEN old.expires_us <= excluded.fence
        THEN excluded.nonce ELSE old.nonce END
    RETURNING state, nonce, fence";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let server = Postgres::start();
    runtime.block_on(measure(&server));
}

async fn measure(server: &Postgres) {
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .min_connections(CONNECTIONS)
        .test_before_acquire(false)
        .connect(&server.url())
        .await
        .unwrap();
    PostgresStore::migrate(&pool).await.unwrap();
    let batching = PostgresStore::builder(pool.clone()).batching(true);
    let bench = Arc::new(Bench {
        store: PostgresStore::open(pool.clone()).await.unwrap(),
        batching: batching.open().await.unwrap(),
        pool,
        next: AtomicU64::new(0),
    });
    bench.fill().await;
    println!("operations per second, medians of {TURNS} turns");
    for in_flight in [1, 16, 64] {
        bench.pair(Work::Raw, Work::Claim, in_flight).await;
    }
    bench.pair(Work::Raw, Work::ClaimAndComplete, 16).await;
    bench.pair(Work::Upsert, Work::Duplicate, 16).await;
    for in_flight in [1, 64, 256] {
        bench.pair(Work::Claim, Work::Batched, in_flight).await;
    }
    bench
        .pair(Work::ClaimAndComplete, Work::BatchedAndComplete, 64)
        .await;
    let size = "SELECT count(*), pg_relation_size('countersign_claim'),
        pg_indexes_size('countersign_claim') FROM countersign_claim";
    let (rows, table, index): (i64, i64, i64) =
        sqlx::query_as(size).fetch_one(&bench.pool).await.unwrap();
    println!(
        "{rows} records, {} bytes each, and {} of the index",
        table / rows,
        index / rows
    );
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

#[derive(Clone, Copy, Debug)]
enum Work {
    /// The same row, by the raw statement.
    Raw,
    /// A known one, by the raw statement that writes always.
    Upsert,
    Claim,
    ClaimAndComplete,
    /// A claim of what is done.
    Duplicate,
    Batched,
    BatchedAndComplete,
}

struct Bench {
    store: PostgresStore,
    batching: PostgresStore,
    pool: PgPool,
    next: AtomicU64,
}

impl Bench {
    async fn fill(self: &Arc<Self>) {
        self.one(Work::ClaimAndComplete, 0).await;
        let mut claims = tokio::task::JoinSet::new();
        for key in 1..=FILLED {
            let bench = Arc::clone(self);
            claims.spawn(async move { bench.one(Work::Batched, key).await });
        }
        claims.join_all().await;
        self.next.store(FILLED, Ordering::Relaxed);
        for statement in ["VACUUM ANALYZE countersign_claim", "CHECKPOINT"] {
            let done = sqlx::raw_sql(statement).execute(&self.pool).await;
            done.unwrap();
        }
    }

    /// Two works in turn, so that they share whatever else the machine does.
    async fn pair(self: &Arc<Self>, floor: Work, work: Work, in_flight: usize) {
        let (mut floors, mut rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for turn in 0..TURNS {
            // What one leaves to the disk, the next one pays: each is the next as often.
            let (slow, rate) = if turn % 2 == 0 {
                let slow = self.turn(floor, in_flight).await;
                (slow, self.turn(work, in_flight).await)
            } else {
                let rate = self.turn(work, in_flight).await;
                (self.turn(floor, in_flight).await, rate)
            };
            floors.push(slow);
            rates.push(rate);
            ratios.push(rate / slow);
        }
        println!(
            "{in_flight:3} in flight: {work:>18?} {:7.0}   {floor:>16?} {:7.0}   ratio {:.2}",
            median(rates),
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
        match work {
            Work::Raw => assert_eq!(self.raw(RAW, key).await, 1),
            Work::Upsert => assert_eq!(self.raw(UPSERT, 0).await, 1),
            Work::Claim => assert_eq!(fresh(&self.store, key).await.attempt(), 1),
            Work::Batched => assert_eq!(fresh(&self.batching, key).await.attempt(), 1),
            Work::ClaimAndComplete => both(&self.store, key).await,
            Work::BatchedAndComplete => both(&self.batching, key).await,
            Work::Duplicate => {
                let claim = self.store.claim(&request(0)).await.unwrap();
                assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
            }
        }
    }

    async fn raw(&self, statement: &'static str, key: u64) -> u64 {
        let request = request(key);
        let (id, nonce) = (request.key(), request.nonce());
        let done = sqlx::query(statement)
            .bind(id.as_bytes().as_slice())
            .bind(nonce.as_bytes().as_slice())
            .bind(1_700_000_000_000_000 + key.cast_signed())
            .bind(60_000_000_i64)
            .bind(1_900_003_600_000_000_i64)
            .bind(1_900_000_060_000_000_i64)
            .execute(&self.pool)
            .await;
        done.unwrap().rows_affected()
    }
}

async fn fresh(store: &PostgresStore, key: u64) -> countersign::store::Lease {
    match store.claim(&request(key)).await.unwrap() {
        Claim::Fresh(lease) => lease,
        other => panic!("{other:?}"),
    }
}

async fn both(store: &PostgresStore, key: u64) {
    let lease = fresh(store, key).await;
    let settled = store.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
}

fn request(key: u64) -> ClaimRequest {
    ClaimRequest::new(id(key), Nonce::random().unwrap(), LEASE, RETENTION)
}

/// Spread over all keys, as hashes are.
fn id(key: u64) -> KeyId {
    let spread = u128::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    KeyId::from_bytes(spread.to_be_bytes())
}
