//! What a server is asked before the store uses it.

use std::time::Duration;

use countersign::StoreError;
use countersign::store::{Claim, Outcome, RedisStore, Settled, Store};
use redis::aio::MultiplexedConnection;

use crate::fake::{GOOD_INFO, fake};
use crate::requests::{fresh, lasting};
use crate::rig::{LEASE, connect, request, told};
use crate::server::Redis;

async fn refused(connection: MultiplexedConnection) -> StoreError {
    RedisStore::open(connection).await.unwrap_err()
}

async fn as_user(server: &Redis, rights: &[&str]) -> MultiplexedConnection {
    let mut admin = connect(server.port()).await;
    let _: () = redis::cmd("ACL")
        .arg(&[
            "SETUSER",
            "worker",
            "on",
            ">password-of-worker",
            "~countersign:*",
        ])
        .arg(rights)
        .query_async(&mut admin)
        .await
        .unwrap();
    let url = format!(
        "redis://worker:password-of-worker@127.0.0.1:{}/",
        server.port()
    );
    let client = redis::Client::open(url).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

const NOT_WHILE_REWRITTEN: [&str; 6] = [
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
    "--no-appendfsync-on-rewrite",
    "yes",
];

#[tokio::test]
async fn it_is_durable_where_the_log_is_synced_before_each_answer() {
    for (arguments, is_durable) in [
        (&NOT_WHILE_REWRITTEN[..4], true),
        (&NOT_WHILE_REWRITTEN, false),
        (&["--appendonly", "yes", "--appendfsync", "everysec"], false),
        (&["--appendonly", "no", "--appendfsync", "always"], false),
    ] {
        let server = Redis::with(arguments);
        let connection = connect(server.port()).await;
        let store = RedisStore::open(connection.clone()).await.unwrap();
        assert_eq!(store.is_durable(), is_durable, "{arguments:?}");
        let builder = RedisStore::builder(connection).insecure_assume_durable();
        assert!(builder.open().await.unwrap().is_durable());
    }
}

#[tokio::test]
async fn a_server_that_evicts_needs_a_waiver() {
    for policy in ["allkeys-lru", "volatile-ttl"] {
        let server = Redis::with(&["--maxmemory-policy", policy]);
        let connection = connect(server.port()).await;
        let error = refused(connection.clone()).await;
        assert!(told(&error).contains("noeviction"), "{error}");
        assert!(!error.is_transient());
        let builder = RedisStore::builder(connection).insecure_allow_eviction();
        builder.open().await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_does_not_tell_its_policy_needs_a_waiver() {
    let info = "redis_version:7.1.0\r\nrole:master\r\n";
    let connection = fake(info, "+OK").await;
    let error = refused(connection.clone()).await;
    assert!(
        told(&error).contains("does not say whether it evicts"),
        "{error}"
    );
    let builder = RedisStore::builder(connection).insecure_allow_eviction();
    builder.open().await.unwrap();
}

#[tokio::test]
async fn an_old_version_is_refused_and_valkey_is_not() {
    let old = "redis_version:6.2.14\r\nrole:master\r\nmaxmemory_policy:noeviction\r\n";
    let error = refused(fake(old, "+OK").await).await;
    assert!(told(&error).contains("Redis 7.0 or later"), "{error}");
    assert!(!error.is_transient());
    let valkey = "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.0\r\n\
         role:master\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n";
    for good in [valkey, GOOD_INFO] {
        let store = RedisStore::open(fake(good, "+OK").await).await.unwrap();
        assert!(store.is_durable());
    }
}

#[tokio::test]
async fn a_replica_is_refused() {
    let primary = Redis::start();
    let primary_port = primary.port().to_string();
    let replica = Redis::with(&["--replicaof", "127.0.0.1", &primary_port]);
    let error = refused(connect(replica.port()).await).await;
    assert!(told(&error).contains("connect to its primary"), "{error}");
}

#[tokio::test]
async fn a_user_must_be_allowed_to_ask() {
    let server = Redis::start();
    let error = refused(as_user(&server, &["+@all", "-info"]).await).await;
    assert!(told(&error).contains("allow it INFO"), "{error}");
    // Without CONFIG it is not known how often the log is synced.
    let connection = as_user(&server, &["+info", "-config"]).await;
    let store = RedisStore::open(connection).await.unwrap();
    assert!(!store.is_durable());
}

/// What the message about rights asks for is enough, and is needed.
#[tokio::test]
async fn these_rights_are_enough_for_every_step() {
    let all = [
        "info", "set", "get", "evalsha", "eval", "time", "pttl", "pexpire", "setrange",
    ];
    let server = Redis::start();
    let every_step = async |rights: &[String]| -> Result<(), StoreError> {
        let mut admin = connect(server.port()).await;
        for forget in [&["FLUSHALL", "SYNC"], &["SCRIPT", "FLUSH"]] {
            let forget = redis::cmd(forget[0]).arg(forget[1]).take();
            let _: () = forget.query_async(&mut admin).await.unwrap();
        }
        let rights: Vec<&str> = rights.iter().map(String::as_str).collect();
        let mut given = vec!["-@all"];
        given.extend(rights);
        let store = RedisStore::open(as_user(&server, &given).await).await?;
        // Its retention is shorter than its lease: to renew it moves its end.
        let moment = Duration::from_millis(1);
        let Claim::Fresh(lease) = store.claim(&lasting(1, LEASE, moment)).await? else {
            panic!("not fresh");
        };
        tokio::time::sleep(2 * moment).await;
        for _ in 0..2 {
            let claim = store.claim(&request(1)).await?;
            assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
        }
        assert_eq!(store.renew(&lease).await?, Settled::Ok);
        assert_eq!(store.release(&lease).await?, Settled::Ok);
        let settled = store.complete(&lease, Outcome::Processed, None).await?;
        assert_eq!(settled, Settled::Ok);
        Ok(())
    };
    let all: Vec<String> = all.map(|right| format!("+{right}")).to_vec();
    every_step(&all).await.unwrap();
    for left_out in &all {
        let rest = all.iter().filter(|right| *right != left_out);
        let error = every_step(&rest.cloned().collect::<Vec<_>>()).await;
        let error = error.expect_err(left_out);
        assert!(
            told(&error).contains("allow it INFO"),
            "{left_out}: {error}"
        );
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn it_speaks_both_protocols() {
    let server = Redis::start();
    for (key, protocol) in [(1, "resp2"), (2, "resp3")] {
        let url = format!("{}?protocol={protocol}", server.url());
        let client = redis::Client::open(url).unwrap();
        let connection = client.get_multiplexed_async_connection().await.unwrap();
        let store = RedisStore::open(connection).await.unwrap();
        assert!(store.is_durable());
        let lease = fresh(&store, &request(key)).await;
        let claim = store.claim(&request(key)).await.unwrap();
        assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
        let settled = store.complete(&lease, Outcome::Rejected, None).await;
        assert_eq!(settled.unwrap(), Settled::Ok);
        match store.claim(&request(key)).await.unwrap() {
            Claim::Done { outcome, .. } => assert_eq!(outcome, Outcome::Rejected),
            claim => panic!("{claim:?}"),
        }
    }
}

#[tokio::test]
async fn a_connection_without_its_password_is_told_so() {
    let server = Redis::with(&["--requirepass", "password-of-all"]);
    let error = refused(connect(server.port()).await).await;
    assert!(told(&error).contains("user or the password"), "{error}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn no_message_holds_a_password() {
    let server = Redis::start();
    let connection = as_user(&server, &["-@all"]).await;
    let builder = RedisStore::builder(connection.clone());
    let error = refused(connection).await;
    let all = format!("{} {error:?} {builder:?}", told(&error));
    assert!(!all.contains("password-of-worker"), "{all}");
}

#[tokio::test]
async fn a_prefix_with_braces_is_refused() {
    let server = Redis::start();
    let connection = connect(server.port()).await;
    for prefix in ["{hooks}", "hooks{", "}", ""] {
        let builder = RedisStore::builder(connection.clone()).prefix(prefix);
        let error = builder.open().await.unwrap_err();
        assert!(told(&error).contains("brace"), "{prefix}: {error}");
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_told_as_such() {
    let server = Redis::start();
    let connection = connect(server.port()).await;
    server.process.kill();
    let error = refused(connection).await;
    assert!(error.is_transient());
    assert!(told(&error).contains("broke off"), "{error}");
}
