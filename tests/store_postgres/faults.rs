//! The server is killed or paused, answers are lost: nothing that was confirmed is.

use std::time::{Duration, Instant};

use countersign::StoreError;
use countersign::store::{Claim, Outcome, PostgresStore, Settled, Store};

use crate::patience::{fresh, patiently};
use crate::relay::{Fate, Relay};
use crate::requests::{request, request_as};
use crate::rig::{pool, store};
use crate::server::{Pgbouncer, Postgres};

fn crash(server: &Postgres) {
    server.process.kill();
    server.process.restart();
}

#[tokio::test]
async fn a_server_killed_between_steps_forgets_nothing() {
    let server = Postgres::start();
    let store = store(&server).await;
    for batching in [false, true] {
        let pool = pool(&server.url(), 2).await;
        let store_in_batches = PostgresStore::builder(pool).batching(true);
        let in_batches = store_in_batches.open().await.unwrap();
        let store = if batching { &in_batches } else { &store };
        let key = u64::from(batching) * 10;
        let mine = request(key);
        let lease = fresh(store, &mine).await;
        crash(&server);
        let claim = patiently(|| async { store.claim(&request(key)).await }).await;
        assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
        assert_eq!(fresh(store, &mine).await.fence(), lease.fence());
        crash(&server);
        assert_eq!(patiently(|| store.renew(&lease)).await, Settled::Ok);
        crash(&server);
        assert_eq!(patiently(|| store.release(&lease)).await, Settled::Ok);
        crash(&server);
        let second = fresh(store, &request(key)).await;
        assert_eq!((second.attempt(), second.is_takeover()), (2, false));
        assert!(second.fence() > lease.fence());
        crash(&server);
        let complete = || store.complete(&second, Outcome::Rejected, None);
        assert_eq!(patiently(complete).await, Settled::Ok);
        crash(&server);
        let claim = patiently(|| async { store.claim(&request(key)).await }).await;
        let Claim::Done { outcome, .. } = claim else {
            panic!("{claim:?}");
        };
        assert_eq!(outcome, Outcome::Rejected);
        let late = || store.complete(&lease, Outcome::Processed, None);
        assert_eq!(patiently(late).await, Settled::Fenced);
        assert_eq!(store.forgotten(), 0);
    }
}

/// What a receiver waits for.
async fn in_time<T>(step: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let late = StoreError::transient("the store did not answer in time");
    tokio::time::timeout(Duration::from_millis(500), step)
        .await
        .unwrap_or(Err(late))
}

#[tokio::test]
async fn a_paused_server_answers_the_same_nonce_later() {
    let server = Postgres::start();
    let store = store(&server).await;
    let before = request(1);
    let first = fresh(&store, &before).await;
    server.process.pause();
    let (again, other) = (before, request(2));
    let began = Instant::now();
    for request in [&again, &other] {
        let error = in_time(store.claim(request)).await.unwrap_err();
        assert!(error.is_transient());
    }
    let error = in_time(store.complete(&first, Outcome::Processed, None)).await;
    assert!(error.unwrap_err().is_transient());
    assert!(began.elapsed() < Duration::from_secs(5));
    server.process.resume();
    // The steps that nobody waited for may have been carried out.
    let lease = fresh(&store, &other).await;
    assert_eq!(lease.attempt(), 1);
    assert_eq!(fresh(&store, &other).await.fence(), lease.fence());
    let complete = || store.complete(&first, Outcome::Processed, None);
    assert_eq!(patiently(complete).await, Settled::Ok);
}

/// A store over one connection through a relay.
struct Relayed<'a> {
    store: PostgresStore,
    pool: sqlx::postgres::PgPool,
    relay: &'a Relay,
    next: std::cell::Cell<u64>,
}

impl Relayed<'_> {
    /// All statements are known to the connection, and it is at rest.
    async fn warm(&self) {
        let key = self.next.replace(self.next.get() + 1);
        let lease = fresh(&self.store, &request(key)).await;
        assert_eq!(self.store.release(&lease).await.unwrap(), Settled::Ok);
        let lease = fresh(&self.store, &request(key)).await;
        let complete = self.store.complete(&lease, Outcome::Processed, None);
        assert_eq!(complete.await.unwrap(), Settled::Ok);
        while self.pool.num_idle() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The statement arrives, its answer does not.
    async fn lose_answer<T: std::fmt::Debug>(
        &self,
        step: impl Future<Output = Result<T, StoreError>>,
    ) {
        self.warm().await;
        self.relay.set(Fate::CutAnswers);
        let error = step.await.unwrap_err();
        assert!(error.is_transient(), "{error:?}");
        self.relay.set(Fate::Pass);
    }

    /// Each step is carried out, and then asked for again.
    async fn steps(&self, witness: &PostgresStore, key: u64) {
        let store = &self.store;
        let mine = request(key);
        self.lose_answer(store.claim(&mine)).await;
        let claim = patiently(|| async { witness.claim(&request(key)).await }).await;
        assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
        let lease = fresh(store, &mine).await;
        assert_eq!(lease.attempt(), 1);
        let same = fresh(witness, &request_as(key, mine.nonce())).await;
        assert_eq!(same.fence(), lease.fence());

        self.lose_answer(store.release(&lease)).await;
        assert_eq!(patiently(|| store.release(&lease)).await, Settled::Ok);
        let second = request(key);
        self.lose_answer(store.claim(&second)).await;
        let second = fresh(store, &second).await;
        assert_eq!(second.attempt(), 2);
        assert_eq!(patiently(|| store.release(&lease)).await, Settled::Fenced);

        self.lose_answer(store.complete(&second, Outcome::Processed, None))
            .await;
        let claim = patiently(|| async { witness.claim(&request(key)).await }).await;
        assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
        let complete = || store.complete(&second, Outcome::Processed, None);
        assert_eq!(patiently(complete).await, Settled::Ok);
    }
}

/// No connection is tested before it is used: the cut comes after the statement.
async fn through(relay: &Relay) -> sqlx::postgres::PgPool {
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", relay.port());
    sqlx::postgres::PgPoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .connect(&url)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let server = Postgres::start();
    let witness = store(&server).await;
    let relay = Relay::start(server.port()).await;
    for (keys, batching, prepared) in [
        (1000, false, true),
        (2000, true, true),
        (3000, false, false),
    ] {
        let pool = through(&relay).await;
        let store = PostgresStore::builder(pool.clone())
            .batching(batching)
            .prepared(prepared);
        let relayed = Relayed {
            store: store.open().await.unwrap(),
            pool,
            relay: &relay,
            next: (keys + 500).into(),
        };
        for key in keys..keys + 3 {
            relayed.steps(&witness, key).await;
        }
    }
}

#[tokio::test]
async fn a_server_out_of_reach_fails_every_step_for_a_while() {
    let server = Postgres::start();
    let witness = store(&server).await;
    let relay = Relay::start(server.port()).await;
    let url = format!("postgres://postgres@127.0.0.1:{}/postgres", relay.port());
    let store = PostgresStore::open(pool(&url, 2).await).await.unwrap();
    let lease = fresh(&store, &request(1)).await;
    relay.set(Fate::Refuse);
    let error = store.claim(&request(2)).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(store.renew(&lease).await.unwrap_err().is_transient());
    relay.set(Fate::Pass);
    assert_eq!(patiently(|| store.renew(&lease)).await, Settled::Ok);
    fresh(&witness, &request(2)).await;
}

/// A pooler that loses its server tells it in words of its own.
#[tokio::test]
async fn a_server_killed_behind_a_pooler_is_a_passing_fault() {
    let server = Postgres::start();
    let pooler = Pgbouncer::start(&server, 2);
    let witness = store(&server).await;
    let pool = pool(&pooler.url(), 4).await;
    let store = PostgresStore::builder(pool).prepared(false);
    let store = store.open().await.unwrap();
    let lease = fresh(&store, &request(1)).await;
    for _ in 0..3 {
        crash(&server);
        assert_eq!(patiently(|| store.renew(&lease)).await, Settled::Ok);
    }
    server.process.kill();
    let error = in_time(store.claim(&request(2))).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    server.process.restart();
    fresh(&store, &request(2)).await;
    let complete = || witness.complete(&lease, Outcome::Processed, None);
    assert_eq!(patiently(complete).await, Settled::Ok);
}

/// No connection is tested before it is used: what becomes of it is the store's doing.
async fn untested(server: &Postgres, connections: u32) -> (PostgresStore, sqlx::postgres::PgPool) {
    let pool = sqlx::postgres::PgPoolOptions::new()
        .max_connections(connections)
        .test_before_acquire(false)
        .connect(&server.url())
        .await
        .unwrap();
    PostgresStore::migrate(&pool).await.unwrap();
    (PostgresStore::open(pool.clone()).await.unwrap(), pool)
}

/// A connection whose answer nobody waits for is closed at once. If it went back to the
/// pool it would be in nobody's hands for as long as the server is silent, and a few of
/// them would be the whole pool.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_server_does_not_keep_the_pools_connections() {
    const CONNECTIONS: u32 = 4;
    let server = Postgres::start();
    let (store, pool) = untested(&server, CONNECTIONS).await;
    let held = fresh(&store, &request(1)).await;
    let mut all = Vec::new();
    for _ in 0..CONNECTIONS {
        all.push(pool.acquire().await.unwrap());
    }
    drop(all);
    // A pool looks at a connection that comes back.
    while pool.num_idle() < CONNECTIONS as usize {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.process.pause();
    for nth in 0..CONNECTIONS {
        let error = if nth % 2 == 0 {
            in_time(store.claim(&request(1))).await.unwrap_err()
        } else {
            in_time(store.renew(&held)).await.unwrap_err()
        };
        assert!(error.is_transient(), "{error:?}");
    }
    let left = pool.size();
    server.process.resume();
    assert_eq!(left, 0);
    let claim = patiently(|| async { store.claim(&request(1)).await }).await;
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
}

/// A server that was the primary one answers that it is read-only: whoever asks anew may
/// come to the one that took its place.
#[tokio::test]
async fn a_connection_that_became_read_only_is_not_used_again() {
    let server = Postgres::start();
    let (store, pool) = untested(&server, 1).await;
    let settle = async || {
        while pool.num_idle() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let pid = async || {
        let pid = sqlx::query_scalar::<_, i32>("SELECT pg_backend_pid()");
        pid.fetch_one(&pool).await.unwrap()
    };
    let lease = fresh(&store, &request(1)).await;
    let before = pid().await;
    // What leaves the connection sound leaves it in the pool.
    assert_eq!(store.renew(&lease).await.unwrap(), Settled::Ok);
    assert_eq!(pid().await, before);
    let demoted = sqlx::raw_sql("SET default_transaction_read_only = on");
    demoted.execute(&pool).await.unwrap();
    settle().await;
    let error = store.claim(&request(2)).await.unwrap_err();
    let told = "the database is read-only";
    assert!(error.to_string().contains(told), "{error:?}");
    fresh(&store, &request(2)).await;
    assert_ne!(pid().await, before);
}
