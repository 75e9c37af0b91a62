//! Stores with other settings, as while a new version is rolled out.

use std::time::{Duration, Instant};

use countersign::store::{Claim, ClaimRequest, Lease, Nonce, Outcome, Settled, Store};

use crate::requests::{fresh, id, lasting};
use crate::rig::{LEASE, RETENTION, connect, name, open, request, tell_the_time};
use crate::server::Redis;

const MOMENT: Duration = Duration::from_millis(500);

/// By script, and by the command that knows no time.
#[tokio::test]
async fn a_live_claim_is_never_taken_over_whatever_the_other_store_is_set_to() {
    let server = Redis::start();
    let (first, second) = (open(&server).await, open(&server).await);
    let hour = Duration::from_secs(3600);
    for (key, told) in [(1, false), (2, true)] {
        if told {
            tell_the_time(&first).await;
        }
        let lease = fresh(&first, &lasting(key, LEASE, RETENTION)).await;
        for (lease, retention) in [
            (Duration::from_millis(1), Duration::from_millis(2)),
            (Duration::from_millis(1), hour * 24 * 365),
            (Duration::from_secs(1), RETENTION - LEASE / 2),
            (hour * 24, hour * 24),
            (hour * 24, Duration::from_millis(1)),
        ] {
            let claim = second.claim(&lasting(key, lease, retention)).await.unwrap();
            let Claim::InProgress { retry_after } = claim else {
                panic!("{claim:?}");
            };
            assert!(retry_after <= LEASE && retry_after > LEASE / 2);
        }
        assert_eq!(first.renew(&lease).await.unwrap(), Settled::Ok);
    }
}

#[tokio::test]
async fn an_expired_claim_is_taken_over_at_its_own_deadline() {
    let server = Redis::start();
    let (first, second) = (open(&server).await, open(&server).await);
    for (key, told) in [(1, false), (2, true)] {
        if told {
            tell_the_time(&first).await;
        }
        let began = Instant::now();
        let old = fresh(&first, &lasting(key, MOMENT, RETENTION)).await;
        let new = loop {
            match second.claim(&request(key)).await.unwrap() {
                Claim::Fresh(lease) => break lease,
                Claim::InProgress { retry_after } => {
                    assert!(retry_after <= MOMENT);
                    tokio::time::sleep(retry_after).await;
                }
                other => panic!("{other:?}"),
            }
        };
        assert!(began.elapsed() >= MOMENT);
        assert!(new.is_takeover() && new.attempt() == 2 && new.fence() > old.fence());
        let complete = first.complete(&old, Outcome::Processed, None).await;
        assert_eq!(complete.unwrap(), Settled::Fenced);
    }
}

/// The retention is the claimer's, whoever asks later.
#[tokio::test]
async fn a_record_lives_as_long_as_its_own_claim_and_completion_say() {
    let server = Redis::start();
    let (first, second) = (open(&server).await, open(&server).await);
    let mut other = connect(server.port()).await;
    let mut left = async |key| -> Duration {
        let ttl = redis::cmd("PTTL").arg(name(key)).take();
        Duration::from_millis(ttl.query_async(&mut other).await.unwrap())
    };
    let lease = fresh(&first, &request(1)).await;
    assert!(matches!(
        second.claim(&lasting(1, MOMENT, MOMENT)).await.unwrap(),
        Claim::InProgress { .. }
    ));
    assert!(left(1).await > RETENTION - LEASE);
    assert_eq!(first.release(&lease).await.unwrap(), Settled::Ok);
    assert!(
        left(1).await > RETENTION - LEASE,
        "a tombstone stays so long"
    );
    let lease = fresh(&second, &lasting(1, LEASE, 2 * RETENTION)).await;
    assert!(left(1).await > RETENTION);
    let complete = second.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(complete.unwrap(), Settled::Ok);
    assert!(left(1).await > RETENTION);
    // A lease that is longer than the retention outlives it.
    let lease = fresh(&first, &lasting(2, LEASE, MOMENT)).await;
    assert!(left(2).await > LEASE / 2);
    assert_eq!(first.renew(&lease).await.unwrap(), Settled::Ok);
    assert!(left(2).await > LEASE / 2);
    let complete = first.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(complete.unwrap(), Settled::Ok);
    assert!(left(2).await <= MOMENT);
}

#[tokio::test]
async fn two_prefixes_never_meet() {
    use countersign::store::RedisStore;
    let server = Redis::start();
    let store = async |prefix: &str| {
        let connection = connect(server.port()).await;
        let builder = RedisStore::builder(connection).prefix(prefix);
        builder.open().await.unwrap()
    };
    let (first, second) = (store("one").await, store("two").await);
    fresh(&first, &request(1)).await;
    fresh(&second, &request(1)).await;
    let again = store("one").await.claim(&request(1)).await.unwrap();
    assert!(matches!(again, Claim::InProgress { .. }), "{again:?}");
}

#[tokio::test]
async fn no_duration_is_too_long_or_too_short() {
    let server = Redis::start();
    let store = open(&server).await;
    let nothing = Duration::ZERO;
    for (key, lease, retention) in [
        (1, Duration::MAX, Duration::MAX),
        (2, Duration::MAX, nothing),
        (3, nothing, Duration::MAX),
        (4, nothing, nothing),
        (5, Duration::from_nanos(1), Duration::from_nanos(1)),
    ] {
        for told in [false, true] {
            let key = key + if told { 10 } else { 0 };
            if told {
                tell_the_time(&store).await;
            }
            let held = fresh(&store, &lasting(key, lease, retention)).await;
            if lease == Duration::MAX {
                let claim = store.claim(&request(key)).await.unwrap();
                let Claim::InProgress { retry_after } = claim else {
                    panic!("{claim:?}");
                };
                assert!(retry_after > 1000 * RETENTION);
                assert_eq!(store.renew(&held).await.unwrap(), Settled::Ok);
            }
            let settled = store.complete(&held, Outcome::Processed, None).await;
            assert_eq!(settled.unwrap(), Settled::Ok);
        }
    }
}

/// A record that such a holder completed would have no higher fence after it.
#[tokio::test]
async fn a_fence_that_was_never_granted_is_fenced() {
    let server = Redis::start();
    let store = open(&server).await;
    for fence in [1 << 53, u64::MAX] {
        let stranger = Lease::granted(&request(1), fence, 1);
        for settled in [
            store.renew(&stranger).await,
            store.complete(&stranger, Outcome::Processed, None).await,
            store.release(&stranger).await,
        ] {
            assert_eq!(settled.unwrap(), Settled::Fenced);
        }
    }
    fresh(&store, &request(1)).await;
}

/// The lease that is asked for last counts, and is not taken for a clock's fault.
#[tokio::test]
async fn a_lease_may_be_renewed_for_longer_than_it_was_granted() {
    let server = Redis::start();
    let (store, other) = (open(&server).await, open(&server).await);
    let nonce = Nonce::random().unwrap();
    let asked = |lease| ClaimRequest::new(id(1), nonce, lease, RETENTION);
    let first = fresh(&store, &asked(MOMENT)).await;
    let again = fresh(&store, &asked(LEASE)).await;
    assert_eq!(first.fence(), again.fence());
    assert_eq!(store.renew(&again).await.unwrap(), Settled::Ok);
    for _ in 0..2 {
        match other.claim(&request(1)).await.unwrap() {
            Claim::InProgress { retry_after } => assert!(retry_after > LEASE / 2),
            claim => panic!("{claim:?}"),
        }
    }
}
