//! The server's clock is the only one; it may be set back, or on.

use std::time::Duration;

use countersign::store::{Claim, MysqlStore, Settled, Store};

use crate::requests::{LEASE, RETENTION, fresh, request};
use crate::rig::{Time, complete, is_done, store};
use crate::server::Mariadb;

async fn retry_after(store: &MysqlStore) -> Duration {
    match store.claim(&request(1)).await.unwrap() {
        Claim::InProgress { retry_after } => retry_after,
        other => panic!("{other:?}"),
    }
}

const HOUR: Duration = Duration::from_secs(3600);

/// Without the rule the event would stay in progress for an hour, and the sender's
/// retries run out.
#[tokio::test]
async fn a_clock_set_back_an_hour_gives_a_lease_one_more_of_its_length_and_no_more() {
    let time = Time::at(1_000_000_000);
    let store = store(time.pool(Mariadb::database().await).await).await;
    let first = fresh(&store, &request(1)).await;
    time.set_back(HOUR);
    assert_eq!(retry_after(&store).await, LEASE);
    time.pass(Duration::from_secs(4));
    assert_eq!(retry_after(&store).await, LEASE - Duration::from_secs(4));
    time.pass(Duration::from_secs(6));
    let second = fresh(&store, &request(1)).await;
    assert!(second.is_takeover());
    assert!(second.fence() > first.fence());
    assert_eq!(complete(&store, &first).await, Settled::Fenced);
}

#[tokio::test]
async fn a_clock_set_back_keeps_what_is_done_and_lets_holders_settle() {
    let time = Time::at(1_000_000_000);
    let store = store(time.pool(Mariadb::database().await).await).await;
    let done = fresh(&store, &request(1)).await;
    let held = fresh(&store, &request(2)).await;
    assert_eq!(complete(&store, &done).await, Settled::Ok);
    time.set_back(HOUR);
    assert!(is_done(&store, 1).await);
    assert_eq!(store.renew(&held).await.unwrap(), Settled::Ok);
    assert_eq!(complete(&store, &held).await, Settled::Ok);
}

/// The fence is the time, but for an event that is known also more than the last one.
#[tokio::test]
async fn fences_rise_while_the_clock_goes_back() {
    let time = Time::at(1_000_000_000);
    let store = store(time.pool(Mariadb::database().await).await).await;
    let mut last = 0;
    for _ in 0..5 {
        let lease = fresh(&store, &request(1)).await;
        assert!(lease.fence() > last, "{} {last}", lease.fence());
        last = lease.fence();
        assert_eq!(store.release(&lease).await.unwrap(), Settled::Ok);
        time.set_back(Duration::from_secs(7));
    }
    let lease = fresh(&store, &request(1)).await;
    assert_eq!(complete(&store, &lease).await, Settled::Ok);
    time.pass(RETENTION);
    assert!(fresh(&store, &request(1)).await.fence() > lease.fence());
}

/// A worker whose own clock is wrong by an hour changes nothing: it is never asked.
#[tokio::test]
async fn a_lease_ends_by_the_servers_clock_and_its_late_holder_is_fenced() {
    let options = Mariadb::database().await;
    let time = Time::at(1_000_000_000);
    let store = store(time.pool(options).await).await;
    let first = fresh(&store, &request(1)).await;
    assert_eq!(first.fence(), 1_000_000_000_000_000);
    time.pass(LEASE - Duration::from_micros(1));
    assert_eq!(retry_after(&store).await, Duration::from_micros(1));
    time.pass(Duration::from_micros(1));
    let second = fresh(&store, &request(1)).await;
    assert!(second.is_takeover() && second.attempt() == 2);
    assert_eq!(store.renew(&first).await.unwrap(), Settled::Fenced);
    assert_eq!(complete(&store, &first).await, Settled::Fenced);
    assert_eq!(complete(&store, &second).await, Settled::Ok);
    assert_eq!(store.forgotten(), 0);
}

#[tokio::test]
async fn what_ended_is_completed_and_counted_as_forgotten() {
    let time = Time::at(1_000_000_000);
    let store = store(time.pool(Mariadb::database().await).await).await;
    let lease = fresh(&store, &request(1)).await;
    time.pass(RETENTION);
    assert_eq!(store.renew(&lease).await.unwrap(), Settled::Fenced);
    assert_eq!(store.release(&lease).await.unwrap(), Settled::Fenced);
    assert_eq!(complete(&store, &lease).await, Settled::Ok);
    assert!(is_done(&store, 1).await);
    assert_eq!(complete(&store, &lease).await, Settled::Ok);
    assert_eq!(store.forgotten(), 1);
}
