//! The contract, on a clock that only moves when told and on the host's.

use std::sync::Arc;
use std::time::Duration;

use countersign::Timestamp;
use countersign::store::contract::Contract;
use countersign::store::{SqliteStore, Synchronous};
use countersign::testing::FakeClock;

use crate::folder::Folder;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_to_the_millisecond() {
    for synchronous in [Synchronous::Full, Synchronous::Normal] {
        let folder = Folder::new();
        let clock = Arc::new(FakeClock::at(Timestamp::from_unix_seconds(1_000_000_000)));
        let store = SqliteStore::builder(folder.file())
            .clock(Arc::clone(&clock) as _)
            .synchronous(synchronous);
        let advance = move |by: Duration| {
            clock.advance(by.try_into().unwrap());
            std::future::ready(())
        };
        let contract = Contract::new(store.open().await.unwrap()).clock(advance);
        contract.check_all().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_by_the_hosts_clock() {
    let folder = Folder::new();
    let store = SqliteStore::open(folder.file()).await.unwrap();
    Contract::new(store).check_all().await.unwrap();
}
