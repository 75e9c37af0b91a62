//! A store that refuses everything.

use super::{Claim, ClaimRequest, KeptReply, Lease, Outcome, Settled, Store};
use crate::StoreError;

/// A store that refuses everything, for good: where no store is set up, no event is
/// processed, rather than each one twice.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "there is nothing to add")]
pub struct NoStore;

const NONE: StoreError = StoreError::permanent("no store is set up; give the receiver one");

impl Store for NoStore {
    async fn claim(&self, _: &ClaimRequest) -> Result<Claim, StoreError> {
        Err(NONE)
    }

    async fn renew(&self, _: &Lease) -> Result<Settled, StoreError> {
        Err(NONE)
    }

    async fn complete(
        &self,
        _: &Lease,
        _: Outcome,
        _: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        Err(NONE)
    }

    async fn release(&self, _: &Lease) -> Result<Settled, StoreError> {
        Err(NONE)
    }

    fn is_durable(&self) -> bool {
        false
    }
}
