//! A server, pools of connections to it, and requests.

use std::time::Duration;

use countersign::store::{Claim, ClaimRequest, Lease, Nonce, PostgresStore, Store};
use countersign::{KeyId, StoreError};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::server::Postgres;

pub(crate) const LEASE: Duration = Duration::from_secs(10);
pub(crate) const RETENTION: Duration = Duration::from_secs(100);

/// A pool of so many connections.
pub(crate) async fn pool(url: &str, connections: u32) -> PgPool {
    let options: PgConnectOptions = url.parse().unwrap();
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await
        .unwrap()
}

/// A store of its own, with the table made.
pub(crate) async fn store(server: &Postgres) -> PostgresStore {
    let pool = pool(&server.url(), 8).await;
    PostgresStore::migrate(&pool).await.unwrap();
    PostgresStore::open(pool).await.unwrap()
}

/// For this key, under a nonce of its own.
pub(crate) fn request(key: u64) -> ClaimRequest {
    request_as(key, Nonce::random().unwrap())
}

pub(crate) fn request_as(key: u64, nonce: Nonce) -> ClaimRequest {
    ClaimRequest::new(id(key), nonce, LEASE, RETENTION)
}

/// Spread over all keys, as hashes are.
pub(crate) fn id(key: u64) -> KeyId {
    let spread = u128::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    KeyId::from_bytes(spread.to_be_bytes())
}

/// A step is asked again while that may help: PgBouncer waits 15 s before it tries a server
/// again that was down.
pub(crate) async fn patiently<T, Step>(step: impl Fn() -> Step) -> T
where
    Step: Future<Output = Result<T, StoreError>>,
{
    let mut told = None;
    for _ in 0..800 {
        match step().await {
            Err(error) if error.is_transient() => {
                told = Some(error);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            answer => return answer.unwrap(),
        }
    }
    panic!("the store does not answer: {told:?}");
}

pub(crate) async fn fresh(store: &impl Store, request: &ClaimRequest) -> Lease {
    match patiently(|| store.claim(request)).await {
        Claim::Fresh(lease) => lease,
        other => panic!("{other:?}"),
    }
}
