//! The server's clock is set while claims are held.

use std::time::Duration;

use countersign::store::{Claim, Outcome, Settled, Store};

use crate::requests::{fresh, lasting};
use crate::rig::{LEASE, RETENTION, TestStore, connect, open, request};
use crate::rig::{forget_the_time, tell_the_time};
use crate::server::{Clock, Redis};

const HOUR_S: i64 = 3600;

/// What is left of the lease of somebody else.
async fn left(store: &TestStore, key: u64) -> Duration {
    match store.claim(&request(key)).await.unwrap() {
        Claim::InProgress { retry_after } => retry_after,
        claim => panic!("{claim:?}"),
    }
}

/// The clock is the server's: what it says is what a script would read.
async fn seconds(server: &Redis) -> i64 {
    let mut connection = connect(server.port()).await;
    let time: (i64, i64) = redis::cmd("TIME")
        .query_async(&mut connection)
        .await
        .unwrap();
    time.0
}

#[tokio::test]
async fn a_lease_begins_anew_once_when_the_clock_is_set_back() {
    let clock = Clock::new();
    let server = Redis::under(&clock);
    let store = open(&server).await;
    let before = seconds(&server).await;
    let first = fresh(&store, &request(1)).await;
    tell_the_time(&store).await;
    let second = fresh(&store, &request(2)).await;
    clock.set(-HOUR_S);
    assert!(seconds(&server).await < before - HOUR_S / 2);
    for (key, lease) in [(1, &first), (2, &second)] {
        assert_eq!(left(&store, key).await, LEASE);
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(left(&store, key).await < LEASE, "once only");
        assert_eq!(store.renew(lease).await.unwrap(), Settled::Ok);
        assert!(left(&store, key).await <= LEASE);
        let settled = store.complete(lease, Outcome::Processed, None).await;
        assert_eq!(settled.unwrap(), Settled::Ok);
    }
}

#[tokio::test]
async fn an_abandoned_claim_is_taken_over_though_the_clock_was_set_back() {
    let clock = Clock::new();
    let server = Redis::under(&clock);
    let store = open(&server).await;
    let short = Duration::from_millis(300);
    let first = fresh(&store, &lasting(1, short, RETENTION)).await;
    clock.set(-HOUR_S);
    let wait = left(&store, 1).await;
    assert!(wait <= short);
    tokio::time::sleep(wait + Duration::from_millis(20)).await;
    let next = fresh(&store, &request(1)).await;
    assert!(next.is_takeover() && next.fence() > first.fence());
}

#[tokio::test]
async fn fences_rise_though_the_clock_is_set_back() {
    let clock = Clock::new();
    let server = Redis::under(&clock);
    let store = open(&server).await;
    let mut last = 0;
    for hours in 0..5 {
        clock.set(-hours * HOUR_S);
        if hours % 2 == 0 {
            tell_the_time(&store).await;
        } else {
            forget_the_time(&store).await;
        }
        let lease = fresh(&store, &request(1)).await;
        assert!(lease.fence() > last);
        last = lease.fence();
        assert_eq!(store.release(&lease).await.unwrap(), Settled::Ok);
    }
}

#[tokio::test]
async fn leases_end_early_when_the_clock_is_set_forward() {
    let clock = Clock::new();
    let server = Redis::under(&clock);
    let store = open(&server).await;
    let first = fresh(&store, &request(1)).await;
    let kept = fresh(&store, &lasting(2, 3 * RETENTION, 3 * RETENTION)).await;
    clock.set(2 * i64::try_from(LEASE.as_secs()).unwrap());
    assert!(left(&store, 2).await < 3 * RETENTION - LEASE);
    assert_eq!(store.renew(&kept).await.unwrap(), Settled::Ok);
    let next = fresh(&store, &request(1)).await;
    assert!(next.is_takeover() && next.fence() > first.fence());
    let settled = store.complete(&first, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Fenced);
}
