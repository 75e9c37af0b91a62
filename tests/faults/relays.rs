//! Connections that break off after a request and before its answer.

use countersign::StoreError;
use countersign::store::{Claim, Outcome, Settled, Store};

use crate::engine::{self, Engine, Kind};
use crate::relay::{Fate, Relay};
use crate::requests::LONG_LEASE;
use crate::steps::{Boxed, claim, complete, fresh, patiently, release, renew, request, runtime};

/// What is cut may be the step itself, or a new connection's greeting: so often until it
/// was the step.
const TRIES: u64 = 20;

/// A step that is applied while its answer is lost, asked again, says what it would have
/// said.
pub(crate) fn a_lost_answer_is_asked_for_again(kind: Kind) {
    let engine = Engine::start(kind);
    runtime().block_on(async {
        let relay = Relay::start(engine.port()).await;
        let url = engine.url_at(relay.port());
        let cut = Cut {
            direct: engine.open().await,
            store: patiently(|| engine::open(&url)).await,
            relay,
        };
        let mut keys = 0..;
        let mut applied = [0; 3];
        for _ in 0..TRIES {
            let key = keys.next().unwrap();
            applied[0] += u32::from(cut.claim(key).await);
            let key = keys.next().unwrap();
            applied[1] += u32::from(cut.complete(key).await);
            let key = keys.next().unwrap();
            applied[2] += u32::from(cut.release(key).await);
            if applied.iter().all(|applied| *applied > 0) {
                return;
            }
        }
        panic!("applied without an answer: {applied:?}");
    });
}

struct Cut {
    direct: Boxed,
    store: Boxed,
    relay: Relay,
}

impl Cut {
    /// Each of these says whether the step was applied.
    async fn claim(&self, key: u64) -> bool {
        self.warm(key).await;
        let asked = request(key, LONG_LEASE);
        self.lose(Store::claim(&self.store, &asked)).await;
        let other = claim(&self.direct, &request(key, LONG_LEASE)).await;
        let Claim::InProgress { .. } = other else {
            return false;
        };
        assert_eq!(fresh(&self.store, &asked).await.attempt(), 1);
        true
    }

    async fn complete(&self, key: u64) -> bool {
        self.warm(key).await;
        let lease = fresh(&self.store, &request(key, LONG_LEASE)).await;
        let outcome = Outcome::Processed;
        let asked = Store::complete(&self.store, &lease, outcome, None);
        self.lose(asked).await;
        let found = claim(&self.direct, &request(key, LONG_LEASE)).await;
        assert_eq!(complete(&self.store, &lease).await, Settled::Ok);
        let done = claim(&self.direct, &request(key, LONG_LEASE)).await;
        assert!(matches!(done, Claim::Done { .. }), "{done:?}");
        matches!(found, Claim::Done { .. })
    }

    async fn release(&self, key: u64) -> bool {
        self.warm(key).await;
        let lease = fresh(&self.store, &request(key, LONG_LEASE)).await;
        self.lose(Store::release(&self.store, &lease)).await;
        let found = claim(&self.direct, &request(key, LONG_LEASE)).await;
        let Claim::Fresh(next) = found else {
            assert_eq!(release(&self.store, &lease).await, Settled::Ok);
            return false;
        };
        assert_eq!(next.attempt(), 2);
        // Somebody else has it by now.
        assert_eq!(release(&self.store, &lease).await, Settled::Fenced);
        true
    }

    /// Connected, and its statements known. A pool takes its connections in turn: with
    /// another number of steps each time, the next one is not always the same one's.
    async fn warm(&self, key: u64) {
        self.relay.set(Fate::Pass);
        for spare in 0..key / 3 % 4 {
            let request = request(key * 10 + spare + 2_000_000, LONG_LEASE);
            let lease = fresh(&self.store, &request).await;
            assert_eq!(release(&self.store, &lease).await, Settled::Ok);
        }
        let lease = fresh(&self.store, &request(key + 1_000_000, LONG_LEASE)).await;
        assert_eq!(renew(&self.store, &lease).await, Settled::Ok);
        assert_eq!(release(&self.store, &lease).await, Settled::Ok);
        let lease = fresh(&self.store, &request(key + 1_000_000, LONG_LEASE)).await;
        assert_eq!(complete(&self.store, &lease).await, Settled::Ok);
    }

    /// The request arrives, and its answer does not.
    async fn lose<T>(&self, step: impl Future<Output = Result<T, StoreError>>) {
        self.relay.set(Fate::CutAnswers);
        match step.await {
            Ok(_) => panic!("an answer came through"),
            Err(error) => assert!(error.is_transient(), "{error}"),
        }
        self.relay.set(Fate::Pass);
    }
}

/// Out of reach for a while: each step says so in time, and then all is as before.
pub(crate) fn a_server_out_of_reach_is_told(kind: Kind) {
    let engine = Engine::start(kind);
    runtime().block_on(async {
        let relay = Relay::start(engine.port()).await;
        let url = engine.url_at(relay.port());
        let store = patiently(|| engine::open(&url)).await;
        let lease = fresh(&store, &request(1, LONG_LEASE)).await;
        relay.set(Fate::Refuse);
        for _ in 0..3 {
            let limit = std::time::Duration::from_secs(10);
            let asked = Store::complete(&store, &lease, Outcome::Processed, None);
            let told = tokio::time::timeout(limit, asked).await;
            let error = told.unwrap().unwrap_err();
            assert!(error.is_transient(), "{error}");
        }
        relay.set(Fate::Pass);
        assert_eq!(complete(&store, &lease).await, Settled::Ok);
    });
}
