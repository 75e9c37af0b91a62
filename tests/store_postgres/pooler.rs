//! Behind PgBouncer in transaction mode, where each statement may meet another connection
//! of the server.

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign::store::{Claim, Outcome, PostgresStore, Settled, Store};

use crate::patience::fresh;
use crate::requests::request;
use crate::rig::pool;
use crate::server::{Pgbouncer, Postgres};

/// Sixteen clients over four connections: each meets several servers' processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_step_holds_behind_a_pooler() {
    let server = Postgres::start();
    let pooler = Pgbouncer::start(&server, 4);
    PostgresStore::migrate(&pool(&pooler.url(), 1).await)
        .await
        .unwrap();
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..16 {
        let url = pooler.url();
        workers.spawn(async move {
            let pool = pool(&url, 1).await;
            let store = PostgresStore::builder(pool.clone())
                .prepared(false)
                .batching(worker % 2 == 0);
            let store = store.open().await.unwrap();
            let mut met = BTreeSet::new();
            for number in 0..50 {
                let key = worker * 1000 + number;
                let first = fresh(&store, &request(key)).await;
                assert_eq!(store.renew(&first).await.unwrap(), Settled::Ok);
                assert_eq!(store.release(&first).await.unwrap(), Settled::Ok);
                let second = fresh(&store, &request(key)).await;
                assert_eq!(second.attempt(), 2);
                let done = store.complete(&second, Outcome::Processed, None).await;
                assert_eq!(done.unwrap(), Settled::Ok);
                let claim = store.claim(&request(key)).await.unwrap();
                assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
                let id = sqlx::raw_sql("SELECT pg_backend_pid()")
                    .fetch_one(&pool)
                    .await;
                met.insert(sqlx::Row::get::<i32, _>(&id.unwrap(), 0));
            }
            met
        });
    }
    let met = workers.join_all().await;
    assert!(
        met.iter().any(|met| met.len() > 1),
        "nobody was handed about: {met:?}"
    );
}

/// With prepared statements it cannot go well, and the error says what to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn prepared_statements_behind_a_pooler_are_told() {
    let server = Postgres::start();
    let pooler = Pgbouncer::start(&server, 2);
    PostgresStore::migrate(&pool(&server.url(), 1).await)
        .await
        .unwrap();
    let mut workers = tokio::task::JoinSet::new();
    let told = Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    for worker in 0..8 {
        let (url, told) = (pooler.url(), Arc::clone(&told));
        workers.spawn(async move {
            let store = PostgresStore::open(pool(&url, 1).await).await.unwrap();
            for number in 0..50 {
                let key = worker * 1000 + number;
                if let Err(error) = store.claim(&request(key)).await {
                    assert!(!error.is_transient(), "{error:?}");
                    told.lock().unwrap().insert(error.to_string());
                }
            }
        });
    }
    workers.join_all().await;
    let told = told.lock().unwrap();
    let told: Vec<_> = told.iter().collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("prepared(false)"), "{told:?}");
}
