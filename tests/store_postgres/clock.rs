//! The server's clock is the only one, and it may be set.

use std::time::Duration;

use countersign::store::{Claim, Outcome, Settled, Store};

use crate::patience::fresh;
use crate::requests::{LEASE, request};
use crate::rig::store;
use crate::server::{Clock, Postgres};

async fn retry_after(store: &impl Store) -> Duration {
    match store.claim(&request(1)).await.unwrap() {
        Claim::InProgress { retry_after } => retry_after,
        other => panic!("{other:?}"),
    }
}

/// Without the rule the event would stay in progress for an hour, and the sender's
/// retries run out.
#[tokio::test]
async fn a_clock_set_back_an_hour_gives_a_lease_one_more_of_its_length_and_no_more() {
    let clock = Clock::new();
    let server = Postgres::under(&clock);
    let store = store(&server).await;
    let first = fresh(&store, &request(1)).await;
    clock.set(-3600);
    assert!(retry_after(&store).await <= LEASE);
    clock.set(-3600 + 11);
    let second = fresh(&store, &request(1)).await;
    assert!(second.is_takeover());
    assert!(
        second.fence() > first.fence(),
        "fences rise whatever the clock does"
    );
    let settled = store.complete(&first, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Fenced);
    let settled = store.complete(&second, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
}

#[tokio::test]
async fn a_clock_set_on_ends_leases_and_retentions() {
    let clock = Clock::new();
    let server = Postgres::under(&clock);
    let store = store(&server).await;
    let first = fresh(&store, &request(1)).await;
    assert!(retry_after(&store).await <= LEASE);
    // A late worker whom nobody replaced.
    clock.set(11);
    assert_eq!(store.renew(&first).await.unwrap(), Settled::Ok);
    assert!(retry_after(&store).await > LEASE / 2);
    clock.set(22);
    let second = fresh(&store, &request(1)).await;
    assert_eq!((second.attempt(), second.is_takeover()), (2, true));
    assert_eq!(store.renew(&first).await.unwrap(), Settled::Fenced);
    let settled = store.complete(&second, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    clock.set(22 + 99);
    let claim = store.claim(&request(1)).await.unwrap();
    assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
    clock.set(22 + 111);
    let third = fresh(&store, &request(1)).await;
    assert_eq!((third.attempt(), third.is_takeover()), (1, false));
    assert!(third.fence() > second.fence());

    // Ended, and completed all the same: nobody else has it.
    clock.set(22 + 111 + 200);
    let settled = store.complete(&third, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    assert_eq!(store.forgotten(), 1);
    let claim = store.claim(&request(1)).await.unwrap();
    assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
}
