//! Many workers, several stores on one server.

use std::sync::Arc;

use crate::race::Race;
use crate::rig::{TestStore, open};
use crate::server::Redis;

async fn race(server: &Redis) -> Race<TestStore> {
    let open = || async { Arc::new(open(server).await) };
    Race {
        stores: vec![open().await, open().await, open().await],
        rounds: 20,
        holders: 24,
        turns: 60,
        is_patient: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_claim_of_64_over_three_stores_is_fresh() {
    let server = Redis::start();
    race(&server).await.one_claim_of_64_is_fresh().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holders_never_overlap_and_fences_rise_over_three_stores() {
    let server = Redis::start();
    race(&server)
        .await
        .holders_never_overlap_and_fences_rise()
        .await;
}
