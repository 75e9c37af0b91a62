//! The table, over a connection of the pool.

use alloc::vec::Vec;

use sqlx::Row;
use sqlx::postgres::PgRow;

use super::fault::{Fault, Kind};
use super::row::{self, signed};
use super::seen::Seen;
use super::session::Session;
use super::sql::{ANY_PAGE, COMPLETE, ENTER, FIND, INSERT, RELEASE, RENEW, REPLACE, SWEEP};
use super::statement::{Sending, Value};
use crate::KeyId;
use crate::store::micros::{Micros, micros};
use crate::store::record::{Record, State, StateColumns, Terms};
use crate::store::table::{self, Ending};
use crate::store::{ClaimRequest, KeptReply, Lease};

/// The table, over one connection. Of keys that this process met of late, the record is
/// looked for first.
pub(super) struct Table<'a> {
    session: Session,
    sending: Sending,
    seen: &'a Seen,
}

impl table::Table for Table<'_> {
    type Kind = Kind;

    async fn enter(&mut self, request: &ClaimRequest) -> Result<Option<Lease>, Fault> {
        let (key, nonce) = (request.key(), request.nonce());
        if self.seen.holds(key) {
            return Ok(None);
        }
        let lease = micros(request.lease());
        let values = [
            Value::bytes(key.as_bytes()),
            Value::bytes(nonce.as_bytes()),
            Value::Number(Some(lease)),
            Value::Number(Some(micros(request.retention()).max(lease))),
            Value::Bytes(request.body_digest().map(<[u8; 32]>::as_slice)),
        ];
        let entered = self.row(ENTER, &values).await?;
        if entered.is_some() {
            self.seen.note(key);
        }
        let lease = |row| granted(&row, 1, request);
        entered.map(lease).transpose()
    }

    async fn find(&mut self, key: KeyId) -> Result<(Micros, Option<Record>), Fault> {
        let row = self.row(FIND, &[Value::bytes(key.as_bytes())]).await?;
        let row = row.ok_or(Kind::Unexpected)?;
        let record = row::read(&row, 1)?;
        match record {
            Some(_) => self.seen.note(key),
            None => self.seen.forget(key),
        }
        Ok((row.try_get(0)?, record))
    }

    async fn put(
        &mut self,
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

    async fn settle(&mut self, lease: &Lease, ending: Ending<'_>) -> Result<bool, Fault> {
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
}

impl<'a> Table<'a> {
    pub(super) const fn new(session: Session, sending: Sending, seen: &'a Seen) -> Self {
        Self {
            session,
            sending,
            seen,
        }
    }

    /// Takes away what has ended on these pages, and says how many the table has.
    pub(super) async fn sweep(&mut self, first: i64, next: i64) -> Result<i64, Fault> {
        let values = [Value::Number(Some(first)), Value::Number(Some(next))];
        self.number(SWEEP, &values).await
    }

    /// A page of the table.
    pub(super) async fn any_page(&mut self) -> Result<i64, Fault> {
        self.number(ANY_PAGE, &[]).await
    }

    async fn is_written(
        &mut self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<bool, Fault> {
        Ok(self.row(statement, values).await?.is_some())
    }

    async fn number(
        &mut self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<i64, Fault> {
        let row = self.row(statement, values).await?;
        Ok(row.ok_or(Kind::Unexpected)?.try_get(0)?)
    }

    async fn row(
        &mut self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<PgRow>, Fault> {
        let told = self
            .sending
            .row(self.session.ask()?, statement, values)
            .await;
        self.session.hear(told)
    }

    pub(super) async fn rows(
        &mut self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<PgRow>, Fault> {
        let told = self
            .sending
            .rows(self.session.ask()?, statement, values)
            .await;
        self.session.hear(told)
    }
}

/// The lease of a new record, from the column with its fence.
pub(super) fn granted(row: &PgRow, column: usize, request: &ClaimRequest) -> Result<Lease, Fault> {
    let fence: i64 = row.try_get(column)?;
    let fence = fence.try_into().map_err(|_| Kind::Unreadable)?;
    Ok(Terms::FIRST.grant(request, fence))
}
