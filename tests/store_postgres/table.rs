//! The table: made once, told from anybody else's, and used with the rights there are.

use std::sync::Arc;

use countersign::StoreError;
use countersign::store::{PostgresStore, Store};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tokio::sync::Barrier;

use crate::patience::fresh;
use crate::requests::request;
use crate::rig::pool;
use crate::server::Postgres;

async fn run(pool: &PgPool, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    sqlx::raw_sql(statements).execute(pool).await.unwrap();
}

/// Lazily, so that what is wrong is told to the store.
fn pool_with(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(2)
        .acquire_timeout(std::time::Duration::from_secs(5))
        .connect_lazy_with(options)
}

fn options(server: &Postgres) -> PgConnectOptions {
    server.url().parse().unwrap()
}

/// Opening is refused with these words, up to the advice.
async fn assert_refused(pool: PgPool, words: &str, is_transient: bool) {
    let error = PostgresStore::open(pool).await.unwrap_err();
    assert_told(&error, words, is_transient);
}

fn assert_told(error: &StoreError, words: &str, is_transient: bool) {
    let message = error.to_string();
    let (what, advice) = message.split_once(": ").unwrap_or((&message, "as it says"));
    assert_eq!(what, words, "{error:?}");
    assert!(advice.len() > 9, "{message}");
    assert_eq!(error.is_transient(), is_transient, "{error:?}");
}

const MISSING: &str = "the table countersign_claim is missing";
const FOREIGN: &str = "the table countersign_claim is not this store's, and was left as it is";
const NONE_IN_TIME: &str = "no connection to PostgreSQL became free or could be made in time";
const NEWER: &str = "the table countersign_claim was made by a newer version of countersign";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_processes_make_it_at_once() {
    let server = Postgres::start();
    for _ in 0..5 {
        let barrier = Arc::new(Barrier::new(16));
        let mut makers = tokio::task::JoinSet::new();
        for key in 0..16 {
            let (url, barrier) = (server.url(), Arc::clone(&barrier));
            makers.spawn(async move {
                let pool = pool(&url, 1).await;
                barrier.wait().await;
                PostgresStore::migrate(&pool).await.unwrap();
                let store = PostgresStore::open(pool).await.unwrap();
                fresh(&store, &request(key)).await;
            });
        }
        makers.join_all().await;
        run(
            &pool(&server.url(), 1).await,
            "DROP TABLE countersign_claim",
        )
        .await;
    }
}

#[tokio::test]
async fn it_can_be_made_by_other_means() {
    let server = Postgres::start();
    let pool = pool(&server.url(), 2).await;
    assert_refused(pool.clone(), MISSING, false).await;
    run(&pool, PostgresStore::TABLE).await;
    PostgresStore::migrate(&pool).await.unwrap();
    let store = PostgresStore::open(pool).await.unwrap();
    fresh(&store, &request(1)).await;
}

#[tokio::test]
async fn the_search_path_says_where() {
    let server = Postgres::start();
    let everywhere = pool(&server.url(), 1).await;
    run(&everywhere, "CREATE SCHEMA \"web hooks\"").await;
    let options = options(&server).options([("search_path", "\"web hooks\"")]);
    let there = pool_with(options);
    PostgresStore::migrate(&there).await.unwrap();
    let store = PostgresStore::open(there).await.unwrap();
    fresh(&store, &request(1)).await;
    assert_refused(everywhere, MISSING, false).await;
}

#[tokio::test]
async fn what_is_not_the_stores_is_left_as_it_is() {
    let server = Postgres::start();
    let pool = pool(&server.url(), 1).await;
    for (make, words, drop) in [
        (
            "CREATE TABLE countersign_claim (day date)",
            FOREIGN,
            "TABLE",
        ),
        ("CREATE VIEW countersign_claim AS SELECT 1", FOREIGN, "VIEW"),
        (
            "CREATE TABLE countersign_claim (day date);
            COMMENT ON TABLE countersign_claim IS 'countersign claim x'",
            FOREIGN,
            "TABLE",
        ),
        (
            "CREATE TABLE countersign_claim (day date);
            COMMENT ON TABLE countersign_claim IS 'countersign claim 2'",
            NEWER,
            "TABLE",
        ),
    ] {
        run(&pool, make).await;
        let error = PostgresStore::migrate(&pool).await.unwrap_err();
        assert_told(&error, words, false);
        assert_refused(pool.clone(), words, false).await;
        run(&pool, &format!("DROP {drop} countersign_claim")).await;
    }
    // One that lost a column is found at the first step.
    PostgresStore::migrate(&pool).await.unwrap();
    let store = PostgresStore::open(pool.clone()).await.unwrap();
    run(&pool, "ALTER TABLE countersign_claim DROP COLUMN lease_us").await;
    assert_told(&store.claim(&request(1)).await.unwrap_err(), FOREIGN, false);
    run(&pool, "DROP TABLE countersign_claim").await;
    assert_told(&store.claim(&request(1)).await.unwrap_err(), MISSING, false);
}

#[tokio::test]
async fn a_row_that_no_store_wrote_is_told() {
    let server = Postgres::start();
    let store = crate::rig::store(&server).await;
    let pool = pool(&server.url(), 1).await;
    fresh(&store, &request(1)).await;
    run(&pool, "UPDATE countersign_claim SET state = 7").await;
    let error = store.claim(&request(1)).await.unwrap_err();
    assert_told(
        &error,
        "the table countersign_claim holds what no store wrote",
        false,
    );
}

#[tokio::test]
async fn missing_rights_are_told() {
    const RIGHTS: &str = "the user lacks rights";
    let server = Postgres::start();
    let owner = pool(&server.url(), 1).await;
    run(&owner, "CREATE ROLE clerk LOGIN").await;
    let clerk = pool_with(options(&server).username("clerk"));
    let error = PostgresStore::migrate(&clerk).await.unwrap_err();
    assert_told(&error, RIGHTS, false);
    PostgresStore::migrate(&owner).await.unwrap();
    assert_refused(clerk.clone(), RIGHTS, false).await;
    run(
        &owner,
        "GRANT SELECT, INSERT, UPDATE ON countersign_claim TO clerk",
    )
    .await;
    assert_refused(clerk.clone(), RIGHTS, false).await;
    run(&owner, "GRANT DELETE ON countersign_claim TO clerk").await;
    let store = PostgresStore::open(clerk).await.unwrap();
    let lease = fresh(&store, &request(1)).await;
    run(&owner, "REVOKE UPDATE ON countersign_claim FROM clerk").await;
    assert_told(&store.release(&lease).await.unwrap_err(), RIGHTS, false);
}

#[tokio::test]
async fn a_database_that_cannot_be_written_is_told() {
    const READ_ONLY: &str = "the database is read-only";
    let server = Postgres::start();
    let writing = pool(&server.url(), 1).await;
    PostgresStore::migrate(&writing).await.unwrap();
    let only = options(&server).options([("default_transaction_read_only", "on")]);
    assert_refused(pool_with(only.clone()), READ_ONLY, false).await;
    let store = PostgresStore::open(writing.clone()).await.unwrap();
    run(&writing, "SET default_transaction_read_only = on").await;
    assert_told(
        &store.claim(&request(1)).await.unwrap_err(),
        READ_ONLY,
        false,
    );
    run(&writing, "RESET default_transaction_read_only").await;
    run(&writing, "DROP TABLE countersign_claim").await;
    let error = PostgresStore::migrate(&pool_with(only)).await.unwrap_err();
    assert_told(&error, READ_ONLY, false);
}

#[tokio::test]
async fn who_may_not_come_in_is_told() {
    const CREDENTIALS: &str = "PostgreSQL refused the user";
    let server = Postgres::start();
    let owner = pool(&server.url(), 1).await;
    run(&owner, "CREATE ROLE guest LOGIN PASSWORD 'sesame'").await;
    let rules = server.process.folder().join("data/pg_hba.conf");
    let old = std::fs::read_to_string(&rules).unwrap();
    let asked = "host all guest 127.0.0.1/32 scram-sha-256\n";
    std::fs::write(&rules, format!("{asked}{old}")).unwrap();
    run(&owner, "SELECT pg_reload_conf()").await;
    let guest = options(&server).username("guest").password("open barley");
    for _ in 0..100 {
        // The server reads its rules anew in its own time.
        let told = PostgresStore::open(pool_with(guest.clone()))
            .await
            .unwrap_err();
        if !told.to_string().starts_with(MISSING) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let error = PostgresStore::open(pool_with(guest.clone()))
        .await
        .unwrap_err();
    assert_told(&error, CREDENTIALS, false);
    let everything = format!("{error:?} {error}");
    assert!(!everything.contains("barley"), "{everything}");
    assert_refused(pool_with(guest.password("sesame")), MISSING, false).await;
    let nobody = options(&server).username("nobody_there");
    assert_refused(pool_with(nobody), CREDENTIALS, false).await;
    let nowhere = options(&server).database("nowhere");
    assert_refused(pool_with(nowhere), "the database does not exist", false).await;
}

#[tokio::test]
async fn a_server_out_of_reach_is_told() {
    let port = crate::server::free_port();
    let nobody = PgConnectOptions::new().host("127.0.0.1").port(port);
    assert_refused(pool_with(nobody), NONE_IN_TIME, true).await;
}

#[tokio::test]
async fn connections_that_are_all_in_use_are_told() {
    let server = Postgres::with(&["max_connections=5", "superuser_reserved_connections=0"]);
    let few = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(std::time::Duration::from_millis(200))
        .connect_with(options(&server))
        .await
        .unwrap();
    PostgresStore::migrate(&few).await.unwrap();
    let store = PostgresStore::open(few.clone()).await.unwrap();
    let taken = few.acquire().await.unwrap();
    let error = store.claim(&request(1)).await.unwrap_err();
    assert_told(&error, NONE_IN_TIME, true);
    drop(taken);
    fresh(&store, &request(1)).await;

    let many = pool(&server.url(), 5).await;
    let mut taken = Vec::new();
    while let Ok(Ok(one)) =
        tokio::time::timeout(std::time::Duration::from_millis(500), many.acquire()).await
    {
        taken.push(one);
    }
    assert_refused(pool_with(options(&server)), NONE_IN_TIME, true).await;
    drop(taken);

    few.close().await;
    let words = "the pool of connections was closed";
    assert_told(&store.claim(&request(1)).await.unwrap_err(), words, false);
}

/// A statement that its user limits is given up by the server, and may be asked for again.
#[tokio::test]
async fn a_time_limit_is_told() {
    let server = Postgres::start();
    let owner = pool(&server.url(), 2).await;
    PostgresStore::migrate(&owner).await.unwrap();
    let hurried = options(&server).options([("statement_timeout", "200ms")]);
    let store = PostgresStore::open(pool_with(hurried)).await.unwrap();
    let lease = fresh(&store, &request(1)).await;
    let mut transaction = owner.begin().await.unwrap();
    let lock = sqlx::raw_sql("SELECT 1 FROM countersign_claim FOR UPDATE");
    lock.execute(&mut *transaction).await.unwrap();
    let words = "PostgreSQL gave the statement up, for a lock or a time limit";
    assert_told(&store.renew(&lease).await.unwrap_err(), words, true);
    transaction.rollback().await.unwrap();
    let settled = store.renew(&lease).await.unwrap();
    assert_eq!(settled, countersign::store::Settled::Ok);
}
