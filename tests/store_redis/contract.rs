//! The contract, by the server's clock.

use countersign::store::contract::Contract;
use countersign::store::{ClaimRequest, KeptReply, Lease, Outcome, Settled, Store};
use countersign::{StoreError, store::Claim};

use crate::rig::{TestStore, open, tell_the_time};
use crate::server::Redis;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract() {
    let server = Redis::start();
    let store = open(&server).await;
    Contract::new(store).check_all().await.unwrap();
}

/// Told the time before each claim: no new key is ever claimed by the script.
struct AlwaysTold(TestStore);

impl Store for AlwaysTold {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        tell_the_time(&self.0).await;
        self.0.claim(request).await
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.0.renew(lease).await
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        self.0.complete(lease, outcome, reply).await
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.0.release(lease).await
    }

    fn is_durable(&self) -> bool {
        self.0.is_durable()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_without_the_script_for_new_keys() {
    let server = Redis::start();
    let store = AlwaysTold(open(&server).await);
    Contract::new(store).check_all().await.unwrap();
}
