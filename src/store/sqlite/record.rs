//! What the file knows of an event: a record, and its row.

use alloc::vec::Vec;

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};

use crate::KeyId;
use crate::store::micros::Micros;
use crate::store::{KeptReply, Lease, Nonce, Outcome};

/// A record; its key stands beside it.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) nonce: Nonce,
    pub(super) fence: u64,
    pub(super) attempt: u32,
    pub(super) is_takeover: bool,
    pub(super) lease: Micros,
    pub(super) digest: Option<[u8; 32]>,
    pub(super) expires: Micros,
    pub(super) state: State,
}

/// Where the event stands.
#[derive(Clone)]
pub(super) enum State {
    InFlight {
        deadline: Micros,
    },
    Idle,
    Done {
        outcome: Outcome,
        reply: Option<KeptReply>,
    },
}

/// The columns, in the order in which they are read and bound.
pub(super) const COLUMNS: &str = "key, state, nonce, fence, attempt, is_takeover, lease_us, \
     expires_us, deadline_us, outcome, digest, reply";

impl Record {
    /// Whether the lease's holder is this record's: by nonce and fence.
    pub(super) fn is_of(&self, lease: &Lease) -> bool {
        self.nonce == lease.nonce() && self.fence == lease.fence()
    }

    /// From a row of [`COLUMNS`]; `None` if this store cannot have written it.
    pub(super) fn read(row: &SqliteRow) -> Option<(KeyId, Self)> {
        let key: &[u8] = row.try_get(0).ok()?;
        let nonce: &[u8] = row.try_get(2).ok()?;
        let deadline: Option<Micros> = row.try_get(8).ok()?;
        let outcome: Option<i64> = row.try_get(9).ok()?;
        let digest: Option<&[u8]> = row.try_get(10).ok()?;
        let state = match (row.try_get(1).ok()?, deadline, outcome) {
            (IN_FLIGHT, Some(deadline), None) => State::InFlight { deadline },
            (IDLE, None, None) => State::Idle,
            (DONE, None, Some(outcome)) => {
                let reply: Option<Vec<u8>> = row.try_get(11).ok()?;
                State::Done {
                    outcome: OUTCOMES
                        .iter()
                        .find_map(|&(known, number)| (number == outcome).then_some(known))?,
                    reply: reply.and_then(KeptReply::new),
                }
            }
            _ => return None,
        };
        let record = Self {
            nonce: Nonce::from_bytes(nonce.try_into().ok()?),
            fence: row.try_get::<i64, _>(3).ok()?.try_into().ok()?,
            attempt: row.try_get::<i64, _>(4).ok()?.try_into().ok()?,
            is_takeover: row.try_get(5).ok()?,
            lease: row.try_get(6).ok()?,
            digest: digest.map(<[u8; 32]>::try_from).transpose().ok()?,
            expires: row.try_get(7).ok()?,
            state,
        };
        Some((KeyId::from_bytes(key.try_into().ok()?), record))
    }

    /// Binds the row of [`COLUMNS`].
    pub(super) fn bind<'q>(
        &self,
        key: KeyId,
        query: Query<'q, Sqlite, SqliteArguments>,
    ) -> Query<'q, Sqlite, SqliteArguments> {
        let (state, deadline, outcome, reply) = match &self.state {
            State::InFlight { deadline } => (IN_FLIGHT, Some(*deadline), None, None),
            State::Idle => (IDLE, None, None, None),
            State::Done { outcome, reply } => {
                let number = OUTCOMES
                    .iter()
                    .find_map(|(known, number)| (known == outcome).then_some(*number));
                let reply = reply.as_ref().map(|reply| reply.as_bytes().to_vec());
                (DONE, None, number, reply)
            }
        };
        query
            .bind(key.as_bytes().to_vec())
            .bind(state)
            .bind(self.nonce.as_bytes().to_vec())
            .bind(i64::try_from(self.fence).unwrap_or(i64::MAX))
            .bind(i64::from(self.attempt))
            .bind(i64::from(self.is_takeover))
            .bind(self.lease)
            .bind(self.expires)
            .bind(deadline)
            .bind(outcome)
            .bind(self.digest.map(|digest| digest.to_vec()))
            .bind(reply)
    }
}

const IN_FLIGHT: i64 = 0;
const IDLE: i64 = 1;
const DONE: i64 = 2;

/// What an outcome is in the file. Numbers never change their meaning.
const OUTCOMES: [(Outcome, i64); 3] = [
    (Outcome::Processed, 1),
    (Outcome::Rejected, 2),
    (Outcome::DeadLettered, 3),
];
