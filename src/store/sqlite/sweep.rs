//! Takes ended records away, going round the keys in small steps.

use alloc::vec::Vec;

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use crate::KeyId;
use crate::store::micros::Micros;

/// How far the round has come.
#[derive(Default)]
pub(super) struct Sweep {
    /// The last key that was looked at.
    after: Vec<u8>,
    owed: usize,
}

/// So many records are looked at for each that is written: a table of N records has
/// been gone round when N/8 more have come.
const LOOKED_AT_PER_CHANGE: usize = 8;
/// Not fewer at a time. The most are what the largest transaction owes, which is some
/// milliseconds beside its own.
const FEWEST: usize = 512;

impl Sweep {
    /// Keys are hashes, so beginning with any of them does justice to all, also in a
    /// process that ends soon.
    pub(super) fn from(key: KeyId) -> Self {
        Self {
            after: key.as_bytes().to_vec(),
            owed: 0,
        }
    }

    /// After so many changes: looks at as many records as they owe, in the transaction
    /// of the changes, whose sync it shares.
    pub(super) async fn go_on(
        &mut self,
        connection: &mut SqliteConnection,
        now: Micros,
        changes: usize,
    ) -> Result<(), sqlx::Error> {
        let owed = changes.saturating_mul(LOOKED_AT_PER_CHANGE);
        self.owed = self.owed.saturating_add(owed);
        if self.owed < FEWEST {
            return Ok(());
        }
        let offset = i64::try_from(core::mem::take(&mut self.owed)).unwrap_or(i64::MAX);
        let last = sqlx::query("SELECT key FROM claim WHERE key > ? ORDER BY key LIMIT 1 OFFSET ?")
            .bind(self.after.as_slice())
            .bind(offset)
            .fetch_optional(&mut *connection)
            .await?;
        let last: Option<Vec<u8>> = last.map(|row| row.try_get(0)).transpose()?;
        let query = match &last {
            Some(last) => {
                sqlx::query("DELETE FROM claim WHERE key > ? AND key <= ? AND expires_us <= ?")
                    .bind(self.after.as_slice())
                    .bind(last.as_slice())
            }
            None => sqlx::query("DELETE FROM claim WHERE key > ? AND expires_us <= ?")
                .bind(self.after.as_slice()),
        };
        query.bind(now).execute(connection).await?;
        // From the last key on, the round begins anew.
        self.after = last.unwrap_or_default();
        Ok(())
    }
}
