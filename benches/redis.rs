//! The Redis store beside the raw commands: same driver, same connection, one run. Each
//! answer is asserted. It starts a server of its own, for each way of keeping its log.
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
use countersign::store::{Claim, ClaimRequest, Nonce, Outcome, RedisStore, Settled, Store};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{Cmd, Value};

use self::server::Redis;

const LEASE: Duration = Duration::from_secs(60);
const RETENTION: Duration = Duration::from_secs(3600);
/// Each of a pair runs for so long, in turn with the other, so often.
const TURN: Duration = Duration::from_millis(150);
const TURNS: usize = 21;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    for (name, arguments) in [
        ("no log", ["--appendonly", "no", "--appendfsync", "no"]),
        (
            "a log, synced every second",
            ["--appendonly", "yes", "--appendfsync", "everysec"],
        ),
        (
            "a log, synced always",
            ["--appendonly", "yes", "--appendfsync", "always"],
        ),
    ] {
        runtime.block_on(measure(name, &arguments));
    }
}

async fn measure(name: &str, arguments: &[&str]) {
    let server = Redis::with(arguments);
    let client = redis::Client::open(server.url()).unwrap();
    // A turn's first commands may wait for the server to write its log anew.
    let config = redis::AsyncConnectionConfig::new().set_response_timeout(None);
    let connection = client.get_multiplexed_async_connection_with_config(&config);
    let mut connection = connection.await.unwrap();
    let bench = Arc::new(Bench {
        store: RedisStore::open(connection.clone()).await.unwrap(),
        settle: redis::cmd("SCRIPT")
            .arg(&["LOAD", SETTLE])
            .query_async(&mut connection)
            .await
            .unwrap(),
        raw: connection,
        next: AtomicU64::new(0),
    });
    bench.one(Work::ClaimAndComplete, 0).await;
    println!("\n{name}: operations per second, medians of {TURNS} turns");
    for in_flight in [1, 64, 512] {
        bench.pair(Work::Raw, Work::Claim, in_flight).await;
    }
    bench.pair(Work::RawPair, Work::ClaimAndComplete, 64).await;
    bench.pair(Work::Raw, Work::Duplicate, 64).await;
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

#[derive(Clone, Copy, Debug)]
enum Work {
    /// `SET … NX GET PX` of a new key.
    Raw,
    /// The same, then a script that sets it to another value if it is still the owner's.
    RawPair,
    Claim,
    ClaimAndComplete,
    /// A claim of what is done.
    Duplicate,
}

struct Bench {
    store: RedisStore<MultiplexedConnection>,
    raw: MultiplexedConnection,
    settle: String,
    next: AtomicU64,
}

const SETTLE: &str = "
    local old = redis.call('GET', KEYS[1])
    if not old or string.sub(old, 1, 16) ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    return 1";

impl Bench {
    /// Two works in turn, so that they share whatever else the machine does.
    async fn pair(self: &Arc<Self>, floor: Work, work: Work, in_flight: usize) {
        let (mut floors, mut rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for turn in 0..TURNS {
            // What one leaves behind, the next one pays: each is the next as often.
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
            "{in_flight:3} in flight: {work:?} {:.0}   {floor:?} {:.0}   ratio {:.2}",
            median(rates),
            median(floors),
            median(ratios)
        );
        let _: () = redis::cmd("FLUSHALL")
            .arg("ASYNC")
            .query_async(&mut self.raw.clone())
            .await
            .unwrap();
        self.one(Work::ClaimAndComplete, 0).await;
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
            Work::Raw | Work::RawPair => {
                let request = request(key);
                let mut connection = self.raw.clone();
                // As long as the store's.
                let mut value = [0; 49];
                value[..16].copy_from_slice(request.nonce().as_bytes());
                let name = format!("countersign:{}", request.key());
                let mut set = Cmd::new();
                set.arg("SET").arg(&name).arg(&value[..]);
                set.arg(&["NX", "GET", "PX", "3600000"]);
                let answer = connection.req_packed_command(&set).await.unwrap();
                assert_eq!(answer, Value::Nil);
                if let Work::RawPair = work {
                    let mut settle = Cmd::new();
                    settle.arg("EVALSHA").arg(&self.settle).arg("1").arg(&name);
                    settle.arg(&value[..16]).arg(&value[..]).arg("3600000");
                    let answer = connection.req_packed_command(&settle).await.unwrap();
                    assert_eq!(answer, Value::Int(1));
                }
            }
            Work::Claim | Work::ClaimAndComplete => {
                let claim = self.store.claim(&request(key)).await.unwrap();
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
