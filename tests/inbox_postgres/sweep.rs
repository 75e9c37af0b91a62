//! Ended events go by themselves, and nobody waits for that.

use std::time::{Duration, Instant};

use countersign::store::Entry;

use crate::requests::id;
use crate::shop::Shop;

const COUNT: &str = "SELECT count(*) FROM countersign_inbox_1";
const ENDED: &str = "SELECT count(*) FROM countersign_inbox_1
    WHERE expires_us <= date_part('epoch', clock_timestamp()) * 1000000";

#[tokio::test]
async fn ended_events_are_taken_away_in_passing() {
    let shop = Shop::open().await;
    for event in 0..300 {
        assert_eq!(shop.book(event).await.unwrap(), Entry::Fresh);
    }
    shop.end_all().await;
    // Which page is swept is left to chance; so many leave little to it.
    for first in (1_000..2_000).step_by(50) {
        let mut transaction = shop.begin().await;
        for event in first..first + 50 {
            assert_eq!(shop.claim(&mut transaction, event).await, Entry::Fresh);
        }
        transaction.commit().await.unwrap();
    }
    let left = shop.number(ENDED).await;
    println!("{left} of 300 ended events are left after 1000 others");
    assert!(left < 60, "{left}");
    assert_eq!(shop.number(COUNT).await, 1_000 + left);
    for event in 1_000..1_300 {
        assert_eq!(shop.book(event).await.unwrap(), Entry::Done);
    }
}

#[tokio::test]
async fn where_every_transaction_is_strict_none_is_swept_and_none_fails() {
    let shop = Shop {
        begin: "BEGIN ISOLATION LEVEL REPEATABLE READ",
        ..Shop::open().await
    };
    for event in 0..100 {
        assert_eq!(shop.book(event).await.unwrap(), Entry::Fresh);
    }
    shop.end_all().await;
    for event in 1_000..1_100 {
        assert_eq!(shop.book(event).await.unwrap(), Entry::Fresh);
    }
    assert_eq!(shop.number(ENDED).await, 100);
    // As the documentation says.
    shop.run(
        "DELETE FROM countersign_inbox_1 WHERE expires_us <= date_part('epoch', now()) * 1000000",
    )
    .await;
    assert_eq!(shop.number(COUNT).await, 100);
}

#[tokio::test]
async fn who_sweeps_keeps_nobody_waiting() {
    let shop = Shop::open().await;
    for event in 0..200 {
        assert_eq!(shop.book(event).await.unwrap(), Entry::Fresh);
    }
    shop.end_all().await;
    // Enters until it has swept something, and stays open.
    let mut sweeper = shop.begin().await;
    let mut next = 1_000;
    let gone = loop {
        assert_eq!(shop.claim(&mut sweeper, next).await, Entry::Fresh);
        next += 1;
        let left = "SELECT key FROM countersign_inbox_1
            WHERE expires_us <= date_part('epoch', clock_timestamp()) * 1000000";
        let left: Vec<Vec<u8>> = sqlx::query_scalar(left)
            .fetch_all(&mut *sweeper)
            .await
            .unwrap();
        let is_gone = |event: &u64| !left.iter().any(|key| key == id(*event).as_bytes());
        let gone: Vec<u64> = (0..200).filter(is_gone).collect();
        if !gone.is_empty() {
            break gone;
        }
    };
    let began = Instant::now();
    for &event in &gone {
        assert_eq!(shop.book(event).await.unwrap(), Entry::InProgress);
    }
    // Others sweep the same range meanwhile.
    for event in 2_000..2_100 {
        assert_eq!(shop.book(event).await.unwrap(), Entry::Fresh);
    }
    assert!(began.elapsed() < Duration::from_secs(20));
    sweeper.commit().await.unwrap();
    assert_eq!(shop.book(gone[0]).await.unwrap(), Entry::Fresh);
}
