//! Ended records go, others stay, and no claim waits long for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::Timestamp;
use countersign::store::{Claim, Outcome, Settled, SqliteStore, Store};
use countersign::testing::FakeClock;

use crate::folder::Folder;
use crate::patience::fresh;
use crate::requests::request;

/// What the file holds, as any other program would count it.
async fn count(folder: &Folder) -> i64 {
    use sqlx::Connection;
    let url = format!("sqlite://{}", folder.file().display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM claim");
    let count = count.fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    count
}

#[tokio::test]
async fn ended_records_go_as_new_ones_come_and_live_ones_stay() {
    const OLD: u64 = 4_000;
    const NEW: u64 = 1_000;
    let folder = Folder::new();
    let clock = Arc::new(FakeClock::at(Timestamp::from_unix_seconds(1_000_000_000)));
    let store = SqliteStore::builder(folder.file()).clock(Arc::clone(&clock) as _);
    let store = Arc::new(store.open().await.unwrap());
    let claim_all = async |keys: std::ops::Range<u64>| {
        let mut tasks = tokio::task::JoinSet::new();
        for key in keys {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                let lease = fresh(&*store, &request(key)).await;
                let settled = store.complete(&lease, Outcome::Processed, None).await;
                assert_eq!(settled.unwrap(), Settled::Ok);
            });
        }
        while let Some(joined) = tasks.join_next().await {
            joined.unwrap();
        }
    };
    claim_all(0..OLD).await;
    clock.advance(time::Duration::seconds(50));
    let held = fresh(&*store, &request(OLD)).await;
    clock.advance(time::Duration::seconds(50));
    let began = Instant::now();
    claim_all(OLD + 1..OLD + 1 + NEW).await;
    let took = began.elapsed();
    let left = count(&folder).await;
    assert_eq!(
        left,
        i64::try_from(NEW + 1).unwrap(),
        "the old ones have gone"
    );
    let settled = store.complete(&held, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    for key in [OLD, OLD + 1, OLD + NEW] {
        let claim = store.claim(&request(key)).await.unwrap();
        assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
    }
    assert!(took < Duration::from_secs(30), "{took:?}");
}
