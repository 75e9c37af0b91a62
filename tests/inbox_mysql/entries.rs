//! Fresh once, and done from the commit on; ended, swept, another body.

use countersign::store::Entry;
use sqlx::AssertSqlSafe;

use crate::requests::id;
use crate::server::Mariadb;
use crate::shop::{book, number, run, shop};

#[tokio::test]
async fn an_event_is_fresh_once_and_done_when_committed() {
    let (pool, inbox) = shop(Mariadb::database().await).await;
    for (event, entry) in [
        (1, Entry::Fresh),
        (1, Entry::Done),
        (2, Entry::Fresh),
        (1, Entry::Done),
    ] {
        assert_eq!(book(&pool, &inbox, event).await.unwrap(), entry);
    }
    let sum = "SELECT CAST(SUM(cents) AS SIGNED) FROM booking";
    assert_eq!(number(&pool, sum).await, 10);
}

#[tokio::test]
async fn a_transaction_that_does_not_commit_leaves_no_event() {
    let (pool, inbox) = shop(Mariadb::database().await).await;
    for _ in 0..2 {
        let mut transaction = pool.begin().await.unwrap();
        let entry = inbox.claim(&mut transaction, id(1), None).await.unwrap();
        assert_eq!(entry, Entry::Fresh);
        let again = inbox.claim(&mut transaction, id(1), None).await.unwrap();
        assert_eq!(again, Entry::Done, "within the transaction it is");
        transaction.rollback().await.unwrap();
    }
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Fresh);
}

#[tokio::test]
async fn another_body_is_told_where_both_digests_are_known() {
    let (pool, inbox) = shop(Mariadb::database().await).await;
    let mut transaction = pool.begin().await.unwrap();
    for (event, digest, entry) in [
        (1, Some([1; 32]), Entry::Fresh),
        (1, Some([1; 32]), Entry::Done),
        (1, Some([2; 32]), Entry::Reused),
        (1, None, Entry::Done),
        (2, None, Entry::Fresh),
        (2, Some([2; 32]), Entry::Done),
    ] {
        let found = inbox.claim(&mut transaction, id(event), digest).await;
        assert_eq!(found.unwrap(), entry);
    }
}

#[tokio::test]
async fn an_event_is_remembered_for_exactly_its_retention() {
    let (pool, inbox) = shop(Mariadb::database().await).await;
    let book_at = async |micros: u64, digest: u8| {
        let mut transaction = pool.begin().await.unwrap();
        let (seconds, micros) = (1_000_000_000 + micros / 1_000_000, micros % 1_000_000);
        let set = format!("SET timestamp = {seconds}.{micros:06}");
        sqlx::raw_sql(AssertSqlSafe(set))
            .execute(&mut *transaction)
            .await
            .unwrap();
        let entry = inbox
            .claim(&mut transaction, id(1), Some([digest; 32]))
            .await;
        transaction.commit().await.unwrap();
        entry.unwrap()
    };
    assert_eq!(book_at(0, 1).await, Entry::Fresh);
    assert_eq!(book_at(99_999_999, 1).await, Entry::Done);
    assert_eq!(book_at(100_000_000, 2).await, Entry::Fresh);
    assert_eq!(book_at(100_000_000, 2).await, Entry::Done);
    assert_eq!(book_at(199_999_999, 1).await, Entry::Reused);
    assert_eq!(book_at(200_000_000, 1).await, Entry::Fresh);
}

#[tokio::test]
async fn ended_events_are_swept_on_request_and_live_ones_stay() {
    let (pool, inbox) = shop(Mariadb::database().await).await;
    let entries = "INSERT INTO countersign_inbox_1 \
        SELECT UNHEX(MD5(seq)), IF(seq % 3 = 0, 1, 1 << 60), 0, NULL FROM seq_1_to_3000";
    run(&pool, entries).await;
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Fresh);
    // A live entry that somebody holds is in nobody's way.
    let mut holder = pool.begin().await.unwrap();
    let entry = inbox.claim(&mut holder, id(2), None).await.unwrap();
    assert_eq!(entry, Entry::Fresh);
    assert_eq!(inbox.sweep(&pool).await.unwrap(), 1_000);
    assert_eq!(inbox.sweep(&pool).await.unwrap(), 0);
    holder.commit().await.unwrap();
    assert_eq!(
        number(&pool, "SELECT COUNT(*) FROM countersign_inbox_1").await,
        2_002
    );
    for event in [1, 2] {
        assert_eq!(book(&pool, &inbox, event).await.unwrap(), Entry::Done);
    }
}
