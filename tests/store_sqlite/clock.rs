//! The host's clock is set back, or on.

use std::sync::Arc;
use std::time::Duration;

use countersign::Timestamp;
use countersign::store::{Claim, Outcome, Settled, SqliteStore, Store};
use countersign::testing::FakeClock;

use crate::folder::Folder;
use crate::patience::fresh;
use crate::requests::{LEASE, request};

async fn store(folder: &Folder) -> (SqliteStore, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::at(Timestamp::from_unix_seconds(1_000_000_000)));
    let builder = SqliteStore::builder(folder.file()).clock(Arc::clone(&clock) as _);
    (builder.open().await.unwrap(), clock)
}

async fn retry_after(store: &SqliteStore) -> Duration {
    match store.claim(&request(1)).await.unwrap() {
        Claim::InProgress { retry_after } => retry_after,
        other => panic!("{other:?}"),
    }
}

/// Without the rule the event would stay in progress for an hour, and the sender's
/// retries run out.
#[tokio::test]
async fn a_clock_set_back_an_hour_gives_a_lease_one_more_of_its_length_and_no_more() {
    let folder = Folder::new();
    let (store, clock) = store(&folder).await;
    let first = fresh(&store, &request(1)).await;
    clock.advance(time::Duration::hours(-1));
    assert_eq!(retry_after(&store).await, LEASE);
    clock.advance(time::Duration::seconds(4));
    assert_eq!(retry_after(&store).await, LEASE - Duration::from_secs(4));
    clock.advance(time::Duration::seconds(6));
    let second = fresh(&store, &request(1)).await;
    assert!(second.is_takeover());
    assert!(second.fence() > first.fence());
    let settled = store.complete(&first, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Fenced);
}

#[tokio::test]
async fn a_clock_set_back_by_less_than_has_passed_lengthens_a_lease_by_as_much() {
    let folder = Folder::new();
    let (store, clock) = store(&folder).await;
    let lease = fresh(&store, &request(1)).await;
    clock.advance(time::Duration::seconds(8));
    clock.advance(time::Duration::seconds(-5));
    assert_eq!(retry_after(&store).await, LEASE - Duration::from_secs(3));
    let settled = store.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
}

#[tokio::test]
async fn a_clock_set_back_keeps_what_is_done_and_lets_holders_settle() {
    let folder = Folder::new();
    let (store, clock) = store(&folder).await;
    let done = fresh(&store, &request(1)).await;
    let held = fresh(&store, &request(2)).await;
    let settled = store.complete(&done, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    clock.advance(time::Duration::hours(-1));
    let claim = store.claim(&request(1)).await.unwrap();
    assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
    assert_eq!(store.renew(&held).await.unwrap(), Settled::Ok);
    let settled = store.complete(&held, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
}

/// Two stores, a minute apart: what a lease means stands in the record, and the later
/// clock only ends it early. The fence tells the two holders apart.
#[tokio::test]
async fn processes_whose_clocks_differ_never_complete_for_each_other() {
    let folder = Folder::new();
    let (early, _) = store(&folder).await;
    let (late, clock) = store(&folder).await;
    clock.advance(time::Duration::minutes(1));
    let first = fresh(&early, &request(1)).await;
    let second = fresh(&late, &request(1)).await;
    assert!(second.is_takeover() && second.fence() > first.fence());
    let settled = early.complete(&first, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Fenced);
    assert_eq!(retry_after(&early).await, LEASE);
    let settled = late.complete(&second, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
}
