//! Many transactions at once: nobody waits, one enters.

use std::time::{Duration, Instant};

use countersign::store::{Entry, PostgresInbox};
use tokio::task::JoinSet;

use crate::requests::RETENTION;
use crate::shop::{Shop, pool, schema, shared};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_another_transaction_holds_is_in_progress_at_once() {
    const HELD: Duration = Duration::from_secs(2);
    let options = schema(shared()).await;
    let shop = Shop::at(pool(options, 65).await).await;
    let mut holder = shop.begin().await;
    assert_eq!(shop.claim(&mut holder, 1).await, Entry::Fresh);
    let began = Instant::now();
    let mut others = JoinSet::new();
    for _ in 0..64 {
        let shop = shop.clone();
        others.spawn(async move {
            let mut transaction = shop.begin().await;
            let asked = Instant::now();
            let entry = shop.claim(&mut transaction, 1).await;
            (entry, asked.elapsed())
        });
    }
    let answers = others.join_all().await;
    let slowest = answers.iter().map(|(_, took)| *took).max().unwrap();
    println!("64 answers while it was held, the slowest after {slowest:?}");
    assert!(
        answers.iter().all(|(entry, _)| *entry == Entry::InProgress),
        "{answers:?}"
    );
    assert!(slowest < HELD, "{slowest:?}");
    tokio::time::sleep(HELD.saturating_sub(began.elapsed())).await;
    holder.commit().await.unwrap();
    assert_eq!(shop.book(1).await.unwrap(), Entry::Done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_transactions_at_once_one_books() {
    for _ in 0..5 {
        let shop = Shop::open().await;
        let mut workers = JoinSet::new();
        for _ in 0..64 {
            let shop = shop.clone();
            workers.spawn(async move { shop.book(7).await.unwrap() });
        }
        let entries = workers.join_all().await;
        let count = |of: Entry| entries.iter().filter(|entry| **entry == of).count();
        assert_eq!(count(Entry::Fresh), 1);
        assert_eq!(count(Entry::InProgress) + count(Entry::Done), 63);
        shop.assert_booked(1).await;
        shop.pool.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_processes_may_make_the_table_at_once() {
    let pool = pool(schema(shared()).await, 16).await;
    let mut workers = JoinSet::new();
    for _ in 0..16 {
        let pool = pool.clone();
        workers.spawn(async move {
            PostgresInbox::new(RETENTION).migrate(&pool).await.unwrap();
        });
    }
    workers.join_all().await;
    assert_eq!(Shop::at(pool).await.book(1).await.unwrap(), Entry::Fresh);
}
