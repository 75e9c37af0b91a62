//! Connections that break off after a request and before its answer.

use countersign::store::{Claim, Outcome, Settled, Store};

use crate::engine::{self, Engine, Kind};
use crate::relay::{Fate, Relay};
use crate::steps::{Boxed, claim, complete, fresh, patiently, release, renew, request, runtime};
use crate::worker::LONG_LEASE;

/// Each step is applied, but its answer is lost; asked again, it says what it would have
/// said.
pub(crate) fn a_lost_answer_is_asked_for_again(kind: Kind) {
    let engine = Engine::start(kind);
    runtime().block_on(async {
        let direct = engine.open().await;
        let relay = Relay::start(engine.port()).await;
        let url = engine.url_at(relay.port());
        let store = patiently(|| engine::open(&url)).await;
        // All connections and statements are warm: what is cut is the step itself.
        for key in 100..110 {
            let lease = fresh(&store, &request(key, LONG_LEASE)).await;
            assert_eq!(renew(&store, &lease).await, Settled::Ok);
            assert_eq!(release(&store, &lease).await, Settled::Ok);
            let lease = fresh(&store, &request(key, LONG_LEASE)).await;
            assert_eq!(complete(&store, &lease).await, Settled::Ok);
        }
        let cut = |fate| relay.set(fate);

        let first = request(1, LONG_LEASE);
        cut(Fate::CutAnswers);
        let lost = Store::claim(&store, &first).await.unwrap_err();
        assert!(lost.is_transient(), "{lost}");
        assert_applied(&direct, 1).await;
        cut(Fate::Pass);
        let lease = fresh(&store, &first).await;
        assert_eq!(lease.attempt(), 1);

        cut(Fate::CutAnswers);
        assert!(
            Store::renew(&store, &lease)
                .await
                .unwrap_err()
                .is_transient()
        );
        cut(Fate::Pass);
        assert_eq!(renew(&store, &lease).await, Settled::Ok);

        cut(Fate::CutAnswers);
        let lost = Store::complete(&store, &lease, Outcome::Processed, None).await;
        assert!(lost.unwrap_err().is_transient());
        let done = claim(&direct, &request(1, LONG_LEASE)).await;
        assert!(matches!(done, Claim::Done { .. }), "{done:?}");
        cut(Fate::Pass);
        assert_eq!(complete(&store, &lease).await, Settled::Ok);

        let lease = fresh(&store, &request(2, LONG_LEASE)).await;
        cut(Fate::CutAnswers);
        assert!(
            Store::release(&store, &lease)
                .await
                .unwrap_err()
                .is_transient()
        );
        cut(Fate::Pass);
        assert_eq!(release(&store, &lease).await, Settled::Ok);
        assert_eq!(fresh(&store, &request(2, LONG_LEASE)).await.attempt(), 2);
    });
}

/// What was cut had arrived.
async fn assert_applied(direct: &Boxed, key: u64) {
    let claim = claim(direct, &request(key, LONG_LEASE)).await;
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
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
            let error = told.expect("told within ten seconds").unwrap_err();
            assert!(error.is_transient(), "{error}");
        }
        relay.set(Fate::Pass);
        assert_eq!(complete(&store, &lease).await, Settled::Ok);
    });
}
