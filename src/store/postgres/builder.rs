//! The builder of the store.

use core::fmt;
use core::sync::atomic::AtomicU64;

use sqlx::postgres::PgPool;

use super::PostgresStore;
use super::schema;
use super::statement::Sending;
use super::table::Table;
use crate::StoreError;

/// Builds a [`PostgresStore`].
#[must_use]
pub struct PostgresStoreBuilder {
    pool: PgPool,
    sending: Sending,
}

impl PostgresStoreBuilder {
    pub(super) const fn new(pool: PgPool) -> Self {
        Self {
            pool,
            sending: Sending::Prepared,
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

    /// The store.
    ///
    /// # Errors
    ///
    /// If the table is missing or not this store's, or cannot be written: the message says
    /// what to do.
    pub async fn open(self) -> Result<PostgresStore, StoreError> {
        let is_durable = schema::check(&self.pool).await?;
        Ok(PostgresStore {
            table: Table::new(self.pool, self.sending),
            forgotten: AtomicU64::new(0),
            is_durable,
        })
    }
}

impl fmt::Debug for PostgresStoreBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStoreBuilder")
            .field("sending", &self.sending)
            .finish_non_exhaustive()
    }
}
