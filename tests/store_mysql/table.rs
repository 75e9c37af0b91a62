//! Whose the table is, and what is wrong with it: each has its own sentence.

use countersign::store::{MysqlStore, Outcome, Store};

use crate::requests::{fresh, request};
use crate::rig::{pool, pool_after, run, store};
use crate::sentence::says;
use crate::server::Mariadb;

const NO_TABLE: &str = "the table countersign_claim is missing";
const FOREIGN: &str = "a table countersign_claim that this store did not make";

#[tokio::test]
async fn a_missing_table_is_told_and_made_on_request() {
    let pool = pool(Mariadb::database().await).await;
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
    let pool = pool(Mariadb::database().await).await;
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
        let pool = pool(Mariadb::database().await).await;
        run(&pool, statement).await;
        says(MysqlStore::open(pool.clone()).await, FOREIGN, false);
        says(MysqlStore::migrate(&pool).await, FOREIGN, false);
        run(&pool, "SELECT mine FROM countersign_claim").await;
    }
}

#[tokio::test]
async fn a_table_of_a_newer_version_is_refused_and_left_as_it_is() {
    let pool = pool(Mariadb::database().await).await;
    let newer = "CREATE TABLE countersign_claim (mine INT) COMMENT = 'countersign claim 2'";
    run(&pool, newer).await;
    says(MysqlStore::open(pool.clone()).await, "newer version", false);
    says(MysqlStore::migrate(&pool).await, "newer version", false);
    run(&pool, "SELECT mine FROM countersign_claim").await;
}

#[tokio::test]
async fn another_engine_is_refused() {
    let pool = pool(Mariadb::database().await).await;
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
    let pool = pool(Mariadb::database().await).await;
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
async fn a_record_that_stays_locked_is_told() {
    let options = Mariadb::database().await;
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
        crate::rig::complete(&store, &lease).await,
        countersign::store::Settled::Ok
    );
}
