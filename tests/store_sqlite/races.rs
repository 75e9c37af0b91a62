//! Many workers, several stores on one file; what one process's connections do to
//! each other is what several processes do.

use std::sync::Arc;

use countersign::store::{Claim, Outcome, SqliteStore, Store};

use crate::folder::Folder;
use crate::patience::fresh;
use crate::race::Race;
use crate::requests::request;

async fn race(folder: &Folder) -> Race<SqliteStore> {
    let open = || async { Arc::new(SqliteStore::open(folder.file()).await.unwrap()) };
    let (first, second, third) = tokio::join!(open(), open(), open());
    Race {
        stores: vec![first, second, third],
        rounds: 10,
        holders: 12,
        turns: 30,
        is_patient: true,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_claim_of_64_over_three_stores_is_fresh() {
    let folder = Folder::new();
    race(&folder).await.one_claim_of_64_is_fresh().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holders_never_overlap_and_fences_rise_over_three_stores() {
    let folder = Folder::new();
    race(&folder)
        .await
        .holders_never_overlap_and_fences_rise()
        .await;
}

/// A step goes on when its caller goes away: what settles a claim is still true.
#[tokio::test]
async fn a_completion_whose_caller_went_away_is_carried_out() {
    let folder = Folder::new();
    let store = Arc::new(SqliteStore::open(folder.file()).await.unwrap());
    let lease = fresh(&*store, &request(1)).await;
    let completing = {
        let (store, lease) = (Arc::clone(&store), lease.clone());
        tokio::spawn(async move { store.complete(&lease, Outcome::Processed, None).await })
    };
    tokio::task::yield_now().await;
    completing.abort();
    let claim = store.claim(&request(1)).await.unwrap();
    assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
}
