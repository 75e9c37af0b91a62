//! Many claims, or many completions, in one statement.

use alloc::vec::Vec;
use std::collections::{HashMap, HashSet};

use sqlx::Row;
use sqlx::postgres::PgRow;

use super::claims::Claims;
use super::fault::{Fault, Kind};
use super::row::{self, signed};
use super::sql::{COMPLETE_MANY, ENTER_MANY};
use super::statement::Value;
use super::table::granted;
use crate::KeyId;
use crate::store::micros::{Micros, micros};
use crate::store::record::{Record, State, StateColumns};
use crate::store::{ClaimRequest, KeptReply, Lease, Nonce, Outcome};

/// What a claim met.
pub(super) enum Entered {
    /// It was new, and is held by this lease.
    Fresh(Lease),
    /// Its record, which may have ended, and the server's time.
    Known(Record, Micros),
}

/// What was completed: whose it was.
pub(super) type Holder = (KeyId, [u8; 16], u64);

pub(super) const fn holder(lease: &Lease) -> Holder {
    (lease.key(), *lease.nonce().as_bytes(), lease.fence())
}

impl Claims {
    /// Claims keys of which there is no record, for requests with a key of their own each, in the order
    /// of the keys. What is missing, somebody else was about to make.
    pub(super) async fn enter_many(
        &self,
        requests: &[&ClaimRequest],
    ) -> Result<HashMap<KeyId, Entered>, Fault> {
        let keys: Vec<_> = requests.iter().map(|request| request.key()).collect();
        let nonces: Vec<_> = requests.iter().map(|request| request.nonce()).collect();
        let (mut leases, mut retentions, mut digests) = (Vec::new(), Vec::new(), Vec::new());
        for request in requests {
            let lease = micros(request.lease());
            leases.push(lease);
            retentions.push(micros(request.retention()).max(lease));
            digests.push(request.body_digest().map(<[u8; 32]>::as_slice));
        }
        let values = [
            many(&keys, KeyId::as_bytes),
            many(&nonces, Nonce::as_bytes),
            Value::ManyNumbers(leases),
            Value::ManyNumbers(retentions),
            Value::ManyBytes(digests),
        ];
        let rows = self.table().await?.rows(ENTER_MANY, &values).await?;
        let mut found = HashMap::new();
        for row in &rows {
            let key = KeyId::from_bytes(bytes(row, 13)?);
            let asked = keys.binary_search(&key).ok();
            let request = asked.and_then(|at| requests.get(at));
            let request = request.ok_or(Kind::Unexpected)?;
            let entered = match row::read(row, 2)? {
                Some(record) => Entered::Known(record, row.try_get(1)?),
                None => Entered::Fresh(granted(row, 0, request)?),
            };
            found.insert(key, entered);
        }
        Ok(found)
    }

    /// Completes those of the leases that are held and not yet done, and says which.
    pub(super) async fn complete_many(
        &self,
        completions: &[(&Lease, Outcome, Option<&KeptReply>)],
    ) -> Result<HashSet<Holder>, Fault> {
        let leases = || completions.iter().map(|(lease, ..)| lease);
        let keys: Vec<_> = leases().map(|lease| lease.key()).collect();
        let nonces: Vec<_> = leases().map(|lease| lease.nonce()).collect();
        let replies = completions.iter().map(|(_, _, reply)| reply);
        let outcomes = completions.iter().map(|&(_, outcome, _)| {
            let reply = None;
            let columns = StateColumns::from(&State::Done { outcome, reply });
            columns.outcome.unwrap_or_default().into()
        });
        let values = [
            many(&keys, KeyId::as_bytes),
            many(&nonces, Nonce::as_bytes),
            Value::ManyNumbers(leases().map(|lease| signed(lease.fence())).collect()),
            Value::ManyNumbers(outcomes.collect()),
            Value::ManyBytes(
                replies
                    .map(|reply| reply.map(KeptReply::as_bytes))
                    .collect(),
            ),
            Value::ManyNumbers(leases().map(|lease| micros(lease.retention())).collect()),
        ];
        let rows = self.table().await?.rows(COMPLETE_MANY, &values).await?;
        let done = rows.iter().map(|row| {
            let fence: i64 = row.try_get(3)?;
            Ok((
                KeyId::from_bytes(bytes(row, 1)?),
                bytes(row, 2)?,
                fence.try_into().map_err(|_| Kind::Unreadable)?,
            ))
        });
        done.collect()
    }
}

fn many<T>(all: &[T], bytes: impl Fn(&T) -> &[u8; 16]) -> Value<'_> {
    Value::ManyBytes(all.iter().map(|one| Some(bytes(one).as_slice())).collect())
}

fn bytes(row: &PgRow, column: usize) -> Result<[u8; 16], Fault> {
    let bytes: Vec<u8> = row.try_get(column)?;
    bytes.try_into().map_err(|_| Kind::Unreadable.into())
}
