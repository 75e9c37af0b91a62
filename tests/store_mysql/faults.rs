//! The server is killed, paused or cut off between a step and its answer.

use std::time::{Duration, Instant};

use countersign::StoreError;
use countersign::store::{Claim, MysqlStore, Nonce, Outcome, Settled, Store};
use sqlx::mysql::MySqlConnectOptions;
use tokio::time::timeout;

use crate::patience::patiently_within;
use crate::relay::{Fate, Relay};
use crate::requests::{fresh, request, request_as};
use crate::rig::{complete, is_done, pool, small, store};
use crate::server::Mariadb;

/// As a receiver does: a store that takes longer is as good as down.
const PATIENCE: Duration = Duration::from_millis(500);

async fn patient<T>(step: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    match timeout(PATIENCE, step).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) => {
            assert!(error.is_transient(), "{error:?}");
            None
        }
        Err(_) => None,
    }
}

/// Asked again until it is answered.
async fn in_the_end<T, Step: Future<Output = Result<T, StoreError>>>(step: impl Fn() -> Step) -> T {
    patiently_within(PATIENCE, step).await
}

async fn in_a_hurry(options: MySqlConnectOptions) -> MysqlStore {
    let pool = small().acquire_timeout(Duration::from_secs(2));
    store(pool.connect_with(options).await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_confirmed_survives_kill_9_of_the_server_between_any_two_steps() {
    let server = Mariadb::start();
    let store = in_a_hurry(server.url().parse().unwrap()).await;
    let again = || {
        server.process.kill();
        server.process.restart();
    };
    let request = request(1);
    let first = fresh(&store, &request).await;
    again();
    let Claim::Fresh(same) = in_the_end(|| store.claim(&request)).await else {
        panic!("the claim was forgotten");
    };
    assert_eq!(same.fence(), first.fence());
    let other = crate::requests::request(1);
    let claim = in_the_end(|| store.claim(&other)).await;
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
    assert_eq!(in_the_end(|| store.release(&first)).await, Settled::Ok);
    again();
    let Claim::Fresh(second) = in_the_end(|| store.claim(&other)).await else {
        panic!("the release was forgotten");
    };
    assert!(second.fence() > first.fence() && second.attempt() == 2);
    let completed = || store.complete(&first, Outcome::Processed, None);
    assert_eq!(in_the_end(completed).await, Settled::Fenced);
    let completed = || store.complete(&second, Outcome::Rejected, None);
    assert_eq!(in_the_end(completed).await, Settled::Ok);
    again();
    match in_the_end(|| store.claim(&request)).await {
        Claim::Done { outcome, .. } => assert_eq!(outcome, Outcome::Rejected),
        other => panic!("the completion was forgotten: {other:?}"),
    }
    assert_eq!(in_the_end(completed).await, Settled::Ok);
    assert_eq!(store.forgotten(), 0);
}

/// Workers claim and complete while the server is killed again and again: what was
/// confirmed is there afterwards.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_servers_lose_nothing_that_was_confirmed() {
    const KILLS: usize = 5;
    let server = Mariadb::start();
    let store = std::sync::Arc::new(in_a_hurry(server.url().parse().unwrap()).await);
    let is_over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let workers: Vec<_> = (0..4_u64)
        .map(|worker| {
            let (store, is_over) = (store.clone(), is_over.clone());
            tokio::spawn(async move {
                let mut done = Vec::new();
                let mut key = worker << 32;
                while !is_over.load(std::sync::atomic::Ordering::SeqCst) {
                    key += 1;
                    let request = request(key);
                    let Claim::Fresh(lease) = in_the_end(|| store.claim(&request)).await else {
                        panic!("nobody else claims it");
                    };
                    let complete = || store.complete(&lease, Outcome::Processed, None);
                    assert_eq!(in_the_end(complete).await, Settled::Ok);
                    done.push((key, lease.fence()));
                }
                done
            })
        })
        .collect();
    for _ in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.process.kill();
        server.process.restart();
    }
    is_over.store(true, std::sync::atomic::Ordering::SeqCst);
    let mut confirmed = 0;
    for worker in workers {
        for (key, _) in worker.await.unwrap() {
            assert!(is_done(&*store, key).await, "{key} was lost");
            confirmed += 1;
        }
    }
    println!(
        "{KILLS} kills, {confirmed} events: 0 lost, {} forgotten",
        store.forgotten()
    );
    assert_eq!(store.forgotten(), 0);
    assert!(confirmed > 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_paused_may_be_asked_again_with_the_same_nonce() {
    let server = Mariadb::start();
    let store = in_a_hurry(server.url().parse().unwrap()).await;
    fresh(&store, &request(1)).await;
    let request = request(2);
    server.process.pause();
    let began = Instant::now();
    assert!(patient(store.claim(&request)).await.is_none());
    assert!(began.elapsed() < 2 * PATIENCE);
    server.process.resume();
    let Claim::Fresh(lease) = in_the_end(|| store.claim(&request)).await else {
        panic!("its own claim was somebody else's");
    };
    let Claim::Fresh(same) = in_the_end(|| store.claim(&request)).await else {
        panic!("its own claim was somebody else's");
    };
    assert_eq!((same.fence(), same.attempt()), (lease.fence(), 1));
    server.process.pause();
    assert!(
        patient(store.complete(&lease, Outcome::Processed, None))
            .await
            .is_none()
    );
    server.process.resume();
    let completed = || store.complete(&lease, Outcome::Processed, None);
    assert_eq!(in_the_end(completed).await, Settled::Ok);
    assert!(is_done(&store, 2).await);
    assert_eq!(store.forgotten(), 0);
}

/// A connection whose answer nobody waits for is closed at once. If it went back to the
/// pool it would be in nobody's hands for as long as the server is silent, and a few of
/// them would be the whole pool.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_server_does_not_keep_the_pools_connections() {
    let server = Mariadb::start();
    let pool = pool(server.url().parse().unwrap()).await;
    let store = store(pool.clone()).await;
    fresh(&store, &request(1)).await;
    // A pool looks at a connection that comes back.
    while pool.num_idle() < pool.size() as usize {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(pool.size() > 0);
    server.process.pause();
    for _ in 0..pool.size() {
        assert!(patient(store.claim(&request(1))).await.is_none());
    }
    let left = pool.size();
    server.process.resume();
    assert_eq!(left, 0);
    let other = request(1);
    let claim = in_the_end(|| store.claim(&other)).await;
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
}

/// The request arrives and the answer does not: each step may be asked again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_whose_answer_was_lost_is_asked_again_without_harm() {
    let server = Mariadb::start();
    let relay = Relay::start(server.port()).await;
    let options: MySqlConnectOptions = server.url().parse().unwrap();
    let direct = store(pool(options.clone()).await).await;
    let store = in_a_hurry(options.port(relay.port())).await;
    for key in 0..10 {
        let nonce = Nonce::random().unwrap();
        let request = request_as(key, nonce);
        relay.set(Fate::CutAnswers);
        assert!(patient(store.claim(&request)).await.is_none());
        let is_there = direct.claim(&crate::requests::request(key)).await.unwrap();
        relay.set(Fate::Pass);
        let claimed = in_the_end(|| store.claim(&request)).await;
        let lease = match (is_there, claimed) {
            // The cut came before the statement was sent.
            (Claim::Fresh(lease), Claim::InProgress { .. }) => lease,
            (Claim::InProgress { .. }, Claim::Fresh(lease)) => lease,
            other => panic!("{other:?}"),
        };
        assert_eq!(lease.attempt(), 1);
        relay.set(Fate::CutAnswers);
        assert!(patient(store.renew(&lease)).await.is_none());
        relay.set(Fate::Pass);
        assert_eq!(in_the_end(|| store.renew(&lease)).await, Settled::Ok);
        relay.set(Fate::CutAnswers);
        let outcome = Outcome::Processed;
        assert!(
            patient(store.complete(&lease, outcome, None))
                .await
                .is_none()
        );
        relay.set(Fate::Pass);
        assert_eq!(
            in_the_end(|| store.complete(&lease, outcome, None)).await,
            Settled::Ok
        );
        assert!(is_done(&direct, key).await);
    }
    assert_eq!((store.forgotten(), direct.forgotten()), (0, 0));
}

/// An answer that comes when nobody waits for it any more is not taken for the answer to
/// what is asked next.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_answer_is_nobody_elses() {
    let server = Mariadb::start();
    let relay = Relay::start(server.port()).await;
    let options: MySqlConnectOptions = server.url().parse().unwrap();
    let store = in_a_hurry(options.port(relay.port())).await;
    let done = fresh(&store, &request(1_000)).await;
    assert_eq!(complete(&store, &done).await, Settled::Ok);
    for key in 0..10 {
        let given_up = request(key);
        relay.set(Fate::HoldAnswers);
        assert!(patient(store.claim(&given_up)).await.is_none());
        relay.set(Fate::Pass);
        let other = request(1_000);
        let claim = in_the_end(|| store.claim(&other)).await;
        assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
        let Claim::Fresh(lease) = in_the_end(|| store.claim(&given_up)).await else {
            panic!("its own claim was somebody else's");
        };
        assert_eq!(complete(&store, &lease).await, Settled::Ok);
    }
}

/// Callers go away at any time, also while a statement is prepared: what they leave of
/// their connections is used by nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_go_away_leave_nothing_behind_for_others() {
    let store = std::sync::Arc::new(in_a_hurry(Mariadb::database().await).await);
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..8_u64 {
        let store = store.clone();
        workers.spawn(async move {
            let mut gone = 0;
            for key in worker * 1_000..worker * 1_000 + 60 {
                let request = request(key);
                let short = |nth: u64| Duration::from_micros((key * 7919 + nth * 4243) % 4_000);
                gone += u32::from(timeout(short(1), store.claim(&request)).await.is_err());
                let Claim::Fresh(lease) = in_the_end(|| store.claim(&request)).await else {
                    panic!("its own claim was somebody else's");
                };
                assert_eq!((lease.key(), lease.attempt()), (request.key(), 1));
                let complete = || store.complete(&lease, Outcome::Rejected, None);
                gone += u32::from(timeout(short(2), complete()).await.is_err());
                assert_eq!(in_the_end(complete).await, Settled::Ok);
                match in_the_end(|| store.claim(&request)).await {
                    Claim::Done { outcome, .. } => assert_eq!(outcome, Outcome::Rejected),
                    other => panic!("{other:?}"),
                }
            }
            gone
        });
    }
    let gone: u32 = workers.join_all().await.into_iter().sum();
    println!("{gone} of 960 calls were given up");
    assert!((50..960).contains(&gone), "{gone}");
}
