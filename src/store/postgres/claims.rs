//! The steps of the store, with what this process remembers.

use alloc::sync::Arc;
use core::sync::atomic::AtomicU64;

use sqlx::postgres::PgPool;

use super::fault::Fault;
use super::seen::Seen;
use super::session::Session;
use super::statement::Sending;
use super::sweep::Sweep;
use super::table::Table;
use crate::StoreError;
use crate::store::table::{self, Ending};
use crate::store::{Claim, ClaimRequest, Lease, Settled};

/// The claims in a table.
pub(super) struct Claims {
    pool: PgPool,
    sending: Sending,
    pub(super) forgotten: AtomicU64,
    seen: Seen,
    sweep: Sweep,
}

impl Claims {
    pub(super) fn new(pool: PgPool, sending: Sending) -> Arc<Self> {
        Arc::new(Self {
            pool,
            sending,
            forgotten: AtomicU64::new(0),
            seen: Seen::default(),
            sweep: Sweep::default(),
        })
    }

    pub(super) async fn table(&self) -> Result<Table<'_>, Fault> {
        let session = Session::begin(&self.pool).await?;
        Ok(Table::new(session, self.sending, &self.seen))
    }

    pub(super) async fn claim(
        self: &Arc<Self>,
        request: &ClaimRequest,
    ) -> Result<Claim, StoreError> {
        let mut table = self.table().await?;
        let claim = table::claim(&mut table, request).await?;
        if matches!(claim, Claim::Fresh(_)) {
            self.granted(1);
        }
        Ok(claim)
    }

    /// After so many claims were granted.
    pub(super) fn granted(self: &Arc<Self>, claims: usize) {
        Sweep::count(self, claims);
    }

    pub(super) const fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    pub(super) async fn settle(
        &self,
        lease: &Lease,
        ending: Ending<'_>,
    ) -> Result<Settled, StoreError> {
        if !table::may_hold(lease) {
            return Ok(Settled::Fenced);
        }
        let mut table = self.table().await?;
        table::settle(&mut table, lease, ending, &self.forgotten).await
    }
}
