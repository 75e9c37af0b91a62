//! The table, over a pool of connections.

use alloc::vec::Vec;

use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};

use super::fault::{Fault, Kind};
use super::row::{self, signed};
use super::sql::{ANY_PAGE, COMPLETE, ENTER, FIND, INSERT, RELEASE, RENEW, REPLACE, SWEEP};
use super::statement::{Sending, Value};
use crate::KeyId;
use crate::store::micros::{Micros, micros};
use crate::store::record::{Record, State, StateColumns, Terms};
use crate::store::{ClaimRequest, KeptReply, Lease, Outcome};

/// What settles a lease.
#[derive(Clone, Copy)]
pub(super) enum Ending<'a> {
    Renew,
    Complete(Outcome, Option<&'a KeptReply>),
    Release,
}

/// The table. Each of its methods is one statement.
pub(super) struct Table {
    pool: PgPool,
    sending: Sending,
}

impl Table {
    pub(super) const fn new(pool: PgPool, sending: Sending) -> Self {
        Self { pool, sending }
    }

    /// Claims a key of which there is no record; `None` if there is one.
    pub(super) async fn enter(&self, request: &ClaimRequest) -> Result<Option<Lease>, Fault> {
        let (key, nonce) = (request.key(), request.nonce());
        let lease = micros(request.lease());
        let values = [
            Value::bytes(key.as_bytes()),
            Value::bytes(nonce.as_bytes()),
            Value::Number(Some(lease)),
            Value::Number(Some(micros(request.retention()).max(lease))),
            Value::Bytes(request.body_digest().map(<[u8; 32]>::as_slice)),
        ];
        let rows = self.rows(ENTER, &values).await?;
        let lease = |row| granted(row, 1, request);
        rows.first().map(lease).transpose()
    }

    /// The server's time, and the record, which may have ended.
    pub(super) async fn find(&self, key: KeyId) -> Result<(Micros, Option<Record>), Fault> {
        let rows = self.rows(FIND, &[Value::bytes(key.as_bytes())]).await?;
        let row = rows.first().ok_or(Kind::Unexpected)?;
        Ok((row.try_get(0)?, row::read(row, 1)?))
    }

    /// Writes the record of a key; false if it has one that is not the one that was read.
    pub(super) async fn put(
        &self,
        key: KeyId,
        read: Option<&Record>,
        record: &Record,
    ) -> Result<bool, Fault> {
        let columns = StateColumns::from(&record.state);
        let mut values = row::values(record, &columns);
        values.push(Value::bytes(key.as_bytes()));
        let Some(read) = read else {
            return self.is_written(INSERT, &values).await;
        };
        let columns = StateColumns::from(&read.state);
        values.extend([
            Value::bytes(read.nonce.as_bytes()),
            Value::Number(Some(signed(read.fence))),
            Value::Number(Some(columns.state.into())),
            Value::Number(columns.deadline),
            Value::Number(Some(read.expires)),
        ]);
        self.is_written(REPLACE, &values).await
    }

    /// The whole step, if the record is as it mostly is; false if it has to be looked at.
    pub(super) async fn settle(&self, lease: &Lease, ending: Ending<'_>) -> Result<bool, Fault> {
        let (key, nonce) = (lease.key(), lease.nonce());
        let mine = [
            Value::bytes(key.as_bytes()),
            Value::bytes(nonce.as_bytes()),
            Value::Number(Some(signed(lease.fence()))),
        ];
        match ending {
            Ending::Renew => {
                let [key, nonce, fence] = mine;
                let duration = Value::Number(Some(micros(lease.duration())));
                let values = [key, nonce, fence, duration];
                self.is_written(RENEW, &values).await
            }
            Ending::Complete(outcome, reply) => {
                let [key, nonce, fence] = mine;
                let bytes = Value::Bytes(reply.map(KeptReply::as_bytes));
                let retention = Value::Number(Some(micros(lease.retention())));
                let reply = None;
                let columns = StateColumns::from(&State::Done { outcome, reply });
                let outcome = Value::Number(columns.outcome.map(i64::from));
                let values = [key, nonce, fence, outcome, bytes, retention];
                self.is_written(COMPLETE, &values).await
            }
            Ending::Release => self.is_written(RELEASE, &mine).await,
        }
    }

    /// Takes away what has ended on these pages, and says how many the table has.
    pub(super) async fn sweep(&self, first: i64, next: i64) -> Result<i64, Fault> {
        let values = [Value::Number(Some(first)), Value::Number(Some(next))];
        let rows = self.rows(SWEEP, &values).await?;
        Ok(rows.first().ok_or(Kind::Unexpected)?.try_get(0)?)
    }

    /// A page of the table.
    pub(super) async fn any_page(&self) -> Result<i64, Fault> {
        let rows = self.rows(ANY_PAGE, &[]).await?;
        Ok(rows.first().ok_or(Kind::Unexpected)?.try_get(0)?)
    }

    async fn is_written(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<bool, Fault> {
        Ok(!self.rows(statement, values).await?.is_empty())
    }

    pub(super) async fn rows(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<PgRow>, Fault> {
        let rows = self.sending.rows(&self.pool, statement, values);
        rows.await.map_err(|error| Fault::told(error, &self.pool))
    }
}

/// The lease of a new record, from the column with its fence.
pub(super) fn granted(row: &PgRow, column: usize, request: &ClaimRequest) -> Result<Lease, Fault> {
    let fence: i64 = row.try_get(column)?;
    let fence = fence.try_into().map_err(|_| Kind::Unreadable)?;
    Ok(Terms::FIRST.grant(request, fence))
}
