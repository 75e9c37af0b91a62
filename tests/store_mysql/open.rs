//! What is wrong with the server, the table or the user: each has its own sentence.

use std::time::Duration;

use countersign::StoreError;
use countersign::store::{KeptReply, MysqlStore, Outcome, Store};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, MySqlPool};

use crate::database::{database, fresh, pool, pool_after, request, small, store};
use crate::server::{Mariadb, free_port};

const NO_TABLE: &str = "the table countersign_claim is missing";
const FOREIGN: &str = "a table countersign_claim that this store did not make";

async fn run(pool: &MySqlPool, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    sqlx::raw_sql(statements).execute(pool).await.unwrap();
}

/// Says so, and whether it may pass by itself.
fn says<T>(told: Result<T, StoreError>, problem: &str, is_transient: bool) {
    let error = told.err().expect("nothing was said");
    let text = error.to_string();
    assert!(text.contains(problem), "{text}: {error:?}");
    assert_eq!(error.is_transient(), is_transient, "{text}");
}

fn impatient(options: MySqlConnectOptions) -> MySqlPool {
    small()
        .acquire_timeout(Duration::from_millis(500))
        .connect_lazy_with(options)
}

#[tokio::test]
async fn a_missing_table_is_told_and_made_on_request() {
    let pool = pool(database().await).await;
    says(MysqlStore::open(pool.clone()).await, NO_TABLE, false);
    let made = tokio::join!(MysqlStore::migrate(&pool), MysqlStore::migrate(&pool));
    made.0.unwrap();
    made.1.unwrap();
    let store = MysqlStore::open(pool.clone()).await.unwrap();
    assert!(store.is_durable());
    run(&pool, "DROP TABLE countersign_claim").await;
    says(store.claim(&request(1)).await, NO_TABLE, false);
}

#[tokio::test]
async fn the_table_may_be_made_by_ones_own_migrations() {
    let pool = pool(database().await).await;
    run(&pool, MysqlStore::TABLE).await;
    let store = MysqlStore::open(pool).await.unwrap();
    fresh(&store, &request(1)).await;
}

#[tokio::test]
async fn a_table_of_somebody_else_is_refused_and_left_as_it_is() {
    for statement in [
        "CREATE TABLE countersign_claim (mine INT)",
        "CREATE TABLE countersign_claim (mine INT) COMMENT = 'countersign claim x'",
        "CREATE TABLE other (mine INT); CREATE VIEW countersign_claim AS SELECT mine FROM other",
    ] {
        let pool = pool(database().await).await;
        run(&pool, statement).await;
        says(MysqlStore::open(pool.clone()).await, FOREIGN, false);
        says(MysqlStore::migrate(&pool).await, FOREIGN, false);
        run(&pool, "SELECT mine FROM countersign_claim").await;
    }
}

#[tokio::test]
async fn a_table_of_a_newer_version_is_refused_and_left_as_it_is() {
    let pool = pool(database().await).await;
    let newer = "CREATE TABLE countersign_claim (mine INT) COMMENT = 'countersign claim 2'";
    run(&pool, newer).await;
    says(MysqlStore::open(pool.clone()).await, "newer version", false);
    says(MysqlStore::migrate(&pool).await, "newer version", false);
    run(&pool, "SELECT mine FROM countersign_claim").await;
}

#[tokio::test]
async fn another_engine_is_refused() {
    let pool = pool(database().await).await;
    MysqlStore::migrate(&pool).await.unwrap();
    run(&pool, "ALTER TABLE countersign_claim ENGINE = MyISAM").await;
    says(
        MysqlStore::open(pool).await,
        "another engine than InnoDB",
        false,
    );
}

#[tokio::test]
async fn a_record_that_no_store_wrote_is_told() {
    let pool = pool(database().await).await;
    let store = store(pool.clone()).await;
    fresh(&store, &request(1)).await;
    run(&pool, "UPDATE countersign_claim SET state = 9").await;
    says(
        store.claim(&request(1)).await,
        "none that this store can have written",
        false,
    );
}

#[tokio::test]
async fn a_wrong_password_is_told_and_never_shown() {
    let options = database().await;
    let root = pool(options.clone()).await;
    run(&root, "CREATE USER wrong@127.0.0.1 IDENTIFIED BY 'right'").await;
    let options = options.username("wrong").password("Hush-Hush");
    let told = MysqlStore::open(impatient(options)).await;
    let text = format!("{:?}", told.as_ref().err());
    assert!(!text.contains("Hush"), "{text}");
    says(told, "refused the user or its password", false);
}

#[tokio::test]
async fn missing_rights_are_told() {
    let options = database().await;
    let name = options.get_database().unwrap().to_owned();
    let root = pool(options.clone()).await;
    MysqlStore::migrate(&root).await.unwrap();
    run(
        &root,
        &format!(
            "CREATE USER few@127.0.0.1; GRANT CREATE TEMPORARY TABLES ON {name}.* TO few@127.0.0.1"
        ),
    )
    .await;
    let options = options.username("few");
    let problem = "lacks a right";
    for right in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
        let pool = impatient(options.clone());
        says(MysqlStore::open(pool).await, problem, false);
        run(
            &root,
            &format!("GRANT {right} ON {name}.countersign_claim TO few@127.0.0.1"),
        )
        .await;
    }
    MysqlStore::open(impatient(options.clone())).await.unwrap();
    run(&root, "CREATE USER none@127.0.0.1").await;
    let pool = impatient(options.username("none"));
    says(MysqlStore::open(pool).await, problem, false);
}

#[tokio::test]
async fn a_database_that_is_not_there_or_not_named_is_told() {
    let options = database().await;
    let problem = "the database does not exist, or none was named";
    let missing = impatient(options.clone().database("missing"));
    says(MysqlStore::open(missing).await, problem, false);
    let port = options.get_port();
    let unnamed = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(port)
        .username("root");
    says(
        MysqlStore::open(impatient(unnamed.clone())).await,
        problem,
        false,
    );
    says(
        MysqlStore::migrate(&impatient(unnamed)).await,
        problem,
        false,
    );
}

#[tokio::test]
async fn too_many_connections_are_told() {
    let options = database().await;
    let root = pool(options.clone()).await;
    MysqlStore::migrate(&root).await.unwrap();
    run(
        &root,
        "CREATE USER one@127.0.0.1 WITH MAX_USER_CONNECTIONS 1; GRANT ALL ON *.* TO one@127.0.0.1",
    )
    .await;
    let options = options.username("one");
    let _first = pool(options.clone()).await;
    says(
        MysqlStore::open(impatient(options)).await,
        "takes no more connections",
        true,
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_and_a_pool_in_use_are_told() {
    let nobody = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(free_port());
    let told = MysqlStore::open(impatient(nobody)).await;
    says(
        told,
        "no connection to MySQL became free or could be made",
        true,
    );
    let one = MySqlPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(100));
    let pool = one.connect_with(database().await).await.unwrap();
    let store = store(pool.clone()).await;
    let taken = pool.acquire().await.unwrap();
    let told = store.claim(&request(1)).await;
    says(told, "no connection to MySQL became free", true);
    drop(taken);
    fresh(&store, &request(1)).await;
    pool.close().await;
    says(store.claim(&request(1)).await, "was closed", false);
}

/// Without it nothing would be there for anybody else, and nothing at all after a while.
#[tokio::test]
async fn connections_that_do_not_commit_by_themselves_are_refused() {
    let options = database().await;
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

#[tokio::test]
async fn a_record_that_stays_locked_is_told() {
    let options = database().await;
    let root = pool(options.clone()).await;
    let store = store(pool_after(options, "SET innodb_lock_wait_timeout = 1").await).await;
    let lease = fresh(&store, &request(1)).await;
    let mut transaction = root.begin().await.unwrap();
    sqlx::raw_sql("UPDATE countersign_claim SET fence = fence + 0 WHERE state = 0")
        .execute(&mut *transaction)
        .await
        .unwrap();
    let told = store.complete(&lease, Outcome::Processed, None).await;
    says(told, "stayed locked", true);
    transaction.rollback().await.unwrap();
    assert_eq!(
        crate::database::complete(&store, &lease).await,
        countersign::store::Settled::Ok
    );
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
