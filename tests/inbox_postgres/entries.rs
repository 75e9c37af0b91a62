//! What is found of an event, and when.

use std::time::Duration;

use countersign::store::{Entry, PostgresInbox};
use sqlx::Acquire;

use crate::requests::id;
use crate::shop::{Shop, pool, schema, shared};

#[tokio::test]
async fn an_event_is_fresh_once_and_done_when_committed() {
    let shop = Shop::open().await;
    for (event, entry) in [
        (1, Entry::Fresh),
        (1, Entry::Done),
        (2, Entry::Fresh),
        (1, Entry::Done),
    ] {
        assert_eq!(shop.book(event).await.unwrap(), entry);
    }
    shop.assert_booked(2).await;
}

#[tokio::test]
async fn a_transaction_that_does_not_commit_leaves_no_event() {
    let shop = Shop::open().await;
    for is_dropped in [false, true, false] {
        let mut transaction = shop.begin().await;
        assert_eq!(shop.claim(&mut transaction, 1).await, Entry::Fresh);
        let again = shop.claim(&mut transaction, 1).await;
        assert_eq!(again, Entry::Done, "within the transaction it is");
        if is_dropped {
            drop(transaction);
            // The connection rolls back on its way to the pool.
            while shop.book(0).await.is_err() || shop.pool.num_idle() == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        } else {
            transaction.rollback().await.unwrap();
        }
    }
    assert_eq!(shop.book(1).await.unwrap(), Entry::Fresh);
    assert_eq!(shop.book(1).await.unwrap(), Entry::Done);
}

#[tokio::test]
async fn a_savepoint_that_is_rolled_back_leaves_no_event_and_frees_it() {
    let shop = Shop::open().await;
    let mut transaction = shop.begin().await;
    let mut savepoint = transaction.begin().await.unwrap();
    assert_eq!(shop.claim(&mut savepoint, 1).await, Entry::Fresh);
    savepoint.rollback().await.unwrap();
    assert_eq!(shop.book(1).await.unwrap(), Entry::Fresh);
    assert_eq!(shop.claim(&mut transaction, 1).await, Entry::Done);
}

#[tokio::test]
async fn another_body_under_the_same_event_is_told_where_digests_are_given() {
    let shop = Shop::open().await;
    let mut transaction = shop.begin().await;
    for (digest, entry) in [
        (Some([1; 32]), Entry::Fresh),
        (Some([1; 32]), Entry::Done),
        (Some([2; 32]), Entry::Reused),
        (None, Entry::Done),
    ] {
        let found = shop.inbox.claim(&mut transaction, id(1), digest).await;
        assert_eq!(found.unwrap(), entry);
    }
    let first = shop.inbox.claim(&mut transaction, id(2), None).await;
    assert_eq!(first.unwrap(), Entry::Fresh);
    let given = shop.inbox.claim(&mut transaction, id(2), Some([1; 32]));
    assert_eq!(given.await.unwrap(), Entry::Done, "nothing to compare with");
}

#[tokio::test]
async fn an_event_is_remembered_for_its_retention_by_the_servers_clock() {
    let shop = Shop::open().await;
    let mut transaction = shop.begin().await;
    assert_eq!(shop.claim(&mut transaction, 1).await, Entry::Fresh);
    // Not of the transaction's beginning: it may have begun long before.
    let within: bool = sqlx::query_scalar(
        "SELECT expires_us - 100000000 > date_part('epoch', now()) * 1000000
            AND expires_us - 100000000 <= date_part('epoch', clock_timestamp()) * 1000000
        FROM countersign_inbox_1",
    )
    .fetch_one(&mut *transaction)
    .await
    .unwrap();
    assert!(within);
    transaction.commit().await.unwrap();

    let short = Shop {
        inbox: PostgresInbox::new(Duration::from_millis(500)),
        ..shop
    };
    assert_eq!(short.book(2).await.unwrap(), Entry::Fresh);
    assert_eq!(short.book(2).await.unwrap(), Entry::Done);
    tokio::time::sleep(Duration::from_millis(501)).await;
    assert_eq!(short.book(2).await.unwrap(), Entry::Fresh);
    assert_eq!(short.book(2).await.unwrap(), Entry::Done);
}

#[tokio::test]
async fn an_ended_event_is_new_with_its_new_body() {
    let shop = Shop::open().await;
    for body in [[1; 32], [2; 32]] {
        let mut transaction = shop.begin().await;
        let claimed = shop.inbox.claim(&mut transaction, id(1), Some(body)).await;
        assert_eq!(claimed.unwrap(), Entry::Fresh);
        let claimed = shop.inbox.claim(&mut transaction, id(1), Some(body)).await;
        assert_eq!(claimed.unwrap(), Entry::Done);
        transaction.commit().await.unwrap();
        shop.end_all().await;
    }
}

#[tokio::test]
async fn the_longest_retention_is_a_time_that_the_server_knows() {
    let shop = Shop::open().await;
    let shop = Shop {
        inbox: PostgresInbox::new(Duration::MAX),
        ..shop
    };
    assert_eq!(shop.book(1).await.unwrap(), Entry::Fresh);
    assert_eq!(shop.book(1).await.unwrap(), Entry::Done);
}

#[tokio::test]
async fn what_is_done_costs_no_write() {
    let shop = Shop::open().await;
    let _ = shop.book(1).await.unwrap();
    for (event, entry, writes) in [(1, Entry::Done, false), (2, Entry::Fresh, true)] {
        let mut transaction = shop.begin().await;
        assert_eq!(shop.claim(&mut transaction, event).await, entry);
        let has_written = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL";
        let has_written: bool = sqlx::query_scalar(has_written)
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        assert_eq!(has_written, writes);
    }
}

#[tokio::test]
async fn settings_of_the_connection_change_nothing() {
    let options = schema(shared()).await.options([
        ("standard_conforming_strings", "off"),
        ("TimeZone", "Asia/Kathmandu"),
        ("DateStyle", "SQL, DMY"),
        ("bytea_output", "escape"),
        ("IntervalStyle", "iso_8601"),
    ]);
    let shop = Shop::at(pool(options, 2).await).await;
    for (event, is_prepared) in [(1, true), (2, false)] {
        let inbox = shop.inbox.clone().prepared(is_prepared);
        let shop = Shop {
            inbox,
            ..shop.clone()
        };
        for entry in [Entry::Fresh, Entry::Done] {
            assert_eq!(shop.book(event).await.unwrap(), entry);
        }
        let mut transaction = shop.begin().await;
        for (digest, entry) in [
            (Some([1; 32]), Entry::Fresh),
            (Some([2; 32]), Entry::Reused),
        ] {
            let claimed = shop.inbox.claim(&mut transaction, id(event + 2), digest);
            assert_eq!(claimed.await.unwrap(), entry);
        }
        transaction.commit().await.unwrap();
    }
}

#[tokio::test]
async fn the_same_event_in_two_schemas_is_two_events() {
    let (one, other) = (Shop::open().await, Shop::open().await);
    let mut transaction = one.begin().await;
    assert_eq!(one.claim(&mut transaction, 1).await, Entry::Fresh);
    assert_eq!(other.book(1).await.unwrap(), Entry::Fresh);
    transaction.commit().await.unwrap();
}
