//! The builder of the store.

use core::fmt;

use sqlx::postgres::PgPool;

use super::PostgresStore;
use super::batches::Batches;
use super::claims::Claims;
use super::schema;
use super::statement::Sending;
use crate::StoreError;

/// Builds a [`PostgresStore`].
#[must_use]
pub struct PostgresStoreBuilder {
    pool: PgPool,
    sending: Sending,
    batching: bool,
}

impl PostgresStoreBuilder {
    pub(super) const fn new(pool: PgPool) -> Self {
        Self {
            pool,
            sending: Sending::Prepared,
            batching: false,
        }
    }

    /// Whether statements are prepared once per connection. Default: they are.
    ///
    /// A pooler that gives each transaction another connection to the server (PgBouncer
    /// with `pool_mode = transaction`) needs `false`, unless it follows prepared
    /// statements itself (PgBouncer from 1.21 on, with `max_prepared_statements`). The
    /// server then reads and plans each statement anew, still in one round trip.
    pub const fn prepared(mut self, is_prepared: bool) -> Self {
        self.sending = if is_prepared {
            Sending::Prepared
        } else {
            Sending::Whole
        };
        self
    }

    /// Whether claims that wait at the same time share a statement and its commit, and
    /// completions likewise. Default: they do not.
    ///
    /// One alone takes about a fifth longer than without, and with 64 at once four times as
    /// many get through; but each waits for the slowest of its batch, and fails with it.
    /// Batches are made by tasks on the runtime that opens the store, and end with it.
    pub const fn batching(mut self, batching: bool) -> Self {
        self.batching = batching;
        self
    }

    /// The store.
    ///
    /// # Errors
    ///
    /// If the table is missing or not this store's, or cannot be written: the message says
    /// what to do.
    pub async fn open(self) -> Result<PostgresStore, StoreError> {
        let is_durable = schema::check(&self.pool).await?;
        let claims = Claims::new(self.pool, self.sending);
        let batches = self.batching.then(|| Batches::start(&claims));
        Ok(PostgresStore {
            claims,
            batches,
            is_durable,
        })
    }
}

impl fmt::Debug for PostgresStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStoreBuilder")
            .field("sending", &self.sending)
            .field("batching", &self.batching)
            .finish_non_exhaustive()
    }
}
