//! Stricter isolation: what a transaction's snapshot hides is still not entered twice.

use countersign::store::Entry;
use tokio::task::JoinSet;

use crate::shop::Shop;

const STRICT: [&str; 2] = [
    "BEGIN ISOLATION LEVEL REPEATABLE READ",
    "BEGIN ISOLATION LEVEL SERIALIZABLE",
];

#[tokio::test]
async fn an_event_that_the_snapshot_hides_is_in_progress() {
    for begin in STRICT {
        let shop = Shop {
            begin,
            ..Shop::open().await
        };
        let mut early = shop.begin().await;
        sqlx::query("SELECT count(*) FROM booking")
            .execute(&mut *early)
            .await
            .unwrap();
        assert_eq!(shop.book(1).await.unwrap(), Entry::Fresh);
        assert_eq!(shop.claim(&mut early, 1).await, Entry::InProgress);
        // It cannot do more.
        let claimed = shop
            .inbox
            .claim(&mut early, crate::requests::id(2), None)
            .await;
        let refused = claimed.unwrap_err();
        assert!(refused.to_string().contains("give the transaction up"));
        assert!(refused.is_transient());
        drop(early);
        assert_eq!(shop.book(1).await.unwrap(), Entry::Done);
        shop.assert_booked(1).await;
    }
}

#[tokio::test]
async fn an_event_that_is_held_is_in_progress_and_the_transaction_goes_on() {
    for begin in STRICT {
        let shop = Shop {
            begin,
            ..Shop::open().await
        };
        let mut holder = shop.begin().await;
        assert_eq!(shop.claim(&mut holder, 1).await, Entry::Fresh);
        let mut other = shop.begin().await;
        assert_eq!(shop.claim(&mut other, 1).await, Entry::InProgress);
        assert_eq!(shop.claim(&mut other, 2).await, Entry::Fresh);
        holder.commit().await.unwrap();
        other.commit().await.unwrap();
        assert_eq!(shop.book(2).await.unwrap(), Entry::Done);
    }
}

#[tokio::test]
async fn an_ended_event_that_somebody_renewed_is_in_progress() {
    for begin in STRICT {
        let shop = Shop {
            begin,
            ..Shop::open().await
        };
        assert_eq!(shop.book(1).await.unwrap(), Entry::Fresh);
        shop.end_all().await;
        let mut early = shop.begin().await;
        sqlx::query("SELECT count(*) FROM booking")
            .execute(&mut *early)
            .await
            .unwrap();
        assert_eq!(shop.book(1).await.unwrap(), Entry::Fresh);
        assert_eq!(shop.claim(&mut early, 1).await, Entry::InProgress);
        drop(early);
        assert_eq!(shop.book(1).await.unwrap(), Entry::Done);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn under_every_level_each_event_is_booked_once() {
    const EVENTS: u64 = 40;
    for begin in [STRICT[0], STRICT[1], "BEGIN"] {
        let shop = Shop {
            begin,
            ..Shop::open().await
        };
        let mut workers = JoinSet::new();
        for worker in 0..16 {
            let shop = shop.clone();
            workers.spawn(async move {
                for event in 0..EVENTS {
                    // Two by two they begin with another one.
                    shop.deliver((event + worker / 2 * 5) % EVENTS).await;
                }
            });
        }
        workers.join_all().await;
        shop.assert_booked(EVENTS.cast_signed()).await;
        shop.pool.close().await;
    }
}
