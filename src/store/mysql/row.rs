//! A record as a row of the table.

use alloc::vec::Vec;

use sqlx::Row;
use sqlx::mysql::MySqlRow;

use super::session::Asked;
use crate::KeyId;
use crate::store::record::{Record, StateColumns};
use crate::store::{KeptReply, Nonce};

/// The columns beside the key, in the order in which they are read and bound.
macro_rules! columns {
    () => {
        "state, nonce, fence, attempt, is_takeover, lease_us, expires_us, deadline_us, outcome, \
         digest, reply"
    };
}
pub(super) use columns;

/// From the columns of a row, which follow two others; `None` if this store cannot have
/// written them.
pub(super) fn read(row: &MySqlRow) -> Option<Record> {
    let nonce: Vec<u8> = row.try_get(3).ok()?;
    let digest: Option<Vec<u8>> = row.try_get(11).ok()?;
    let reply: Option<Vec<u8>> = row.try_get(12).ok()?;
    let columns = StateColumns {
        state: row.try_get(2).ok()?,
        deadline: row.try_get(9).ok()?,
        outcome: row.try_get(10).ok()?,
        reply: reply.and_then(KeptReply::new),
    };
    Some(Record {
        nonce: Nonce::from_bytes(nonce.try_into().ok()?),
        fence: row.try_get::<i64, _>(4).ok()?.try_into().ok()?,
        attempt: row.try_get(5).ok()?,
        is_takeover: row.try_get(6).ok()?,
        lease: row.try_get(7).ok()?,
        digest: digest.map(<[u8; 32]>::try_from).transpose().ok()?,
        expires: row.try_get(8).ok()?,
        state: columns.read()?,
    })
}

/// Binds the columns.
pub(super) fn bind<'q>(query: Asked<'q>, record: &Record) -> Asked<'q> {
    let columns = StateColumns::from(&record.state);
    query
        .bind(columns.state)
        .bind(record.nonce.as_bytes().to_vec())
        .bind(signed(record.fence))
        .bind(record.attempt)
        .bind(record.is_takeover)
        .bind(record.lease)
        .bind(record.expires)
        .bind(columns.deadline)
        .bind(columns.outcome)
        .bind(record.digest.map(|digest| digest.to_vec()))
        .bind(columns.reply.map(|reply| reply.as_bytes().to_vec()))
}

/// Binds what tells one record of a key from any other: its holder, and what a step of
/// the holder changes.
pub(super) fn bind_identity<'q>(query: Asked<'q>, key: KeyId, record: &Record) -> Asked<'q> {
    let columns = StateColumns::from(&record.state);
    query
        .bind(key.as_bytes().to_vec())
        .bind(record.nonce.as_bytes().to_vec())
        .bind(signed(record.fence))
        .bind(columns.state)
        .bind(columns.deadline)
        .bind(record.expires)
}

/// No higher fence is ever granted.
pub(super) fn signed(fence: u64) -> i64 {
    fence.try_into().unwrap_or(i64::MAX)
}
