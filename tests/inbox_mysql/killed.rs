//! Workers and servers are killed at any time, and the books balance.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use countersign::store::{Entry, MysqlInbox};
use sqlx::MySqlPool;

use crate::random::Random;
use crate::server::Mariadb;
use crate::shop::{book, number, pool, shop};

const SERVER: &str = "COUNTERSIGN_INBOX_MYSQL";
const EVENTS: u64 = 1_000_000;

/// Not a test by itself: books events, some of them twice, until it is killed.
#[tokio::test]
async fn worker() {
    let Ok(url) = std::env::var(SERVER) else {
        return;
    };
    let pool = pool(url.parse().unwrap()).await;
    let inbox = MysqlInbox::new(Duration::from_secs(3600));
    let last = "SELECT COALESCE(MAX(event), 0) FROM booking";
    let mut event = number(&pool, last).await.cast_unsigned();
    while event < EVENTS {
        // The sender comes again with what it does not know to be done.
        for again in event.saturating_sub(5)..=event + 1 {
            // While the server is away nothing is acknowledged.
            while book(&pool, &inbox, again).await.is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        event += 1;
    }
}

/// Whatever the inbox calls done is booked once, and nothing else is booked.
async fn balance(pool: &MySqlPool, inbox: &MysqlInbox) -> (usize, i64, i64) {
    let last = number(pool, "SELECT MAX(event) FROM booking").await;
    let mut lost = 0;
    for event in 1..=last.cast_unsigned() {
        let entry = book(pool, inbox, event).await.unwrap();
        lost += usize::from(entry == Entry::Fresh);
    }
    let twice = "SELECT COUNT(*) FROM \
        (SELECT event FROM booking GROUP BY event HAVING COUNT(*) > 1) AS twice";
    let booked = number(pool, "SELECT COUNT(*) FROM booking").await;
    let entered = number(pool, "SELECT COUNT(*) FROM countersign_inbox_1").await;
    assert_eq!(booked, entered);
    (lost, number(pool, twice).await, booked)
}

#[tokio::test]
async fn killed_workers_and_servers_lose_no_event_and_book_none_twice() {
    let server = Mariadb::start();
    let (pool, inbox) = shop(server.url().parse().unwrap()).await;
    let start = || {
        Command::new(std::env::current_exe().unwrap())
            .args(["killed::worker", "--exact"])
            .env(SERVER, server.url())
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut running = [start(), start(), start()];
    let random = Random::new(99);
    let (mut workers, mut servers) = (0, 0);
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(8) {
        tokio::time::sleep(Duration::from_millis(20 + random.below(80))).await;
        if workers % 10 == 9 {
            server.process.kill();
            server.process.restart();
            servers += 1;
        }
        let child = &mut running[workers % 3];
        child.kill().unwrap();
        child.wait().unwrap();
        *child = start();
        workers += 1;
    }
    for child in &mut running {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let pool_again = crate::shop::pool(server.url().parse().unwrap()).await;
    drop(pool);
    let (lost, twice, booked) = balance(&pool_again, &inbox).await;
    println!(
        "{workers} workers and {servers} servers killed, {booked} events: {lost} lost, {twice} booked twice"
    );
    assert_eq!((lost, twice), (0, 0));
    assert!(workers > 10 && servers > 1 && booked > 20);
}
