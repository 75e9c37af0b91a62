//! What was acknowledged is there after a crash of the server, whatever the connection's
//! settings say.

use countersign::store::Entry;
use sqlx::postgres::{PgConnectOptions, PgPool};

use crate::server::Postgres;
use crate::shop::{Shop, options, pool, schema, shared};

const SETTING: &str = "SHOW synchronous_commit";

async fn hasty(options: PgConnectOptions, setting: &str) -> PgPool {
    pool(options.options([("synchronous_commit", setting)]), 4).await
}

#[tokio::test]
async fn a_transaction_that_enters_an_event_waits_for_the_disk() {
    let options = schema(shared()).await;
    for (setting, within, event) in [
        ("off", "on", 1),
        ("local", "local", 2),
        ("remote_write", "remote_write", 3),
        ("on", "on", 4),
        ("remote_apply", "remote_apply", 5),
    ] {
        let shop = Shop::at(hasty(options.clone(), setting).await).await;
        for (entry, then) in [(Entry::Fresh, within), (Entry::Done, setting)] {
            let mut transaction = shop.begin().await;
            assert_eq!(shop.claim(&mut transaction, event).await, entry);
            let found: String = sqlx::query_scalar(SETTING)
                .fetch_one(&mut *transaction)
                .await
                .unwrap();
            assert_eq!(found, then, "{setting}");
            transaction.commit().await.unwrap();
            let after: String = sqlx::query_scalar(SETTING)
                .fetch_one(&shop.pool)
                .await
                .unwrap();
            assert_eq!(after, setting, "it is the transaction's alone");
        }
    }
}

/// The role commits without waiting, and the server writes its log as seldom as it can:
/// what does not wait is lost. A transaction without the inbox shows that.
#[tokio::test]
async fn what_was_acknowledged_survives_a_kill_right_after() {
    const KILLS: u64 = 8;
    let server = Postgres::with(&["wal_writer_delay=10s", "wal_writer_flush_after=0"]);
    let shop = Shop::at(hasty(options(&server), "off").await).await;
    shop.run("CREATE TABLE hasty (event bigint)").await;
    let mut hasty_ones = 0;
    for kill in 0..KILLS {
        for event in 0..20 {
            let entry = shop.book(kill * 1_000 + event).await.unwrap();
            assert_eq!(entry, Entry::Fresh);
        }
        shop.run("INSERT INTO hasty VALUES (1)").await;
        hasty_ones += 1;
        server.process.kill();
        server.process.restart();
        while shop.pool.acquire().await.is_err() {}
        let booked = shop.number("SELECT count(*) FROM booking").await;
        assert_eq!(booked.unsigned_abs(), (kill + 1) * 20);
        assert_eq!(shop.book(kill * 1_000 + 19).await.unwrap(), Entry::Done);
    }
    let kept = shop.number("SELECT count(*) FROM hasty").await;
    println!("{KILLS} kills: without the inbox {kept} of {hasty_ones} commits survived");
    assert!(kept < hasty_ones, "the kills proved nothing");
    shop.assert_booked((KILLS * 20).cast_signed()).await;
}
