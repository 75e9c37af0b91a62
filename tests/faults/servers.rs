//! Servers that are killed or paused.

use std::time::{Duration, Instant};

use countersign::store::{Claim, Lease, Settled, Store};

use crate::engine::{Engine, Kind};
use crate::ledger::Books;
use crate::process::Worker;
use crate::random::Random;
use crate::requests::LONG_LEASE;
use crate::server::Folder;
use crate::steps::{
    Boxed, claim, complete, fresh, fresh_in_the_end, release, renew, request, runtime,
};
use crate::worker::{EVENTS, LEASE};

/// What each step confirmed before the server was killed holds after it, and the same
/// store, with its old connections, goes on.
pub(crate) fn a_server_killed_between_two_steps_forgets_nothing(kind: Kind) {
    let engine = Engine::start(kind);
    runtime().block_on(async {
        let store = engine.open().await;
        let kill = || {
            engine.process().kill();
            engine.process().restart();
        };
        let mut keys = 0..;
        let mut key = || keys.next().unwrap();
        let held = async |key| -> Lease { fresh(&store, &request(key, LONG_LEASE)).await };

        let claimed = key();
        let lease = held(claimed).await;
        kill();
        assert_in_progress(&store, claimed).await;
        assert_eq!(renew(&store, &lease).await, Settled::Ok);
        kill();
        assert_in_progress(&store, claimed).await;
        assert_eq!(complete(&store, &lease).await, Settled::Ok);
        kill();
        let done = claim(&store, &request(claimed, LONG_LEASE)).await;
        assert!(matches!(done, Claim::Done { .. }), "{done:?}");

        let released = key();
        let lease = held(released).await;
        assert_eq!(release(&store, &lease).await, Settled::Ok);
        kill();
        let next = held(released).await;
        assert_eq!(next.attempt(), 2);
        assert!(next.fence() > lease.fence());
        assert_eq!(complete(&store, &lease).await, Settled::Fenced);
    });
}

async fn assert_in_progress(store: &Boxed, key: u64) {
    let claim = claim(store, &request(key, LONG_LEASE)).await;
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
}

const KILLS: usize = 8;

pub(crate) fn a_server_killed_at_any_time_loses_no_event(kind: Kind) {
    let engine = Engine::start(kind);
    let folder = Folder::new();
    let start = |seed| Worker::start(&engine.url(), folder.path(), &format!("work {seed}"));
    let running = [start(1), start(2)];
    let random = Random::new(4711);
    for _ in 0..KILLS {
        std::thread::sleep(Duration::from_millis(50 + random.below(300)));
        engine.process().kill();
        engine.process().restart();
    }
    drop(running);
    let mut last = start(0);
    assert_eq!(last.told(), "done");
    last.end();
    let books = Books::read(folder.path(), EVENTS);
    println!(
        "{kind:?}: server killed {KILLS} times, {EVENTS} events: {} lost, {} more runs than events",
        books.lost, books.more
    );
    assert_eq!(books.lost, 0);
    // Each of two workers may be within a run, and each lease may run out meanwhile.
    assert!(books.more <= 2 * KILLS + 2);
}

/// Nobody answers, and connections stay: a caller who gives up knows nothing, and asks
/// again under the same nonce.
pub(crate) fn a_paused_server_answers_later(kind: Kind) {
    let engine = Engine::start(kind);
    runtime().block_on(async {
        let store = engine.open().await;
        let lease = fresh(&store, &request(1, LONG_LEASE)).await;
        engine.process().pause();
        let began = Instant::now();
        let given_up = Duration::from_millis(300);
        let request = request(2, LONG_LEASE);
        let claimed = tokio::time::timeout(given_up, Store::claim(&store, &request)).await;
        assert!(!matches!(claimed, Ok(Ok(_))), "{claimed:?}");
        let renewed = tokio::time::timeout(given_up, Store::renew(&store, &lease)).await;
        assert!(!matches!(renewed, Ok(Ok(_))), "{renewed:?}");
        assert!(began.elapsed() < Duration::from_secs(5));
        engine.process().resume();
        let held = fresh(&store, &request).await;
        assert_eq!(held.attempt(), 1);
        assert_eq!(complete(&store, &held).await, Settled::Ok);
        assert_eq!(complete(&store, &lease).await, Settled::Ok);
    });
}

/// The lease ends while its holder is away; whoever took over is the only one.
pub(crate) fn a_late_worker_is_fenced_if_replaced(kind: Kind) {
    let engine = Engine::start(kind);
    runtime().block_on(async {
        let store = engine.open().await;
        let late = fresh(&store, &request(1, LEASE)).await;
        let next = fresh_in_the_end(&store, 1, LEASE).await;
        assert!(next.is_takeover() && next.fence() > late.fence());
        assert_eq!(renew(&store, &late).await, Settled::Fenced);
        assert_eq!(complete(&store, &late).await, Settled::Fenced);
        assert_eq!(release(&store, &late).await, Settled::Fenced);
        // Late as well, and nobody was faster.
        tokio::time::sleep(2 * LEASE).await;
        assert_eq!(complete(&store, &next).await, Settled::Ok);
    });
}
