//! Steps of a store, asked for as a receiver does: again, while that may help.

use std::time::Duration;

use countersign::StoreError;
use countersign::store::{Claim, ClaimRequest, DynStore, Lease, Outcome, Settled, Store};
use tokio::time::sleep;

use crate::patience::patiently_within;
use crate::requests::{LONG_RETENTION, lasting};

/// For this key, under a nonce of its own.
pub(crate) fn request(key: u64, lease: Duration) -> ClaimRequest {
    lasting(key, lease, LONG_RETENTION)
}

const TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) async fn patiently<T, Step>(step: impl Fn() -> Step) -> T
where
    Step: Future<Output = Result<T, StoreError>>,
{
    patiently_within(TIMEOUT, step).await
}

pub(crate) type Boxed = Box<dyn DynStore>;

pub(crate) async fn claim(store: &Boxed, request: &ClaimRequest) -> Claim {
    patiently(|| Store::claim(store, request)).await
}

pub(crate) async fn fresh(store: &Boxed, request: &ClaimRequest) -> Lease {
    match claim(store, request).await {
        Claim::Fresh(lease) => lease,
        other => panic!("{other:?}"),
    }
}

/// When whoever has it lets it expire.
pub(crate) async fn fresh_in_the_end(store: &Boxed, key: u64, lease: Duration) -> Lease {
    loop {
        match claim(store, &request(key, lease)).await {
            Claim::Fresh(lease) => return lease,
            Claim::InProgress { retry_after } => {
                assert!(retry_after <= lease, "{retry_after:?} of {lease:?}");
                sleep(retry_after).await;
            }
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) async fn complete(store: &Boxed, lease: &Lease) -> Settled {
    patiently(|| Store::complete(store, lease, Outcome::Processed, None)).await
}

pub(crate) async fn release(store: &Boxed, lease: &Lease) -> Settled {
    patiently(|| Store::release(store, lease)).await
}

pub(crate) async fn renew(store: &Boxed, lease: &Lease) -> Settled {
    patiently(|| Store::renew(store, lease)).await
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}
