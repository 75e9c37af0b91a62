//! The texts of the statements: each is one atomic step of the server, and commits by
//! itself.
//!
//! What is written stands on condition that nothing came in between: a row is made only
//! where there is none, and replaced only while it is the one that was read.

use super::row::columns;

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

/// A record's columns where there is none.
macro_rules! nothing {
    () => {
        "NULL::smallint, NULL::bytea, NULL::bigint, NULL::bigint, NULL::boolean, NULL::bigint, \
         NULL::bigint, NULL::bigint, NULL::smallint, NULL::bytea, NULL::bytea"
    };
}

/// How many pages the table has.
macro_rules! pages {
    () => {
        "pg_relation_size('countersign_claim') / current_setting('block_size')::bigint"
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

/// One round trip for a new event, whose fence is the time. Where there is a record,
/// nothing is written and nothing is locked.
pub(super) const ENTER: &str = concat!(
    "INSERT INTO countersign_claim (key, ",
    columns!(),
    ") VALUES ($1, 0, $2, ",
    now!(),
    ", 1, false, $3, ",
    now!(),
    " + $4, ",
    now!(),
    " + $3, NULL, $5, NULL) ON CONFLICT (key) DO NOTHING",
    durable!(),
    ", fence"
);

/// Writes nothing and locks nothing. The time comes also where there is no record.
pub(super) const FIND: &str = concat!(
    "SELECT ",
    before!(),
    ", ",
    columns!(),
    " FROM (SELECT 1) AS one LEFT JOIN countersign_claim ON key = $1"
);

pub(super) const INSERT: &str = concat!(
    "INSERT INTO countersign_claim (key, ",
    columns!(),
    ") VALUES ($12, $1::bigint, $2, $3, $4, $5::bigint <> 0, $6, $7, $8, $9::bigint, $10, $11) \
     ON CONFLICT (key) DO NOTHING",
    durable!()
);

pub(super) const REPLACE: &str = concat!(
    "UPDATE countersign_claim SET (",
    columns!(),
    ") = ROW($1::bigint, $2, $3, $4, $5::bigint <> 0, $6, $7, $8, $9::bigint, $10, $11) \
     WHERE key = $12 AND nonce = $13 AND fence = $14 AND state = $15::bigint \
     AND deadline_us IS NOT DISTINCT FROM $16 AND expires_us = $17",
    durable!()
);

pub(super) const RENEW: &str = concat!(
    "UPDATE countersign_claim SET lease_us = $4, deadline_us = ",
    now!(),
    " + $4, expires_us = greatest(expires_us, ",
    now!(),
    " + $4)",
    mine!(),
    "= 0",
    durable!()
);

pub(super) const COMPLETE: &str = concat!(
    "UPDATE countersign_claim SET state = 2, deadline_us = NULL, outcome = $4::bigint, \
     reply = $5, expires_us = ",
    now!(),
    " + $6",
    mine!(),
    "IN (0, 1)",
    durable!()
);

pub(super) const RELEASE: &str = concat!(
    "UPDATE countersign_claim SET state = 1, deadline_us = NULL",
    mine!(),
    "= 0",
    durable!()
);

/// As [`ENTER`] and [`FIND`], for many keys in one transaction. Their order is the caller's: where it
/// is the same for all, none waits for another that waits for it.
pub(super) const ENTER_MANY: &str = concat!(
    "WITH entered AS (INSERT INTO countersign_claim (key, ",
    columns!(),
    ") SELECT key, 0, nonce, ",
    now!(),
    ", 1, false, lease, ",
    now!(),
    " + retention, ",
    now!(),
    " + lease, NULL, digest, NULL FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], \
     $4::bigint[], $5::bytea[]) AS asked (key, nonce, lease, retention, digest) \
     ON CONFLICT (key) DO NOTHING",
    durable!(),
    ", key, fence) SELECT fence, NULL::bigint, ",
    nothing!(),
    ", key FROM entered UNION ALL SELECT NULL, ",
    before!(),
    ", ",
    columns!(),
    ", key FROM countersign_claim WHERE key = ANY ($1)"
);

/// As [`COMPLETE`], for many leases in one transaction; tells whose it was.
pub(super) const COMPLETE_MANY: &str = concat!(
    "UPDATE countersign_claim AS held SET state = 2, deadline_us = NULL, \
     outcome = asked.outcome, reply = asked.reply, expires_us = ",
    now!(),
    " + asked.retention FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[], \
     $5::bytea[], $6::bigint[]) AS asked (key, nonce, fence, outcome, reply, retention) \
     WHERE held.key = asked.key AND held.nonce = asked.nonce AND held.fence = asked.fence \
     AND held.expires_us > ",
    now!(),
    " AND held.state IN (0, 1)",
    durable!(),
    ", held.key, held.nonce, held.fence"
);

/// By where they lie, so that each page is read once; and not waiting for the disk, since
/// what comes back after a crash ends anew. Says how many pages there are.
pub(super) const SWEEP: &str = concat!(
    "WITH ended AS (DELETE FROM countersign_claim WHERE ctid = ANY (ARRAY(SELECT ctid \
     FROM countersign_claim WHERE ctid >= ('(' || $1 || ',0)')::tid \
     AND ctid < ('(' || $2 || ',0)')::tid AND expires_us <= ",
    before!(),
    " FOR UPDATE SKIP LOCKED))) SELECT ",
    pages!(),
    ", set_config('synchronous_commit', 'off', true)"
);

pub(super) const ANY_PAGE: &str = concat!("SELECT floor(random() * ", pages!(), ")::bigint");
