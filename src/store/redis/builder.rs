//! The builder of the store.

use alloc::string::String;
use core::fmt;
use core::sync::atomic::AtomicU64;

use redis::aio::ConnectionLike;

use super::RedisStore;
use super::fault::{Fault, Kind};
use super::server::Server;
use super::time::ServerTime;
use crate::StoreError;

/// Builds a [`RedisStore`].
#[must_use]
pub struct RedisStoreBuilder<C> {
    connection: C,
    prefix: String,
    allow_eviction: bool,
    assume_durable: bool,
}

impl<C> RedisStoreBuilder<C>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    pub(super) fn new(connection: C) -> Self {
        Self {
            connection,
            prefix: "countersign".into(),
            allow_eviction: false,
            assume_durable: false,
        }
    }

    /// What the name of each key begins with, before a colon and 32 hexadecimal digits.
    /// Stores with one prefix share their claims. It must have no braces, which would put
    /// all keys of a cluster on one node. Default: `countersign`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Accepts a server that evicts keys when its memory is full, or does not say whether
    /// it does. A claim that is evicted while it is held lets its event run twice at once;
    /// an evicted event that was done runs again when it comes again.
    pub const fn insecure_allow_eviction(mut self) -> Self {
        self.allow_eviction = true;
        self
    }

    /// Lets the store say that it is durable, though that was not seen: where the
    /// server's owner vouches for it, or where the second that `appendfsync everysec`
    /// may forget when the host crashes does no harm. Events that were done in it run
    /// again when they come again.
    pub const fn insecure_assume_durable(mut self) -> Self {
        self.assume_durable = true;
        self
    }

    /// The store, after the server was asked for its version, its role, its eviction
    /// policy and its log; each primary of a cluster for the first three.
    ///
    /// # Errors
    ///
    /// If the server does not answer, or claims cannot be kept on it: the message says
    /// what to do. Nothing was written.
    pub async fn open(self) -> Result<RedisStore<C>, StoreError> {
        if self.prefix.is_empty() || self.prefix.contains(['{', '}']) {
            return Err(Fault::from(Kind::Prefix).into());
        }
        let server = Server::ask(&mut self.connection.clone()).await?;
        server.check(self.allow_eviction)?;
        Ok(RedisStore {
            connection: self.connection,
            prefix: self.prefix,
            time: ServerTime::default(),
            forgotten: AtomicU64::new(0),
            is_durable: self.assume_durable || server.is_durable(),
        })
    }
}

/// Without the connection, which may show where the server is.
impl<C> fmt::Debug for RedisStoreBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStoreBuilder")
            .field("prefix", &self.prefix)
            .field("allow_eviction", &self.allow_eviction)
            .field("assume_durable", &self.assume_durable)
            .finish_non_exhaustive()
    }
}
