//! A store in Redis or Valkey, for any number of hosts.

mod builder;
mod fault;
mod record;
mod script;
mod server;
mod time;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::time::Instant;

use redis::aio::ConnectionLike;
use redis::{Cmd, Value};

pub use builder::RedisStoreBuilder;

use self::fault::{Fault, Kind};
use self::record::Record;
use self::script::Script;
use self::time::ServerTime;
use super::{Claim, ClaimRequest, ExpiredLease, KeptReply, Lease, Outcome, Settled, Store};
use crate::{KeyId, StoreError};

/// Claims in Redis 7.0 or later, or in Valkey, over a connection of your own, from version
/// 1 of the crate `redis`: one that is multiplexed, a connection manager, a cluster's, or
/// what a sentinel's client gives.
///
/// A new event and one that is done cost one round trip; one in progress mostly two. Each
/// step is one command or one script over one key, and each key is on its own: in a
/// cluster they spread over all nodes.
///
/// Time is the server's, in milliseconds, and a lease's age is judged by what stands in
/// its record: stores with other settings never take over a claim that is live. Where the
/// server's clock is set back, a lease that now seems longer than it was granted for
/// begins anew; where it is set forward, leases and retentions end early by as much.
///
/// A record takes about 210 bytes of the server's memory, with a digest 250, and its kept
/// reply. It goes by itself when its retention ends.
///
/// # What it forgets
///
/// Redis may forget what it confirmed: with its log synced every second, or to replicas
/// that take over, the last moments before a crash. An event whose claim was forgotten
/// runs again; none is lost. [`is_durable`](Store::is_durable) is true only for one server
/// with `appendonly yes` and `appendfsync always`; a replica that takes over from it may
/// still be behind.
///
/// Fences are the server's time in microseconds: at most a tenth of a second behind it
/// for a key without a record, and higher than the one before for a key with one. They
/// rise with each holder of a key as long as no clock of a server is set back, or is
/// behind another's that it takes over from, by a whole retention. Where a record was
/// forgotten or deleted, the next fence may be the same or lower if it is granted within
/// that tenth of a second, or as much as the clocks differ; the one after it is higher.
///
/// # The connection
///
/// A step that a connection's time-out ended, or that broke off with it, may still be
/// applied; asked again, it finds itself applied. The time-out should be shorter than the
/// receiver's [`store_timeout`](crate::ReceiverBuilder::store_timeout). A connection
/// manager connects anew by itself; a plain connection does not.
///
/// What the server is asked when the store is opened is not asked again.
///
/// ```no_run
/// use countersign::store::{RedisStore, Store};
///
/// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
/// let client = redis::Client::open("redis://127.0.0.1/")?;
/// let connection = client.get_connection_manager().await?;
/// let store = RedisStore::open(connection).await?;
/// if !store.is_durable() {
///     eprintln!("set appendonly to yes and appendfsync to always");
/// }
/// # Ok(())
/// # }
/// ```
pub struct RedisStore<C> {
    connection: C,
    prefix: String,
    time: ServerTime,
    forgotten: AtomicU64,
    is_durable: bool,
}

impl<C> RedisStore<C>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    /// The store over this connection, with keys that begin with `countersign`.
    ///
    /// # Errors
    ///
    /// If the server does not answer, or claims cannot be kept on it: the message says
    /// what to do. Nothing was written.
    pub async fn open(connection: C) -> Result<Self, StoreError> {
        Self::builder(connection).open().await
    }

    /// A builder for the store over this connection.
    pub fn builder(connection: C) -> RedisStoreBuilder<C> {
        RedisStoreBuilder::new(connection)
    }

    /// How many events this store completed that the server had forgotten.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }

    fn key(&self, key: KeyId) -> String {
        std::format!("{}:{key}", self.prefix)
    }

    /// A claim as most are, of a new event or of one that is done: writes the record if
    /// there is none, and else reads it.
    async fn claim_first(
        &self,
        request: &ClaimRequest,
        fence: u64,
    ) -> Result<Option<Claim>, Fault> {
        let key = self.key(request.key());
        let value = record::first(request, fence);
        let mut set = Cmd::with_capacity(7, 160);
        set.arg("SET")
            .arg(&key)
            .arg(value.as_slice())
            .arg("NX")
            .arg("GET")
            .arg("PX")
            .arg(record::time_to_live(request));
        match set.query_async(&mut self.connection.clone()).await? {
            Value::Nil => Ok(Some(Claim::Fresh(Lease::granted(request, fence, 1)))),
            Value::BulkString(found) => Ok(Record::read(&found)?.if_done(request)),
            _ => Err(Kind::Unexpected.into()),
        }
    }

    /// Any claim.
    async fn claim_any(&self, request: &ClaimRequest) -> Result<Claim, Fault> {
        let may_take_over = request.expired_lease() == ExpiredLease::TakeOver;
        let asked = Instant::now();
        let answer = self
            .call(
                &script::CLAIM,
                request.key(),
                &[
                    &record::claimer(request.nonce()),
                    &record::from_gap_on(request),
                    &decimal(record::time_to_live(request)),
                    if may_take_over { b"1" } else { b"0" },
                ],
            )
            .await?;
        let unexpected = || Fault::from(Kind::Unexpected);
        let Value::Array(answer) = answer else {
            return Err(unexpected());
        };
        let [
            Value::Int(granted),
            Value::BulkString(record),
            Value::Int(left),
            Value::Int(now),
        ] = answer.as_slice()
        else {
            return Err(unexpected());
        };
        let now = u64::try_from(*now).map_err(|_| unexpected())?;
        self.time.tell(now, asked);
        let record = Record::read(record)?;
        if *granted == 1 {
            return Ok(Claim::Fresh(record.lease(request)));
        }
        let left = u64::try_from(*left).ok().map(Duration::from_millis);
        record.refused(request, left)
    }

    /// One of the steps of a holder; says what its script said.
    async fn settle(
        &self,
        script: &Script,
        lease: &Lease,
        arguments: &[&[u8]],
    ) -> Result<i64, Fault> {
        // Such a fence was never granted by this store.
        if lease.fence() > record::HIGHEST_FENCE {
            return Ok(FENCED);
        }
        let holder = record::holder(lease.nonce(), lease.fence());
        let mut all = Vec::with_capacity(3);
        all.push(holder.as_slice());
        all.extend_from_slice(arguments);
        match self.call(script, lease.key(), &all).await? {
            Value::Int(answer @ (FENCED | APPLIED | APPLIED_THOUGH_FORGOTTEN)) => Ok(answer),
            _ => Err(Kind::Unexpected.into()),
        }
    }

    async fn call(&self, script: &Script, key: KeyId, arguments: &[&[u8]]) -> Result<Value, Fault> {
        let mut connection = self.connection.clone();
        let key = self.key(key);
        Ok(script
            .call(&mut connection, key.as_bytes(), arguments)
            .await?)
    }
}

/// What the scripts of a holder's steps answer.
const FENCED: i64 = 0;
const APPLIED: i64 = 1;
const APPLIED_THOUGH_FORGOTTEN: i64 = 2;

const fn settled(answer: i64) -> Settled {
    if answer == FENCED {
        Settled::Fenced
    } else {
        Settled::Ok
    }
}

fn decimal(number: u64) -> Vec<u8> {
    alloc::format!("{number}").into_bytes()
}

impl<C> Store for RedisStore<C>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        if let Some(fence) = self.time.recent(Instant::now(), request.retention())
            && let Some(claim) = self.claim_first(request, fence).await?
        {
            return Ok(claim);
        }
        Ok(self.claim_any(request).await?)
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        let duration = decimal(record::millis(lease.duration()));
        let answer = self.settle(&script::RENEW, lease, &[&duration]).await?;
        Ok(settled(answer))
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        let done = record::done(lease, outcome, reply);
        let retention = decimal(record::millis(lease.retention()));
        let arguments: [&[u8]; 2] = [&done, &retention];
        let answer = self.settle(&script::COMPLETE, lease, &arguments).await?;
        if answer == APPLIED_THOUGH_FORGOTTEN {
            self.forgotten.fetch_add(1, Ordering::Relaxed);
        }
        Ok(settled(answer))
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        let answer = self.settle(&script::RELEASE, lease, &[]).await?;
        Ok(settled(answer))
    }

    /// True for one server that syncs its log before it confirms, and where
    /// [`insecure_assume_durable`](RedisStoreBuilder::insecure_assume_durable) says so.
    fn is_durable(&self) -> bool {
        self.is_durable
    }
}

/// Without the connection, which may show where the server is.
impl<C> fmt::Debug for RedisStore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .field("is_durable", &self.is_durable)
            .finish_non_exhaustive()
    }
}
