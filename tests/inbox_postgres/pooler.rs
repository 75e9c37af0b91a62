//! Behind PgBouncer in transaction mode, where each transaction may meet another
//! connection of the server.

use std::collections::BTreeSet;

use countersign::store::{Entry, PostgresInbox};
use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinSet;

use crate::requests::{RETENTION, id};
use crate::server::{Pgbouncer, Postgres};
use crate::shop::{Shop, pool};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_inbox_holds_behind_a_pooler() {
    const EVENTS: u64 = 100;
    let server = Postgres::start();
    let pooler = Pgbouncer::start(&server, 4);
    let options: PgConnectOptions = pooler.url().parse().unwrap();
    let shop = Shop::at(pool(options.clone(), 16).await).await;
    let shop = Shop {
        inbox: shop.inbox.prepared(false),
        ..shop
    };

    // Clients of several processes, each with connections of its own.
    let mut workers = JoinSet::new();
    for worker in 0..16 {
        let shop = Shop {
            pool: pool(options.clone(), 2).await,
            ..shop.clone()
        };
        workers.spawn(async move {
            let mut backends = BTreeSet::new();
            for event in 0..EVENTS {
                shop.deliver((event + worker / 2 * 13) % EVENTS).await;
                backends.insert(shop.number("SELECT pg_backend_pid()::bigint").await);
            }
            backends.len()
        });
    }
    let backends = workers.join_all().await;
    assert!(
        backends.iter().any(|&backends| backends > 1),
        "connections were never shared"
    );
    shop.assert_booked(EVENTS.cast_signed()).await;

    let mut holder = shop.begin().await;
    assert_eq!(shop.claim(&mut holder, 1_000).await, Entry::Fresh);
    assert_eq!(shop.book(1_000).await.unwrap(), Entry::InProgress);
    holder.rollback().await.unwrap();
    assert_eq!(shop.book(1_000).await.unwrap(), Entry::Fresh);
}

#[tokio::test]
async fn a_prepared_claim_that_meets_another_connection_is_told() {
    let server = Postgres::start();
    let pooler = Pgbouncer::start(&server, 1);
    let options: PgConnectOptions = pooler.url().parse().unwrap();
    let shop = Shop::at(pool(options.clone(), 1).await).await;
    assert_eq!(shop.book(1).await.unwrap(), Entry::Fresh);
    // The pooler's one connection has its statement; another client's has the same name.
    let other = pool(options, 1).await;
    let mut transaction = other.begin().await.unwrap();
    let claimed = PostgresInbox::new(RETENTION)
        .claim(&mut transaction, id(2), None)
        .await;
    let told = claimed.unwrap_err();
    assert!(told.to_string().contains("prepared(false)"), "{told}");
    assert!(!told.is_transient());
}
