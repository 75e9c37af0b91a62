//! Answers that are lost, servers that pause, die and come back.

use std::time::Duration;

use countersign::store::{Claim, ClaimRequest, Outcome, RedisStore, Settled, Store};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};

use crate::patience::patiently;
use crate::relay::{Fate, Relay};
use crate::requests::{fresh, lasting};
use crate::rig::{LEASE, connect, forget_the_time, name, open, request, tell_the_time, told};
use crate::server::Redis;

/// A connection that is made anew by itself, to this port.
pub(crate) async fn managed(port: u16) -> RedisStore<ConnectionManager> {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}/")).unwrap();
    let config = ConnectionManagerConfig::new()
        .set_response_timeout(Some(Duration::from_millis(300)))
        .set_connection_timeout(Some(Duration::from_secs(2)));
    let manager = client.get_connection_manager_with_config(config).await;
    RedisStore::open(manager.unwrap()).await.unwrap()
}

/// How the next claim is asked.
async fn ask_by(store: &impl Store, command: bool) {
    if command {
        tell_the_time(store).await;
    } else {
        forget_the_time(store).await;
    }
}

/// The fence in the server's record.
async fn fence(server: &Redis, key: u64) -> u64 {
    let mut connection = connect(server.port()).await;
    let get = redis::cmd("GET").arg(name(key)).take();
    let record: Vec<u8> = get.query_async(&mut connection).await.unwrap();
    u64::from_be_bytes(record[17..25].try_into().unwrap())
}

/// The claim was applied, and its answer was lost: it is still its claimer's.
async fn assert_still_granted(
    server: &Redis,
    key: u64,
    asked_again: impl AsyncFn(&ClaimRequest) -> Claim,
    first: &ClaimRequest,
) {
    let granted = fence(server, key).await;
    let claim = asked_again(first).await;
    let Claim::Fresh(lease) = claim else {
        panic!("{claim:?}");
    };
    assert_eq!((lease.fence(), lease.attempt()), (granted, 1));
    let other = open(server).await;
    let claim = other.claim(&request(key)).await.unwrap();
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
    let settled = other.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
}

#[tokio::test]
async fn a_claim_whose_answer_was_cut_off_is_asked_again() {
    let server = Redis::start();
    let relay = Relay::start(server.port()).await;
    let store = managed(relay.port()).await;
    for (key, by_command) in [(1, false), (2, true)] {
        ask_by(&store, by_command).await;
        relay.set(Fate::CutAnswers);
        let claim = request(key);
        let error = store.claim(&claim).await.unwrap_err();
        assert!(error.is_transient(), "{}", told(&error));
        relay.set(Fate::Pass);
        let ask = async |claim: &ClaimRequest| patiently(|| store.claim(claim)).await;
        assert_still_granted(&server, key, ask, &claim).await;
    }
}

#[tokio::test]
async fn a_step_whose_answer_was_cut_off_is_asked_again() {
    let server = Redis::start();
    let relay = Relay::start(server.port()).await;
    let store = managed(relay.port()).await;
    let direct = open(&server).await;
    let lease = fresh(&direct, &request(1)).await;
    relay.set(Fate::CutAnswers);
    assert!(store.renew(&lease).await.unwrap_err().is_transient());
    relay.set(Fate::Pass);
    assert_eq!(patiently(|| store.renew(&lease)).await, Settled::Ok);
    relay.set(Fate::CutAnswers);
    assert!(store.release(&lease).await.unwrap_err().is_transient());
    relay.set(Fate::Pass);
    assert_eq!(patiently(|| store.release(&lease)).await, Settled::Ok);
    let lease = fresh(&direct, &request(1)).await;
    assert_eq!(lease.attempt(), 2);
    relay.set(Fate::CutAnswers);
    let complete = async || store.complete(&lease, Outcome::Rejected, None).await;
    assert!(complete().await.unwrap_err().is_transient());
    relay.set(Fate::Pass);
    assert_eq!(patiently(complete).await, Settled::Ok);
    assert_eq!(store.forgotten(), 0);
    let claim = direct.claim(&request(1)).await.unwrap();
    assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
}

#[tokio::test]
async fn a_claim_that_a_paused_server_applies_late_is_its_claimers() {
    let server = Redis::start();
    let store = managed(server.port()).await;
    for (key, by_command) in [(1, false), (2, true)] {
        ask_by(&store, by_command).await;
        server.process.pause();
        let claim = request(key);
        let error = store.claim(&claim).await.unwrap_err();
        assert!(error.is_transient());
        assert!(told(&error).contains("time-out"), "{}", told(&error));
        server.process.resume();
        // What was sent is carried out first: it came first, over the same connection.
        let first = patiently(|| store.claim(&claim)).await;
        assert!(matches!(first, Claim::Fresh(_)), "{first:?}");
        let ask = async |claim: &ClaimRequest| store.claim(claim).await.unwrap();
        assert_still_granted(&server, key, ask, &claim).await;
    }
}

/// Asked again only after the deadline, it is no longer fresh for its own nonce.
#[tokio::test]
async fn a_lost_claim_that_is_asked_again_too_late_is_not_granted() {
    let server = Redis::start();
    let relay = Relay::start(server.port()).await;
    let store = managed(relay.port()).await;
    forget_the_time(&store).await;
    relay.set(Fate::CutAnswers);
    let short = Duration::from_millis(50);
    let claim = lasting(1, short, LEASE);
    assert!(store.claim(&claim).await.unwrap_err().is_transient());
    relay.set(Fate::Pass);
    tokio::time::sleep(short).await;
    match patiently(|| store.claim(&claim)).await {
        Claim::InProgress { retry_after } => assert_eq!(retry_after, Duration::ZERO),
        other => panic!("{other:?}"),
    }
    assert_eq!(fresh(&store, &request(1)).await.attempt(), 2);
}

#[tokio::test]
async fn what_was_confirmed_outlives_a_kill_of_the_server() {
    let server = Redis::start();
    let store = managed(server.port()).await;
    let held = fresh(&store, &request(1)).await;
    let done = fresh(&store, &request(2)).await;
    let settled = store.complete(&done, Outcome::DeadLettered, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    let released = fresh(&store, &request(3)).await;
    assert_eq!(store.release(&released).await.unwrap(), Settled::Ok);
    server.process.kill();
    let error = store.claim(&request(4)).await.unwrap_err();
    assert!(error.is_transient(), "{}", told(&error));
    server.process.restart();
    match patiently(|| async { store.claim(&request(2)).await }).await {
        Claim::Done { outcome, .. } => assert_eq!(outcome, Outcome::DeadLettered),
        other => panic!("{other:?}"),
    }
    let claim = store.claim(&request(1)).await.unwrap();
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
    let again = fresh(&store, &request(3)).await;
    assert!(again.attempt() == 2 && again.fence() > released.fence());
    let settled = store.complete(&held, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    assert_eq!(store.forgotten(), 0);
}

/// Without a log: events run again, none is lost, and fences still rise.
#[tokio::test]
async fn what_a_server_forgot_runs_again_and_is_counted() {
    let server = Redis::with(&[]);
    let store = managed(server.port()).await;
    assert!(!store.is_durable());
    let (first, second) = (
        fresh(&store, &request(1)).await,
        fresh(&store, &request(2)).await,
    );
    server.process.kill();
    server.process.restart();
    // For so long a store may go by the time that the server told it before it forgot.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let next = patiently(|| async { store.claim(&request(1)).await }).await;
    let Claim::Fresh(next) = next else {
        panic!("{next:?}");
    };
    assert!(next.attempt() == 1 && next.fence() > first.fence());
    let settled = store.complete(&first, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Fenced);
    assert_eq!(store.renew(&second).await.unwrap(), Settled::Fenced);
    assert_eq!(store.release(&second).await.unwrap(), Settled::Fenced);
    assert_eq!(store.forgotten(), 0);
    let settled = store.complete(&second, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    assert_eq!(store.forgotten(), 1);
    let claim = store.claim(&request(2)).await.unwrap();
    assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
}
