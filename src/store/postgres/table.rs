//! The statements on the table: each is one atomic step of the server, and commits by
//! itself.
//!
//! What is written stands on condition that nothing came in between: a row is made only
//! where there is none, and replaced only while it is the one that was read.

use alloc::vec::Vec;

use sqlx::Row;
use sqlx::postgres::{PgPool, PgRow};

use super::fault::{Fault, Kind};
use super::row::{self, columns, signed};
use super::statement::{Sending, Value};
use crate::KeyId;
use crate::store::micros::{Micros, micros};
use crate::store::record::{Record, State, StateColumns, Terms};
use crate::store::{ClaimRequest, KeptReply, Lease, Outcome};

/// The server's time, in microseconds since 1970.
macro_rules! now {
    () => {
        "(date_part('epoch', clock_timestamp()) * 1000000)::bigint"
    };
}

/// The same, from before the statement read anything: what seems to have ended by it had
/// ended when it was read.
macro_rules! before {
    () => {
        "(date_part('epoch', statement_timestamp()) * 1000000)::bigint"
    };
}

/// Where the connection commits without waiting for the disk, this transaction waits.
macro_rules! durable {
    () => {
        " RETURNING CASE current_setting('synchronous_commit') WHEN 'off' \
         THEN set_config('synchronous_commit', 'on', true) END"
    };
}

/// A condition on a record that has not ended, and its holder.
macro_rules! mine {
    () => {
        concat!(
            " WHERE key = $1 AND nonce = $2 AND fence = $3 AND expires_us > ",
            now!(),
            " AND state "
        )
    };
}

/// One round trip, for a new event and for one that is known. The fence of a new one is
/// the time. Of a known one nothing is written and nothing is locked.
const ENTER: &str = concat!(
    "WITH entered AS (INSERT INTO countersign_claim (key, ",
    columns!(),
    ") VALUES ($1, 0, $2, ",
    now!(),
    ", 1, false, $3, ",
    now!(),
    " + $4, ",
    now!(),
    " + $3, NULL, $5, NULL) ON CONFLICT (key) DO NOTHING",
    durable!(),
    ", fence) SELECT (SELECT fence FROM entered), ",
    before!(),
    ", ",
    columns!(),
    " FROM (SELECT) AS one LEFT JOIN countersign_claim ON key = $1"
);

const FIND: &str = concat!(
    "SELECT NULL::bigint, ",
    before!(),
    ", ",
    columns!(),
    " FROM (SELECT) AS one LEFT JOIN countersign_claim ON key = $1"
);

const INSERT: &str = concat!(
    "INSERT INTO countersign_claim (key, ",
    columns!(),
    ") VALUES ($12, $1::bigint, $2, $3, $4, $5::bigint <> 0, $6, $7, $8, $9::bigint, $10, $11) \
     ON CONFLICT (key) DO NOTHING",
    durable!()
);

const REPLACE: &str = concat!(
    "UPDATE countersign_claim SET (",
    columns!(),
    ") = ROW($1::bigint, $2, $3, $4, $5::bigint <> 0, $6, $7, $8, $9::bigint, $10, $11) \
     WHERE key = $12 AND nonce = $13 AND fence = $14 AND state = $15::bigint \
     AND deadline_us IS NOT DISTINCT FROM $16 AND expires_us = $17",
    durable!()
);

const RENEW: &str = concat!(
    "UPDATE countersign_claim SET lease_us = $4, deadline_us = ",
    now!(),
    " + $4, expires_us = greatest(expires_us, ",
    now!(),
    " + $4)",
    mine!(),
    "= 0",
    durable!()
);

const COMPLETE: &str = concat!(
    "UPDATE countersign_claim SET state = 2, deadline_us = NULL, outcome = $4::bigint, \
     reply = $5, expires_us = ",
    now!(),
    " + $6",
    mine!(),
    "IN (0, 1)",
    durable!()
);

const RELEASE: &str = concat!(
    "UPDATE countersign_claim SET state = 1, deadline_us = NULL",
    mine!(),
    "= 0",
    durable!()
);

/// What settles a lease.
#[derive(Clone, Copy)]
pub(super) enum Ending<'a> {
    Renew,
    Complete(Outcome, Option<&'a KeptReply>),
    Release,
}

/// What a claim met.
pub(super) enum Entered {
    /// It was new, and is held by this lease.
    Fresh(Lease),
    /// Its record, which may have ended, and the server's time.
    Known(Record, Micros),
    /// Somebody has made a record that the statement could not see yet.
    Unseen,
}

/// The table, over a pool of connections.
pub(super) struct Table {
    pool: PgPool,
    sending: Sending,
}

impl Table {
    pub(super) const fn new(pool: PgPool, sending: Sending) -> Self {
        Self { pool, sending }
    }

    /// Claims a key of which there is no record, or says what there is.
    pub(super) async fn enter(&self, request: &ClaimRequest) -> Result<Entered, Fault> {
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
        read(rows.first().ok_or(Kind::Unexpected)?, request)
    }

    /// The server's time, and the record, which may have ended.
    pub(super) async fn find(&self, key: KeyId) -> Result<(Micros, Option<Record>), Fault> {
        let rows = self.rows(FIND, &[Value::bytes(key.as_bytes())]).await?;
        let row = rows.first().ok_or(Kind::Unexpected)?;
        Ok((row.try_get(1)?, row::read(row, 2)?))
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

    async fn is_written(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<bool, Fault> {
        Ok(!self.rows(statement, values).await?.is_empty())
    }

    async fn rows(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<PgRow>, Fault> {
        let rows = self.sending.rows(&self.pool, statement, values);
        Ok(rows.await?)
    }
}

fn read(row: &PgRow, request: &ClaimRequest) -> Result<Entered, Fault> {
    let fence: Option<i64> = row.try_get(0)?;
    if let Some(fence) = fence {
        let fence = fence.try_into().map_err(|_| Kind::Unexpected)?;
        return Ok(Entered::Fresh(Terms::FIRST.grant(request, fence)));
    }
    Ok(match row::read(row, 2)? {
        Some(record) => Entered::Known(record, row.try_get(1)?),
        None => Entered::Unseen,
    })
}
