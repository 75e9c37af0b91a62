//! A primary, its replica, and a sentinel that lets one take over from the other.

use std::time::{Duration, Instant};

use countersign::store::{Claim, Outcome, RedisStore, Settled, Store};
use redis::aio::MultiplexedConnection;
use redis::sentinel::{SentinelClient, SentinelServerType};

use crate::requests::fresh;
use crate::rig::{connect, request, told};
use crate::server::{Folder, Launch, Process, Redis, free_port, program};

const NAME: &str = "hooks";

fn sentinel(primary: &Redis) -> (Process, u16) {
    let port = free_port();
    let folder = Folder::new();
    let text = format!(
        "port {port}\nbind 127.0.0.1\nsentinel monitor {NAME} 127.0.0.1 {} 1\n\
         sentinel down-after-milliseconds {NAME} 500\nsentinel failover-timeout {NAME} 5000\n",
        primary.port()
    );
    std::fs::write(folder.path().join("sentinel.conf"), text).unwrap();
    let launch = Launch {
        name: "sentinel",
        program: program("redis-server", &["/usr/bin"], "redis-server"),
        arguments: ["sentinel.conf", "--sentinel"].map(str::to_owned).to_vec(),
        user: None,
        clock: None,
    };
    let is_ready = move || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    (Process::start(launch, folder, is_ready), port)
}

async fn primary(client: &mut SentinelClient) -> Option<MultiplexedConnection> {
    client.get_async_connection().await.ok()
}

/// A field of INFO, as a number.
async fn number(server: &Redis, field: &str) -> Option<u64> {
    let mut connection = connect(server.port()).await;
    let info: String = redis::cmd("INFO")
        .query_async(&mut connection)
        .await
        .unwrap();
    let mut fields = info.lines().filter_map(|line| line.split_once(':'));
    fields.find_map(|(name, value)| (name == field).then(|| value.trim().parse().ok())?)
}

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < Duration::from_secs(60), "never {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn claims_go_on_with_the_replica_that_takes_over() {
    let first = Redis::start();
    let port = first.port().to_string();
    let second = Redis::with(&["--replicaof", "127.0.0.1", &port, "--appendonly", "yes"]);
    let (_sentinel, port) = sentinel(&first);
    let url = format!("redis://127.0.0.1:{port}/");
    let build = SentinelClient::build(vec![url], NAME.into(), None, SentinelServerType::Master);
    let mut client = build.unwrap();
    until("a replica", async || {
        number(&first, "connected_slaves").await == Some(1)
    })
    .await;

    let store = RedisStore::open(primary(&mut client).await.unwrap())
        .await
        .unwrap();
    let held = fresh(&store, &request(1)).await;
    let done = fresh(&store, &request(2)).await;
    let settled = store.complete(&done, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    let released = fresh(&store, &request(3)).await;
    assert_eq!(store.release(&released).await.unwrap(), Settled::Ok);
    let offset = number(&first, "master_repl_offset").await;
    until("in step", async || {
        number(&second, "master_repl_offset").await >= offset
    })
    .await;
    // The sentinel must have heard of the replica before the primary dies.
    tokio::time::sleep(Duration::from_millis(500)).await;

    first.process.kill();
    let error = store.claim(&request(4)).await.unwrap_err();
    assert!(error.is_transient(), "{}", told(&error));
    let mut store = None;
    until("a new primary", async || {
        if let Some(connection) = primary(&mut client).await {
            store = RedisStore::open(connection).await.ok();
        }
        store.is_some()
    })
    .await;
    let store = store.unwrap();
    let claim = store.claim(&request(1)).await.unwrap();
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
    let claim = store.claim(&request(2)).await.unwrap();
    assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
    let next = fresh(&store, &request(3)).await;
    assert!(next.attempt() == 2 && next.fence() > released.fence());
    let settled = store.complete(&held, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    assert_eq!(store.forgotten(), 0);
}
