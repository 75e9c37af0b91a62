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

#[path = "../tests/common/requests.rs"]
mod requests;
#[path = "../tests/common/server.rs"]
mod server;
mod turns;

use std::sync::Arc;
use std::time::Duration;

use countersign::store::{Claim, Outcome, RedisStore, Settled, Store};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{Cmd, Value};

use self::requests::long_request;
use self::server::Redis;
use self::turns::{Bench as _, Turns};

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
    });
    bench.one(Work::ClaimAndComplete, 0).await;
    println!("\n{name}: operations per second, medians of {TURNS} turns");
    let turns = Turns::new(&bench, TURNS, TURN, 1);
    for (floor, work, in_flight) in [
        (Work::Raw, Work::Claim, 1),
        (Work::Raw, Work::Claim, 64),
        (Work::Raw, Work::Claim, 512),
        (Work::RawPair, Work::ClaimAndComplete, 64),
        (Work::Raw, Work::Duplicate, 64),
    ] {
        let medians = turns.pair((floor, in_flight), (work, in_flight)).await;
        println!(
            "{in_flight:3} in flight: {work:?} {:.0}   {floor:?} {:.0}   ratio {:.2}",
            medians.work, medians.floor, medians.ratio
        );
        bench.empty().await;
    }
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
}

const SETTLE: &str = "
    local old = redis.call('GET', KEYS[1])
    if not old or string.sub(old, 1, 16) ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    return 1";

impl Bench {
    /// An empty server, but for one event that is done.
    async fn empty(&self) {
        let _: () = redis::cmd("FLUSHALL")
            .arg("ASYNC")
            .query_async(&mut self.raw.clone())
            .await
            .unwrap();
        self.one(Work::ClaimAndComplete, 0).await;
    }
}

impl turns::Bench for Bench {
    type Work = Work;

    async fn one(&self, work: Work, key: u64) {
        match work {
            Work::Raw | Work::RawPair => {
                let request = long_request(key);
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
                let claim = self.store.claim(&long_request(key)).await.unwrap();
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
