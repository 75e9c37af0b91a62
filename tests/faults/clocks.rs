//! Clocks that are wrong.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use countersign::store::{Claim, Settled};

use crate::engine::{Engine, Kind};
use crate::process::Worker;
use crate::requests::LONG_LEASE;
use crate::server::{Clock, Folder};
use crate::steps::{claim, complete, fresh, fresh_in_the_end, request, runtime};
use crate::worker::LEASE;

const HOUR: i64 = 3600;

/// Only the server's clock counts: a worker whose host is an hour off holds its claims
/// exactly as long as others do.
pub(crate) fn a_worker_with_a_wrong_clock_changes_nothing(kind: Kind) {
    for offset in [HOUR, -HOUR] {
        let engine = Engine::start(kind);
        let folder = Folder::new();
        let clock = Clock::new();
        clock.set(offset);
        let mut worker = Worker::under(&clock, &engine.url(), folder.path(), "hold -");
        let told = worker.told();
        let (now, fence) = told.split_once(' ').unwrap();
        let now: i64 = now.parse().unwrap();
        let here = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let wrong = now - i64::try_from(here.as_secs()).unwrap();
        assert!(
            (wrong - offset).abs() < 60,
            "the worker's clock is {wrong} s off"
        );
        runtime().block_on(async {
            let store = engine.open().await;
            match claim(&store, &request(1, LONG_LEASE)).await {
                Claim::InProgress { retry_after } => {
                    assert!(retry_after <= LONG_LEASE && retry_after > LONG_LEASE / 2);
                }
                other => panic!("{other:?}"),
            }
            // A fence that it would have chosen itself would be an hour higher.
            let other = fresh(&store, &request(2, LONG_LEASE)).await;
            let fence: u64 = fence.parse().unwrap();
            assert!(other.fence().abs_diff(fence) < 600_000_000);
        });
    }
}

/// The server's clock is set back by an hour while a claim is in flight: it is held for
/// one lease more at most, and fences go on rising.
pub(crate) fn a_server_clock_set_back_holds_nothing_for_ever(kind: Kind) {
    let clock = Clock::new();
    let engine = Engine::under(kind, &clock);
    runtime().block_on(async {
        let store = engine.open().await;
        let lost = fresh(&store, &request(1, LEASE)).await;
        let live = fresh(&store, &request(2, LONG_LEASE)).await;
        let done = fresh(&store, &request(3, LEASE)).await;
        assert_eq!(complete(&store, &done).await, Settled::Ok);
        clock.set(-HOUR);
        let began = std::time::Instant::now();
        let next = fresh_in_the_end(&store, 1, LEASE).await;
        assert!(next.is_takeover() && next.fence() > lost.fence());
        assert!(began.elapsed() < 5 * LEASE + Duration::from_secs(2));
        // Nobody may have what is held, and what is done stays so.
        match claim(&store, &request(2, LONG_LEASE)).await {
            Claim::InProgress { retry_after } => assert!(retry_after <= LONG_LEASE),
            other => panic!("{other:?}"),
        }
        assert_eq!(complete(&store, &live).await, Settled::Ok);
        for key in [2, 3] {
            let claim = claim(&store, &request(key, LEASE)).await;
            assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
        }
        assert_eq!(complete(&store, &next).await, Settled::Ok);
    });
}

/// Set forward by an hour: leases end early, and whoever was replaced is told.
pub(crate) fn a_server_clock_set_forward_ends_leases(kind: Kind) {
    let clock = Clock::new();
    let engine = Engine::under(kind, &clock);
    runtime().block_on(async {
        let store = engine.open().await;
        let replaced = fresh(&store, &request(1, LONG_LEASE)).await;
        let unchallenged = fresh(&store, &request(2, LONG_LEASE)).await;
        clock.set(HOUR / 2);
        let next = fresh(&store, &request(1, LONG_LEASE)).await;
        assert!(next.is_takeover() && next.fence() > replaced.fence());
        assert_eq!(complete(&store, &replaced).await, Settled::Fenced);
        assert_eq!(complete(&store, &next).await, Settled::Ok);
        assert_eq!(complete(&store, &unchallenged).await, Settled::Ok);
    });
}
