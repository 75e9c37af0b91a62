//! What the server and its connections are set to.

use countersign::store::{KeptReply, MysqlStore, Outcome, Store};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};

use crate::requests::{fresh, request};
use crate::rig::{pool, pool_after, run, store};
use crate::sentence::says;
use crate::server::Mariadb;

/// Without it nothing would be there for anybody else, and nothing at all after a while.
#[tokio::test]
async fn connections_that_do_not_commit_by_themselves_are_refused() {
    let options = Mariadb::database().await;
    let committing = pool(options.clone()).await;
    let store = store(committing.clone()).await;
    let lease = fresh(&store, &request(1)).await;
    let problem = "leave `autocommit` on";
    let pool = pool_after(options.clone(), "SET autocommit = 0").await;
    says(MysqlStore::open(pool).await, problem, false);
    // It was on when the store was opened.
    let one = MySqlPoolOptions::new().max_connections(1);
    let pool = one.connect_with(options).await.unwrap();
    let store = MysqlStore::open(pool.clone()).await.unwrap();
    for key in [1, 2] {
        run(&pool, "SET autocommit = 0").await;
        says(store.claim(&request(key)).await, problem, false);
    }
    run(&pool, "SET autocommit = 0").await;
    says(store.renew(&lease).await, problem, false);
    run(&pool, "SET autocommit = 0").await;
    let complete = store.complete(&lease, Outcome::Processed, None).await;
    says(complete, problem, false);
    run(&pool, "SET autocommit = 0").await;
    says(store.release(&lease).await, problem, false);
    let records: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM countersign_claim WHERE state = 0")
        .fetch_one(&committing)
        .await
        .unwrap();
    assert_eq!(records, 1, "the first is as it was");
}

/// On a server of its own, since its settings are everybody's.
#[tokio::test]
async fn a_read_only_server_is_told_and_a_commit_that_does_not_wait_is_not_durable() {
    let server = Mariadb::with(&["--log-bin=binary-log"]);
    let root = pool(server.url().parse().unwrap()).await;
    MysqlStore::migrate(&root).await.unwrap();
    for (flush, sync, is_durable) in [(1, 0, false), (2, 1, false), (0, 1, false), (1, 1, true)] {
        run(&root, &format!("SET GLOBAL innodb_flush_log_at_trx_commit = {flush}; SET GLOBAL sync_binlog = {sync}")).await;
        let store = MysqlStore::open(root.clone()).await.unwrap();
        assert_eq!(store.is_durable(), is_durable, "{flush} {sync}");
        fresh(&store, &request(flush * 10 + sync)).await;
    }
    run(
        &root,
        "CREATE USER shop@127.0.0.1; GRANT ALL ON countersign.* TO shop@127.0.0.1",
    )
    .await;
    let options = server
        .url()
        .parse::<MySqlConnectOptions>()
        .unwrap()
        .username("shop");
    let store = MysqlStore::open(pool(options.clone()).await).await.unwrap();
    run(&root, "SET GLOBAL read_only = 1").await;
    let problem = "read-only here";
    says(store.claim(&request(100)).await, problem, false);
    says(
        MysqlStore::open(pool(options.clone()).await).await,
        problem,
        false,
    );
    says(
        MysqlStore::migrate(&pool(options).await).await,
        problem,
        false,
    );
    run(&root, "SET GLOBAL read_only = 0").await;
    fresh(&store, &request(100)).await;
}

/// On a server whose one file may not grow.
#[tokio::test]
async fn a_full_server_is_told_and_goes_on_with_what_it_has() {
    let arguments = [
        "--innodb-data-file-path=ibdata1:12M",
        "--innodb-file-per-table=0",
    ];
    let server = Mariadb::with(&arguments);
    let store = store(pool(server.url().parse().unwrap()).await).await;
    let reply = KeptReply::new(vec![7; KeptReply::MAX_BYTES]).unwrap();
    let first = fresh(&store, &request(0)).await;
    let mut full = None;
    for key in 1..400 {
        let lease = fresh(&store, &request(key)).await;
        let told = store
            .complete(&lease, Outcome::Processed, Some(&reply))
            .await;
        if told.is_err() {
            full = Some(told);
            break;
        }
    }
    says(full.expect("it never became full"), "no room left", false);
    let complete = store.complete(&first, Outcome::Processed, None).await;
    assert_eq!(complete.unwrap(), countersign::store::Settled::Ok);
}
