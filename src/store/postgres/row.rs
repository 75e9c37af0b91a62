//! A record as a row of the table.

use alloc::vec::Vec;

use sqlx::Row;
use sqlx::postgres::PgRow;

use super::fault::{Fault, Kind};
use super::statement::Value;
use crate::store::record::{Record, StateColumns};
use crate::store::{KeptReply, Nonce};

/// The columns, in the order in which they are read and written.
macro_rules! columns {
    () => {
        "state, nonce, fence, attempt, is_takeover, lease_us, expires_us, deadline_us, \
         outcome, digest, reply"
    };
}
pub(super) use columns;

/// From a row whose columns begin at this one; `None` if there is no record.
pub(super) fn read(row: &PgRow, first: usize) -> Result<Option<Record>, Fault> {
    let state: Option<i16> = row.try_get(first)?;
    match state {
        Some(state) => Ok(Some(record(row, first, state).ok_or(Kind::Unreadable)?)),
        None => Ok(None),
    }
}

/// `None` if this store cannot have written it.
fn record(row: &PgRow, first: usize, state: i16) -> Option<Record> {
    let at = |column: usize| first.saturating_add(column);
    let nonce: Vec<u8> = row.try_get(at(1)).ok()?;
    let digest: Option<Vec<u8>> = row.try_get(at(9)).ok()?;
    let reply: Option<Vec<u8>> = row.try_get(at(10)).ok()?;
    let columns = StateColumns {
        state,
        deadline: row.try_get(at(7)).ok()?,
        outcome: row.try_get(at(8)).ok()?,
        reply: reply.and_then(KeptReply::new),
    };
    Some(Record {
        nonce: Nonce::from_bytes(nonce.try_into().ok()?),
        fence: row.try_get::<i64, _>(at(2)).ok()?.try_into().ok()?,
        attempt: row.try_get::<i64, _>(at(3)).ok()?.try_into().ok()?,
        is_takeover: row.try_get(at(4)).ok()?,
        lease: row.try_get(at(5)).ok()?,
        digest: digest.map(<[u8; 32]>::try_from).transpose().ok()?,
        expires: row.try_get(at(6)).ok()?,
        state: columns.read()?,
    })
}

/// The values of the columns.
pub(super) fn values<'a>(record: &'a Record, columns: &'a StateColumns) -> Vec<Value<'a>> {
    alloc::vec![
        Value::Number(Some(columns.state.into())),
        Value::bytes(record.nonce.as_bytes()),
        Value::Number(Some(signed(record.fence))),
        Value::Number(Some(record.attempt.into())),
        Value::Number(Some(record.is_takeover.into())),
        Value::Number(Some(record.lease)),
        Value::Number(Some(record.expires)),
        Value::Number(columns.deadline),
        Value::Number(columns.outcome.map(i64::from)),
        Value::Bytes(record.digest.as_ref().map(<[u8; 32]>::as_slice)),
        Value::Bytes(columns.reply.as_ref().map(KeptReply::as_bytes)),
    ]
}

/// A fence as the table has it.
pub(super) fn signed(fence: u64) -> i64 {
    i64::try_from(fence).unwrap_or(i64::MAX)
}
