//! Stores on a server, and what they are asked: by a real clock, and while it may be away.

use std::error::Error;
use std::time::Duration;

use countersign::store::{ClaimRequest, Nonce, RedisStore, Store};
use countersign::{KeyId, StoreError};
use redis::aio::MultiplexedConnection;

use crate::requests::{fresh, id};
use crate::server::Redis;

pub(crate) use crate::requests::{
    LONG_LEASE as LEASE, LONG_RETENTION as RETENTION, long_request as request,
};

pub(crate) type TestStore = RedisStore<MultiplexedConnection>;

pub(crate) async fn connect(port: u16) -> MultiplexedConnection {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}/")).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

pub(crate) async fn open(server: &Redis) -> TestStore {
    let connection = connect(server.port()).await;
    RedisStore::open(connection).await.unwrap()
}

/// The key's name on the server.
pub(crate) fn name(key: u64) -> String {
    format!("countersign:{}", id(key))
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
