//! The contract in a form that can stand behind `dyn`.

use alloc::boxed::Box;
use core::pin::Pin;

use super::{Claim, ClaimRequest, KeptReply, Lease, Outcome, Settled, Store};
use crate::StoreError;

/// [`Store`] with boxed answers, so that the kind of store can be chosen when the program
/// starts. Every store has it, and a `Box<dyn DynStore>` is a store again.
///
/// ```
/// use countersign::store::{DynStore, MemoryStore, NoStore, Store};
///
/// fn open(url: &str) -> Box<dyn DynStore> {
///     match url {
///         "memory" => Box::new(MemoryStore::with_capacity(10_000)),
///         _ => Box::new(NoStore),
///     }
/// }
/// assert!(!open("memory").is_durable());
/// ```
pub trait DynStore: Send + Sync + 'static {
    /// [`Store::claim`].
    fn claim_boxed<'s>(&'s self, request: &'s ClaimRequest) -> BoxedAnswer<'s, Claim>;

    /// [`Store::renew`].
    fn renew_boxed<'s>(&'s self, lease: &'s Lease) -> BoxedAnswer<'s, Settled>;

    /// [`Store::complete`].
    fn complete_boxed<'s>(
        &'s self,
        lease: &'s Lease,
        outcome: Outcome,
        reply: Option<&'s KeptReply>,
    ) -> BoxedAnswer<'s, Settled>;

    /// [`Store::release`].
    fn release_boxed<'s>(&'s self, lease: &'s Lease) -> BoxedAnswer<'s, Settled>;

    /// [`Store::is_durable`].
    fn is_durable_dyn(&self) -> bool;
}

/// An answer of a store that is on its way.
pub type BoxedAnswer<'s, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 's>>;

impl<S: Store> DynStore for S {
    fn claim_boxed<'s>(&'s self, request: &'s ClaimRequest) -> BoxedAnswer<'s, Claim> {
        Box::pin(self.claim(request))
    }

    fn renew_boxed<'s>(&'s self, lease: &'s Lease) -> BoxedAnswer<'s, Settled> {
        Box::pin(self.renew(lease))
    }

    fn complete_boxed<'s>(
        &'s self,
        lease: &'s Lease,
        outcome: Outcome,
        reply: Option<&'s KeptReply>,
    ) -> BoxedAnswer<'s, Settled> {
        Box::pin(self.complete(lease, outcome, reply))
    }

    fn release_boxed<'s>(&'s self, lease: &'s Lease) -> BoxedAnswer<'s, Settled> {
        Box::pin(self.release(lease))
    }

    fn is_durable_dyn(&self) -> bool {
        self.is_durable()
    }
}

impl Store for Box<dyn DynStore> {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        (**self).claim_boxed(request).await
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        (**self).renew_boxed(lease).await
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        (**self).complete_boxed(lease, outcome, reply).await
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        (**self).release_boxed(lease).await
    }

    fn is_durable(&self) -> bool {
        (**self).is_durable_dyn()
    }
}
