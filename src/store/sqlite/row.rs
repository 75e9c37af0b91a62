//! A record as a row of the file.

use alloc::vec::Vec;

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};

use crate::KeyId;
use crate::store::record::{Record, StateColumns};
use crate::store::{KeptReply, Nonce};

/// The columns, in the order in which they are read and bound.
pub(super) const COLUMNS: &str = "key, state, nonce, fence, attempt, is_takeover, lease_us, \
     expires_us, deadline_us, outcome, digest, reply";

/// From a row of [`COLUMNS`]; `None` if this store cannot have written it.
pub(super) fn read(row: &SqliteRow) -> Option<(KeyId, Record)> {
    let key: &[u8] = row.try_get(0).ok()?;
    let nonce: &[u8] = row.try_get(2).ok()?;
    let digest: Option<&[u8]> = row.try_get(10).ok()?;
    let reply: Option<Vec<u8>> = row.try_get(11).ok()?;
    let columns = StateColumns {
        state: row.try_get(1).ok()?,
        deadline: row.try_get(8).ok()?,
        outcome: row.try_get(9).ok()?,
        reply: reply.and_then(KeptReply::new),
    };
    let record = Record {
        nonce: Nonce::from_bytes(nonce.try_into().ok()?),
        fence: row.try_get::<i64, _>(3).ok()?.try_into().ok()?,
        attempt: row.try_get::<i64, _>(4).ok()?.try_into().ok()?,
        is_takeover: row.try_get(5).ok()?,
        lease: row.try_get(6).ok()?,
        digest: digest.map(<[u8; 32]>::try_from).transpose().ok()?,
        expires: row.try_get(7).ok()?,
        state: columns.read()?,
    };
    Some((KeyId::from_bytes(key.try_into().ok()?), record))
}

/// Binds the row of [`COLUMNS`].
pub(super) fn bind<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    key: KeyId,
    record: &Record,
) -> Query<'q, Sqlite, SqliteArguments> {
    let columns = StateColumns::from(&record.state);
    query
        .bind(key.as_bytes().to_vec())
        .bind(columns.state)
        .bind(record.nonce.as_bytes().to_vec())
        .bind(i64::try_from(record.fence).unwrap_or(i64::MAX))
        .bind(i64::from(record.attempt))
        .bind(i64::from(record.is_takeover))
        .bind(record.lease)
        .bind(record.expires)
        .bind(columns.deadline)
        .bind(columns.outcome)
        .bind(record.digest.map(|digest| digest.to_vec()))
        .bind(columns.reply.map(|reply| reply.as_bytes().to_vec()))
}
