//! Stores on a server, and what they are asked.

use std::error::Error;
use std::time::Duration;

use countersign::store::{Claim, ClaimRequest, Lease, Nonce, RedisStore, Store};
use countersign::{KeyId, StoreError};
use redis::aio::MultiplexedConnection;

use crate::server::Redis;

pub(crate) type TestStore = RedisStore<MultiplexedConnection>;

pub(crate) const LEASE: Duration = Duration::from_secs(60);
pub(crate) const RETENTION: Duration = Duration::from_secs(3600);

pub(crate) async fn connect(port: u16) -> MultiplexedConnection {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}/")).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

pub(crate) async fn open(server: &Redis) -> TestStore {
    let connection = connect(server.port()).await;
    RedisStore::open(connection).await.unwrap()
}

/// Spread over all keys, as hashes are.
pub(crate) fn id(key: u64) -> KeyId {
    let spread = u128::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    KeyId::from_bytes(spread.to_be_bytes())
}

/// The key's name on the server.
pub(crate) fn name(key: u64) -> String {
    format!("countersign:{}", id(key))
}

pub(crate) fn request(key: u64) -> ClaimRequest {
    lasting(key, LEASE, RETENTION)
}

pub(crate) fn lasting(key: u64, lease: Duration, retention: Duration) -> ClaimRequest {
    ClaimRequest::new(id(key), Nonce::random().unwrap(), lease, retention)
}

pub(crate) async fn fresh(store: &impl Store, request: &ClaimRequest) -> Lease {
    match store.claim(request).await.unwrap() {
        Claim::Fresh(lease) => lease,
        other => panic!("{other:?}"),
    }
}

/// Some other key's claim, so that the store has just been told the time: the next claim
/// is one command and no script.
pub(crate) async fn tell_the_time(store: &impl Store) {
    let key = KeyId::from_bytes(*Nonce::random().unwrap().as_bytes());
    let retention = Duration::from_millis(1);
    let nonce = Nonce::random().unwrap();
    let request = ClaimRequest::new(key, nonce, retention, retention);
    fresh(store, &request).await;
}

/// The next claim asks for the time, by script, which the server knows.
pub(crate) async fn forget_the_time(store: &impl Store) {
    tell_the_time(store).await;
    tokio::time::sleep(Duration::from_millis(110)).await;
}

/// The error and its causes.
pub(crate) fn told(error: &StoreError) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    told
}
