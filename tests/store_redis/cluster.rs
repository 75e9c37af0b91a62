//! A cluster of three primaries.

use std::time::{Duration, Instant};

use countersign::store::contract::Contract;
use countersign::store::{Claim, Outcome, RedisStore, Settled, Store};
use redis::FromRedisValue;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;

use crate::requests::{fresh, lasting};
use crate::rig::{LEASE, connect, request, told};
use crate::server::{Redis, free_port};

const SLOTS: u32 = 16384;

struct Cluster {
    nodes: Vec<Redis>,
}

impl Cluster {
    async fn start() -> Self {
        let mut nodes = Vec::new();
        for _ in 0..3 {
            // Beside the port of its clients; the usual one may be above the highest.
            let bus = free_port();
            let port = bus.to_string();
            let node = Redis::with(&[
                "--cluster-enabled",
                "yes",
                "--cluster-port",
                &port,
                "--cluster-node-timeout",
                "2000",
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
            ]);
            nodes.push((node, bus));
        }
        let share = SLOTS.div_ceil(3);
        for (at, (node, _)) in (0..).zip(&nodes) {
            let (from, to) = (at * share, (at * share + share).min(SLOTS) - 1);
            let slots = [from.to_string(), to.to_string()];
            ask::<()>(node, &["CLUSTER", "ADDSLOTSRANGE", &slots[0], &slots[1]]).await;
            ask::<()>(
                node,
                &["CLUSTER", "SET-CONFIG-EPOCH", &(at + 1).to_string()],
            )
            .await;
            let (port, bus) = (nodes[0].0.port().to_string(), nodes[0].1.to_string());
            ask::<()>(node, &["CLUSTER", "MEET", "127.0.0.1", &port, &bus]).await;
        }
        let nodes: Vec<_> = nodes.into_iter().map(|(node, _)| node).collect();
        for node in &nodes {
            let began = Instant::now();
            loop {
                let info: String = ask(node, &["CLUSTER", "INFO"]).await;
                if info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3") {
                    break;
                }
                assert!(began.elapsed() < Duration::from_secs(60), "{info}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Self { nodes }
    }

    async fn connect(&self) -> ClusterConnection {
        let urls: Vec<_> = self.nodes.iter().map(Redis::url).collect();
        let client = ClusterClient::builder(urls)
            .response_timeout(Duration::from_secs(1))
            .retries(2)
            .build();
        client.unwrap().get_async_connection().await.unwrap()
    }
}

async fn ask<T: FromRedisValue>(node: &Redis, command: &[&str]) -> T {
    let mut connection = connect(node.port()).await;
    let command = redis::cmd(command[0]).arg(&command[1..]).take();
    command.query_async(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn keys_spread_over_a_cluster_and_every_step_works_there() {
    const KEYS: u64 = 300;
    let cluster = Cluster::start().await;
    let store = RedisStore::open(cluster.connect().await).await.unwrap();
    let other = RedisStore::open(cluster.connect().await).await.unwrap();
    for key in 0..KEYS {
        let lease = fresh(&store, &request(key)).await;
        let claim = other.claim(&request(key)).await.unwrap();
        assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
        assert_eq!(store.renew(&lease).await.unwrap(), Settled::Ok);
        assert_eq!(store.release(&lease).await.unwrap(), Settled::Ok);
        let next = fresh(&other, &request(key)).await;
        assert!(next.attempt() == 2 && next.fence() > lease.fence());
        let settled = store.complete(&lease, Outcome::Processed, None).await;
        assert_eq!(settled.unwrap(), Settled::Fenced);
        let settled = other.complete(&next, Outcome::Processed, None).await;
        assert_eq!(settled.unwrap(), Settled::Ok);
        let claim = store.claim(&request(key)).await.unwrap();
        assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
    }
    let mut all = 0;
    for node in &cluster.nodes {
        let keys: u64 = ask(node, &["DBSIZE"]).await;
        assert!(keys > KEYS / 6, "{keys} of {KEYS} keys on one node");
        all += keys;
    }
    assert_eq!(all, KEYS);
    Contract::new(store).check_all().await.unwrap();
}

#[tokio::test]
async fn each_primary_is_asked_before_a_cluster_is_used() {
    let cluster = Cluster::start().await;
    // The log of one node is not known to be synced: each may be set otherwise.
    let store = RedisStore::open(cluster.connect().await).await.unwrap();
    assert!(!store.is_durable());
    let builder = RedisStore::builder(cluster.connect().await).insecure_assume_durable();
    assert!(builder.open().await.unwrap().is_durable());
    for node in &cluster.nodes {
        let set = |policy| ["CONFIG", "SET", "maxmemory-policy", policy];
        ask::<()>(node, &set("allkeys-lru")).await;
        let error = RedisStore::open(cluster.connect().await).await.unwrap_err();
        assert!(told(&error).contains("noeviction"), "{error}");
        ask::<()>(node, &set("noeviction")).await;
    }
    RedisStore::open(cluster.connect().await).await.unwrap();
}

#[tokio::test]
async fn a_plain_connection_to_a_node_is_told_what_it_needs() {
    let cluster = Cluster::start().await;
    let connection = connect(cluster.nodes[0].port()).await;
    let store = RedisStore::open(connection).await.unwrap();
    let mut refused = 0;
    for key in 0..30 {
        let Err(error) = store.claim(&request(key)).await else {
            continue;
        };
        assert!(
            told(&error).contains("connection to the cluster"),
            "{error}"
        );
        assert!(!error.is_transient());
        refused += 1;
    }
    assert!(refused > 0);
}

#[tokio::test]
async fn a_node_that_dies_and_comes_back_brings_its_claims() {
    let cluster = Cluster::start().await;
    let store = RedisStore::open(cluster.connect().await).await.unwrap();
    let mut leases = Vec::new();
    for key in 0..30 {
        leases.push(fresh(&store, &lasting(key, 10 * LEASE, 100 * LEASE)).await);
    }
    cluster.nodes[1].process.kill();
    let mut failed = 0;
    for lease in &leases {
        match store.renew(lease).await {
            Ok(settled) => assert_eq!(settled, Settled::Ok),
            Err(error) => {
                assert!(error.is_transient(), "{}", told(&error));
                failed += 1;
            }
        }
        if failed > 2 {
            break;
        }
    }
    assert!(failed > 0, "no key was on the node");
    cluster.nodes[1].process.restart();
    for lease in &leases {
        let began = Instant::now();
        let settled = loop {
            match store.complete(lease, Outcome::Processed, None).await {
                Ok(settled) => break settled,
                Err(error) => assert!(
                    error.is_transient() && began.elapsed() < Duration::from_secs(60),
                    "{}",
                    told(&error)
                ),
            }
        };
        assert_eq!(settled, Settled::Ok);
    }
    assert_eq!(store.forgotten(), 0);
}
