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

#[path = "../tests/common/requests.rs"]
mod requests;
#[path = "../tests/common/server.rs"]
mod server;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use countersign::store::{Claim, Outcome, PostgresStore, Settled, Store};
use sqlx::postgres::{PgPool, PgPoolOptions};

use crate::requests::{fresh, long_request};
use crate::server::Postgres;
use crate::turns::{Bench as _, Turns};

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
    });
    bench.fill().await;
    println!("operations per second, medians of {TURNS} turns");
    let turns = Turns::new(&bench, TURNS, TURN, FILLED + 1);
    for (floor, work, in_flight) in [
        (Work::Raw, Work::Claim, 1),
        (Work::Raw, Work::Claim, 16),
        (Work::Raw, Work::Claim, 64),
        (Work::Raw, Work::ClaimAndComplete, 16),
        (Work::Upsert, Work::Duplicate, 16),
        (Work::Claim, Work::Batched, 1),
        (Work::Claim, Work::Batched, 64),
        (Work::Claim, Work::Batched, 256),
        (Work::ClaimAndComplete, Work::BatchedAndComplete, 64),
    ] {
        let medians = turns.pair((floor, in_flight), (work, in_flight)).await;
        println!(
            "{in_flight:3} in flight: {work:>18?} {:7.0}   {floor:>16?} {:7.0}   ratio {:.2}",
            medians.work, medians.floor, medians.ratio
        );
    }
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
        for statement in ["VACUUM ANALYZE countersign_claim", "CHECKPOINT"] {
            let done = sqlx::raw_sql(statement).execute(&self.pool).await;
            done.unwrap();
        }
    }

    async fn raw(&self, statement: &'static str, key: u64) -> u64 {
        let request = long_request(key);
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

impl turns::Bench for Bench {
    type Work = Work;

    async fn one(&self, work: Work, key: u64) {
        match work {
            Work::Raw => assert_eq!(self.raw(RAW, key).await, 1),
            Work::Upsert => assert_eq!(self.raw(UPSERT, 0).await, 1),
            Work::Claim => assert_eq!(fresh(&self.store, &long_request(key)).await.attempt(), 1),
            Work::Batched => {
                assert_eq!(fresh(&self.batching, &long_request(key)).await.attempt(), 1)
            }
            Work::ClaimAndComplete => both(&self.store, key).await,
            Work::BatchedAndComplete => both(&self.batching, key).await,
            Work::Duplicate => {
                let claim = self.store.claim(&long_request(0)).await.unwrap();
                assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
            }
        }
    }
}

async fn both(store: &PostgresStore, key: u64) {
    let lease = fresh(store, &long_request(key)).await;
    let settled = store.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
}
