//! The server is killed, and connections are cut, between any two steps.

use std::time::{Duration, Instant};

use countersign::store::Entry;
use tokio::task::JoinSet;

use crate::relay::{Fate, Relay};
use crate::server::Postgres;
use crate::shop::{Shop, options, pool, schema, shared};

#[tokio::test]
async fn a_server_killed_within_the_transaction_leaves_no_event() {
    let server = Postgres::start();
    let shop = Shop::at(pool(options(&server), 4).await).await;
    let mut transaction = shop.begin().await;
    assert_eq!(shop.claim(&mut transaction, 1).await, Entry::Fresh);
    server.process.kill();
    transaction.commit().await.unwrap_err();

    server.process.restart();
    shop.deliver(1).await;
    shop.assert_booked(1).await;
}

#[tokio::test]
async fn a_claim_without_a_server_is_a_fault_that_may_pass() {
    let server = Postgres::start();
    let shop = Shop::at(pool(options(&server), 1).await).await;
    let mut transaction = shop.begin().await;
    server.process.kill();
    let claimed = shop
        .inbox
        .claim(&mut transaction, crate::requests::id(1), None);
    let broken = claimed.await.unwrap_err();
    assert!(broken.to_string().contains("broke off"), "{broken}");
    assert!(broken.is_transient());
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_is_found_done() {
    let (host, port) = (shared(), shared().port());
    let relay = Relay::start(port).await;
    let options = schema(host).await;
    let direct = Shop::at(pool(options.clone(), 2).await).await;
    let through = pool(options.port(relay.port()), 1).await;
    let shop = Shop {
        pool: through,
        ..direct.clone()
    };
    for event in 0..5 {
        let mut transaction = shop.begin().await;
        assert_eq!(shop.claim(&mut transaction, event).await, Entry::Fresh);
        sqlx::query("INSERT INTO booking (event, cents) VALUES ($1, 5)")
            .bind(event.cast_signed())
            .execute(&mut *transaction)
            .await
            .unwrap();
        relay.set(Fate::CutAnswers);
        transaction.commit().await.unwrap_err();
        relay.set(Fate::Pass);
        // The server may still be at it.
        direct.deliver(event).await;
        assert_eq!(direct.book(event).await.unwrap(), Entry::Done);
    }
    direct.assert_booked(5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_killed_again_and_again_loses_no_event_and_books_none_twice() {
    const KILLS: u32 = 10;
    let server = Postgres::start();
    let shop = Shop::at(pool(options(&server), 8).await).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut workers = JoinSet::new();
    for worker in 0..8_u64 {
        let (shop, stopped) = (shop.clone(), stopped.clone());
        workers.spawn(async move {
            let mut acknowledged = Vec::new();
            let mut event = worker / 2 * 1_000_000;
            while !*stopped.borrow() {
                shop.deliver(event).await;
                acknowledged.push(event);
                event += 1;
            }
            acknowledged
        });
    }
    let began = Instant::now();
    for kill in 0..KILLS {
        let pause = 200 + u64::from(kill) * 37 % 200;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        server.process.kill();
        server.process.restart();
    }
    stop.send_replace(true);
    let mut acknowledged: Vec<u64> = workers.join_all().await.concat();
    acknowledged.sort_unstable();
    acknowledged.dedup();
    println!(
        "{KILLS} kills of the server in {:?}, {} events",
        began.elapsed(),
        acknowledged.len()
    );
    assert!(acknowledged.len() > 20);
    for &event in &acknowledged {
        assert_eq!(shop.book(event).await.unwrap(), Entry::Done, "{event} lost");
    }
    shop.assert_booked(acknowledged.len() as i64).await;
}
