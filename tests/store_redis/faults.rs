//! What a server answers when it cannot do a step, and what the store makes of it.

use countersign::StoreError;
use countersign::store::{Claim, KeptReply, Outcome, RedisStore, Settled, Store};
use redis::ToRedisArgs;
use redis::aio::MultiplexedConnection;

use crate::fake::{GOOD_INFO, fake};
use crate::requests::fresh;
use crate::rig::{TestStore, connect, forget_the_time, name, open, request, tell_the_time, told};
use crate::server::Redis;

async fn run(connection: &mut MultiplexedConnection, command: &str, arguments: impl ToRedisArgs) {
    let command = redis::cmd(command).arg(arguments).take();
    command
        .query_async::<redis::Value>(connection)
        .await
        .unwrap();
}

/// What a claim fails with, by script and by the command that knows no time.
async fn failures(store: &TestStore, key: u64) -> [StoreError; 2] {
    tell_the_time(store).await;
    let by_command = store.claim(&request(key)).await.unwrap_err();
    forget_the_time(store).await;
    let by_script = store.claim(&request(key)).await.unwrap_err();
    [by_command, by_script]
}

#[tokio::test]
async fn what_others_wrote_is_left_as_it_is() {
    let server = Redis::start();
    let store = open(&server).await;
    let mut other = connect(server.port()).await;
    run(&mut other, "RPUSH", &[name(1).as_str(), "a list"]).await;
    run(&mut other, "SET", &[name(2).as_str(), "a text"]).await;
    // As a version to come may write.
    let newer = [&[2_u8; 60][..]].concat();
    run(&mut other, "SET", (name(3), newer.as_slice())).await;
    for (key, sentence) in [
        (1, "something of another kind"),
        (2, "did not write"),
        (3, "did not write"),
    ] {
        for error in failures(&store, key).await {
            assert!(told(&error).contains(sentence), "{key}: {error}");
            assert!(!error.is_transient());
        }
    }
    let list: Vec<String> = redis::cmd("LRANGE")
        .arg(&[name(1).as_str(), "0", "-1"])
        .query_async(&mut other)
        .await
        .unwrap();
    assert_eq!(list, ["a list"]);
    let text: String = redis::cmd("GET")
        .arg(name(2))
        .query_async(&mut other)
        .await
        .unwrap();
    assert_eq!(text, "a text");
}

#[tokio::test]
async fn with_full_memory_new_events_are_refused_and_old_ones_are_settled() {
    let server = Redis::with(&["--maxmemory-policy", "noeviction"]);
    let store = open(&server).await;
    let mut other = connect(server.port()).await;
    let mut leases = Vec::new();
    for key in 0..3 {
        leases.push(fresh(&store, &request(key)).await);
    }
    tell_the_time(&store).await;
    run(&mut other, "CONFIG", &["SET", "maxmemory", "1"]).await;
    let by_command = store.claim(&request(9)).await.unwrap_err();
    tokio::time::sleep(std::time::Duration::from_millis(110)).await;
    let by_script = store.claim(&request(9)).await.unwrap_err();
    for error in [by_command, by_script] {
        assert!(told(&error).contains("raise maxmemory"), "{error}");
        assert!(!error.is_transient());
    }
    for lease in &leases {
        assert_eq!(store.renew(lease).await.unwrap(), Settled::Ok);
    }
    let reply = KeptReply::new(vec![7; 1000]);
    let settled = store.complete(&leases[0], Outcome::Processed, reply.as_ref());
    assert_eq!(settled.await.unwrap(), Settled::Ok);
    assert_eq!(store.release(&leases[1]).await.unwrap(), Settled::Ok);
    run(&mut other, "CONFIG", &["SET", "maxmemory", "0"]).await;
    let claim = store.claim(&request(0)).await.unwrap();
    let Claim::Done { reply: kept, .. } = claim else {
        panic!("{claim:?}");
    };
    assert_eq!(kept, reply);
    assert_eq!(fresh(&store, &request(1)).await.attempt(), 2);
    fresh(&store, &request(9)).await;
}

#[tokio::test]
async fn a_server_that_became_a_replica_is_told_as_such() {
    let server = Redis::start();
    let store = open(&server).await;
    let lease = fresh(&store, &request(1)).await;
    let mut other = connect(server.port()).await;
    run(&mut other, "REPLICAOF", &["127.0.0.1", "1"]).await;
    let error = store.complete(&lease, Outcome::Processed, None).await;
    let error = error.unwrap_err();
    assert!(told(&error).contains("connect to its primary"), "{error}");
    assert!(!error.is_transient());
    let error = store.claim(&request(2)).await.unwrap_err();
    assert!(told(&error).contains("connect to its primary"), "{error}");
}

#[tokio::test]
async fn a_user_who_may_not_run_scripts_is_told_so() {
    let server = Redis::start();
    let mut other = connect(server.port()).await;
    let user = [
        "SETUSER", "worker", "on", "nopass", "~*", "+@all", "-evalsha",
    ];
    run(&mut other, "ACL", &user).await;
    let url = format!("redis://worker:any@127.0.0.1:{}/", server.port());
    let client = redis::Client::open(url).unwrap();
    let connection = client.get_multiplexed_async_connection().await.unwrap();
    let store = RedisStore::open(connection).await.unwrap();
    let error = store.claim(&request(1)).await.unwrap_err();
    assert!(told(&error).contains("may not run a command"), "{error}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn each_fault_has_its_sentence_and_says_whether_to_ask_again() {
    for (answer, sentence, is_transient) in [
        (
            "-LOADING Redis is loading the dataset in memory",
            "still loading",
            true,
        ),
        ("-BUSY Redis is busy running a script", "SCRIPT KILL", true),
        ("-CLUSTERDOWN The cluster is down", "CLUSTER INFO", true),
        ("-MASTERDOWN Link with MASTER is down", "CLUSTER INFO", true),
        (
            "-TRYAGAIN Multiple keys request during rehashing of slot",
            "CLUSTER INFO",
            true,
        ),
        (
            "-NOREPLICAS Not enough good replicas to write.",
            "min-replicas-to-write",
            true,
        ),
        (
            "-MISCONF Errors writing to the AOF file: No space left",
            "its disk",
            false,
        ),
        (
            "-OOM command not allowed when used memory > 'maxmemory'.",
            "raise maxmemory",
            false,
        ),
        (
            "-READONLY You can't write against a read only replica.",
            "primary",
            false,
        ),
        ("-NOAUTH Authentication required.", "password", false),
        (
            "-WRONGPASS invalid username-password pair",
            "password",
            false,
        ),
        ("-NOPERM this user has no permissions", "may not run", false),
        ("-WRONGTYPE Operation against a key", "another kind", false),
        (
            "-MOVED 1234 127.0.0.1:1",
            "connection to the cluster",
            false,
        ),
        ("-ERR unknown command 'EVALSHA'", "7.0 or later", false),
        ("-ERR syntax error", "7.0 or later", false),
        ("-ERR anything else", "unexpected", false),
        (":7", "unexpected", false),
        ("*4\r\n:0\r\n$-1\r\n:0\r\n:0", "unexpected", false),
    ] {
        let store = RedisStore::open(fake(GOOD_INFO, answer).await).await;
        let error = store.unwrap().claim(&request(1)).await.unwrap_err();
        assert!(told(&error).contains(sentence), "{answer}: {error}");
        assert_eq!(error.is_transient(), is_transient, "{answer}");
    }
}
