//! A full disk: new events are refused, what is known is still told, nothing is lost.

use std::sync::Arc;

use countersign::Timestamp;
use countersign::store::{Claim, Outcome, Settled, SqliteStore, Store};
use countersign::testing::FakeClock;

use crate::folder::Folder;
use crate::patience::fresh;
use crate::requests::request;

#[tokio::test]
async fn a_full_file_refuses_new_events_and_still_answers_for_old_ones() {
    let folder = Folder::new();
    // It stands still: on a slow disk the leases would run out meanwhile.
    let clock = Arc::new(FakeClock::at(Timestamp::now()));
    let small = SqliteStore::builder(folder.file()).clock(clock);
    let small = small.max_bytes(64 * 1024);
    let store = Arc::new(small.open().await.unwrap());
    let mut leases = Vec::new();
    let refused = loop {
        let key = leases.len() as u64;
        match store.claim(&request(key)).await {
            Ok(Claim::Fresh(lease)) => leases.push(lease),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
        let lease = leases.last().unwrap();
        if key < 10 {
            let settled = store.complete(lease, Outcome::Processed, None).await;
            assert_eq!(settled.unwrap(), Settled::Ok);
        }
    };
    assert!(leases.len() > 100, "{}", leases.len());
    assert!(refused.to_string().contains("no room"), "{refused}");
    assert!(!refused.is_transient(), "somebody has to make room");

    // In one transaction with what is refused, too.
    let unknown = leases.len() as u64;
    let mut asked = tokio::task::JoinSet::new();
    for key in (0..20).chain(unknown..unknown + 20) {
        let store = Arc::clone(&store);
        asked.spawn(async move { (key, store.claim(&request(key)).await) });
    }
    let mut refused = 0;
    for (key, claim) in asked.join_all().await {
        match claim {
            Ok(Claim::Done { .. }) => assert!(key < 10),
            Ok(Claim::InProgress { .. }) => assert!((10..20).contains(&key)),
            // A page that is there may still have room for a key.
            Ok(Claim::Fresh(_)) => assert!(key >= unknown),
            Err(_) => {
                assert!(key >= unknown);
                refused += 1;
            }
            other => panic!("{key}: {other:?}"),
        }
    }
    assert!(refused > 0);

    let roomy = SqliteStore::open(folder.file()).await.unwrap();
    for (key, lease) in (0..).zip(&leases) {
        let settled = roomy.complete(lease, Outcome::Processed, None).await;
        assert_eq!(settled.unwrap(), Settled::Ok);
        let claim = roomy.claim(&request(key)).await.unwrap();
        assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
    }
    fresh(&roomy, &request(unknown + 20)).await;
    assert_eq!(roomy.forgotten(), 0);
}
