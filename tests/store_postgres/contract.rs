//! The contract, by the server's clock: one by one, in batches, and through a pooler.

use countersign::store::contract::Contract;
use countersign::store::{PostgresStore, PostgresStoreBuilder};

use crate::rig::{pool, store};
use crate::server::{Pgbouncer, Postgres};

async fn assert_kept(store: PostgresStore) {
    Contract::new(store).check_all().await.unwrap();
}

async fn builder(server: &Postgres) -> PostgresStoreBuilder {
    let pool = pool(&server.url(), 8).await;
    PostgresStore::migrate(&pool).await.unwrap();
    PostgresStore::builder(pool)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract() {
    let server = Postgres::start();
    assert_kept(store(&server).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_in_batches() {
    let server = Postgres::start();
    let store = builder(&server).await.batching(true);
    assert_kept(store.open().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_through_a_pooler() {
    let server = Postgres::start();
    let pooler = Pgbouncer::start(&server, 4);
    drop(builder(&server).await);
    for batching in [false, true] {
        let store = PostgresStore::builder(pool(&pooler.url(), 8).await)
            .prepared(false)
            .batching(batching);
        assert_kept(store.open().await.unwrap()).await;
    }
}
