//! The table, over a pool of connections.

use alloc::vec::Vec;

use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};

use super::fault::{Fault, Kind};
use super::row::{self, signed};
use super::session::Session;
use super::sql::{ANY_PAGE, COMPLETE, ENTER, FIND, INSERT, RELEASE, RENEW, REPLACE, SWEEP, TIME};
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
        let entered = self.row(ENTER, &values).await?;
        let lease = |row| granted(&row, 1, request);
        entered.map(lease).transpose()
    }

    /// The record, which may have ended, and the server's time.
    pub(super) async fn find(&self, key: KeyId) -> Result<Option<(Record, Micros)>, Fault> {
        let found = self.row(FIND, &[Value::bytes(key.as_bytes())]).await?;
        let Some(row) = found else {
            return Ok(None);
        };
        let record = row::read(&row, 1)?.ok_or(Kind::Unreadable)?;
        Ok(Some((record, row.try_get(0)?)))
    }

    /// The server's time.
    pub(super) async fn time(&self) -> Result<Micros, Fault> {
        self.number(TIME, &[]).await
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
        self.number(SWEEP, &values).await
    }

    /// A page of the table.
    pub(super) async fn any_page(&self) -> Result<i64, Fault> {
        self.number(ANY_PAGE, &[]).await
    }

    async fn is_written(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<bool, Fault> {
        Ok(self.row(statement, values).await?.is_some())
    }

    async fn number(&self, statement: &'static str, values: &[Value<'_>]) -> Result<i64, Fault> {
        let row = self.row(statement, values).await?;
        Ok(row.ok_or(Kind::Unexpected)?.try_get(0)?)
    }

    async fn row(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<PgRow>, Fault> {
        let mut session = Session::begin(&self.pool).await?;
        let told = self.sending.row(session.ask()?, statement, values).await;
        session.hear(told)
    }

    pub(super) async fn rows(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<PgRow>, Fault> {
        let mut session = Session::begin(&self.pool).await?;
        let told = self.sending.rows(session.ask()?, statement, values).await;
        session.hear(told)
    }
}

/// The lease of a new record, from the column with its fence.
pub(super) fn granted(row: &PgRow, column: usize, request: &ClaimRequest) -> Result<Lease, Fault> {
    let fence: i64 = row.try_get(column)?;
    let fence = fence.try_into().map_err(|_| Kind::Unreadable)?;
    Ok(Terms::FIRST.grant(request, fence))
}
