//! Steps of a store, asked for as a receiver does: again, while that may help.

use std::time::{Duration, Instant};

use countersign::store::{Claim, ClaimRequest, DynStore, Lease, Nonce, Outcome, Settled, Store};
use countersign::{KeyId, StoreError};
use tokio::time::{sleep, timeout};

pub(crate) const RETENTION: Duration = Duration::from_secs(3600);

/// For this key, under a nonce of its own.
pub(crate) fn request(key: u64, lease: Duration) -> ClaimRequest {
    ClaimRequest::new(id(key), Nonce::random().unwrap(), lease, RETENTION)
}

/// Spread over all keys, as hashes are.
pub(crate) fn id(key: u64) -> KeyId {
    let spread = u128::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    KeyId::from_bytes(spread.to_be_bytes())
}

/// A server that starts again may take some seconds.
const PATIENCE: Duration = Duration::from_secs(60);
const TIMEOUT: Duration = Duration::from_secs(2);

pub(crate) async fn patiently<T, Step>(step: impl Fn() -> Step) -> T
where
    Step: Future<Output = Result<T, StoreError>>,
{
    let began = Instant::now();
    loop {
        match timeout(TIMEOUT, step()).await {
            Ok(Ok(answer)) => return answer,
            Ok(Err(error)) => {
                let is_over = !error.is_transient() || began.elapsed() > PATIENCE;
                assert!(!is_over, "{error}: {:?}", std::error::Error::source(&error));
            }
            Err(_) => assert!(began.elapsed() < PATIENCE, "no answer"),
        }
        sleep(Duration::from_millis(20)).await;
    }
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
