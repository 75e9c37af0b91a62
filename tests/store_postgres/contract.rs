//! The contract, by the server's clock.

use countersign::store::PostgresStore;
use countersign::store::contract::Contract;

use crate::rig::{pool, store};
use crate::server::Postgres;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract() {
    let server = Postgres::start();
    let store = store(&server).await;
    Contract::new(store).check_all().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_with_whole_statements() {
    let server = Postgres::start();
    let pool = pool(&server.url(), 8).await;
    PostgresStore::migrate(&pool).await.unwrap();
    let store = PostgresStore::builder(pool).prepared(false);
    let store = store.open().await.unwrap();
    Contract::new(store).check_all().await.unwrap();
}
