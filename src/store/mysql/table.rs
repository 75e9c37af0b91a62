//! The statements: each is one atomic step of the server, and commits by itself.
//!
//! What is written stands on condition that nothing came in between: a row is made only
//! where there is none, and replaced only while it is the one that was read. So it counts
//! as written if it was the one row that the condition found, whether the connection
//! reports rows found or rows changed.

use sqlx::Row;

use super::fault::{Fault, Kind};
use super::row::{self, columns};
use super::session::Session;
use crate::KeyId;
use crate::store::micros::{Micros, micros};
use crate::store::record::{Record, State, StateColumns, Terms};
use crate::store::table::{self, Ending};
use crate::store::{ClaimRequest, Lease};

/// The server's time at the statement's beginning, in microseconds since 1970: that of
/// its clock, whatever the connection's time zone is.
macro_rules! now {
    () => {
        "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))"
    };
}
pub(in crate::store) use now;

/// A condition on a record that has not ended, and its holder.
macro_rules! mine {
    () => {
        concat!(
            " WHERE `key` = ? AND nonce = ? AND fence = ? AND expires_us > ",
            now!(),
            " AND @@autocommit = 1 AND "
        )
    };
}

/// One round trip for a new event. Its fence is the time; the answer brings it along. A
/// connection that does not commit by itself is refused, for want of a fence.
const ENTER: &str = concat!(
    "INSERT INTO countersign_claim (`key`, ",
    columns!(),
    ") VALUES (?, 0, ?, IF(@@autocommit = 1, LAST_INSERT_ID(",
    now!(),
    "), NULL), 1, FALSE, ?, ",
    now!(),
    " + ?, ",
    now!(),
    " + ?, NULL, ?, NULL)"
);

/// Locks nothing and writes nothing.
const FIND: &str = concat!(
    "SELECT ",
    now!(),
    ", CAST(@@autocommit AS SIGNED), ",
    columns!(),
    " FROM (SELECT 1) AS one LEFT JOIN countersign_claim ON `key` = ?"
);

const INSERT: &str = concat!(
    "INSERT INTO countersign_claim (",
    columns!(),
    ", `key`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
);

const REPLACE: &str = "UPDATE countersign_claim SET state = ?, nonce = ?, fence = ?, \
     attempt = ?, is_takeover = ?, lease_us = ?, expires_us = ?, deadline_us = ?, outcome = ?, \
     digest = ?, reply = ? \
     WHERE `key` = ? AND nonce = ? AND fence = ? AND state = ? AND deadline_us <=> ? \
     AND expires_us = ? AND @@autocommit = 1";

const RENEW: &str = concat!(
    "UPDATE countersign_claim SET lease_us = ?, deadline_us = ",
    now!(),
    " + ?, expires_us = GREATEST(expires_us, ",
    now!(),
    " + ?)",
    mine!(),
    "state = 0"
);

const COMPLETE: &str = concat!(
    "UPDATE countersign_claim SET state = 2, deadline_us = NULL, outcome = ?, reply = ?, \
     expires_us = ",
    now!(),
    " + ?",
    mine!(),
    "state IN (0, 1)"
);

const RELEASE: &str = concat!(
    "UPDATE countersign_claim SET state = 1, deadline_us = NULL",
    mine!(),
    "state = 0"
);

/// The table, over one connection.
pub(super) struct Table(Session);

impl Table {
    pub(super) const fn new(session: Session) -> Self {
        Self(session)
    }

    pub(super) fn into_session(self) -> Session {
        self.0
    }
}

impl table::Table for Table {
    type Kind = Kind;

    async fn enter(&mut self, request: &ClaimRequest) -> Result<Option<Lease>, Fault> {
        let lease = micros(request.lease());
        let query = sqlx::query(ENTER)
            .bind(request.key().as_bytes().to_vec())
            .bind(request.nonce().as_bytes().to_vec())
            .bind(lease)
            .bind(micros(request.retention()).max(lease))
            .bind(lease)
            .bind(request.body_digest().map(|digest| digest.to_vec()));
        match self.0.execute(query).await {
            Ok(entered) => {
                let fence = entered.last_insert_id();
                Ok(Some(Terms::FIRST.grant(request, fence)))
            }
            Err(fault) if fault.kind() == Kind::AlreadyThere => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    async fn find(&mut self, key: KeyId) -> Result<(Micros, Option<Record>), Fault> {
        let rows = self.0.rows(sqlx::query(FIND).bind(key.as_bytes().to_vec()));
        let rows = rows.await?;
        let row = rows.first().ok_or(Kind::Unexpected)?;
        let autocommit: i64 = row.try_get(1)?;
        if autocommit != 1 {
            return Err(Kind::NoAutocommit.into());
        }
        let state: Option<i16> = row.try_get(2)?;
        let record = match state {
            Some(_) => Some(row::read(row).ok_or(Kind::Unreadable)?),
            None => None,
        };
        Ok((row.try_get(0)?, record))
    }

    async fn put(
        &mut self,
        key: KeyId,
        read: Option<&Record>,
        record: &Record,
    ) -> Result<bool, Fault> {
        let query = match read {
            Some(read) => row::bind_identity(row::bind(sqlx::query(REPLACE), record), key, read),
            None => row::bind(sqlx::query(INSERT), record).bind(key.as_bytes().to_vec()),
        };
        match self.0.execute(query).await {
            Ok(done) => Ok(done.rows_affected() > 0),
            Err(fault) if fault.kind() == Kind::AlreadyThere => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    async fn settle(&mut self, lease: &Lease, ending: Ending<'_>) -> Result<bool, Fault> {
        let duration = micros(lease.duration());
        let query = match ending {
            Ending::Renew => sqlx::query(RENEW)
                .bind(duration)
                .bind(duration)
                .bind(duration),
            Ending::Complete(outcome, reply) => {
                let reply = reply.cloned();
                let columns = StateColumns::from(&State::Done { outcome, reply });
                sqlx::query(COMPLETE)
                    .bind(columns.outcome)
                    .bind(columns.reply.map(|reply| reply.as_bytes().to_vec()))
                    .bind(micros(lease.retention()))
            }
            Ending::Release => sqlx::query(RELEASE),
        };
        let query = query
            .bind(lease.key().as_bytes().to_vec())
            .bind(lease.nonce().as_bytes().to_vec())
            .bind(row::signed(lease.fence()));
        let done = self.0.execute(query).await?;
        Ok(done.rows_affected() > 0)
    }
}
