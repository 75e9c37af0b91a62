//! What the table looks like, and whether the one that is there is the store's.

use alloc::string::String;

use sqlx::postgres::{PgConnection, PgPool, PgRow};
use sqlx::{Connection, Row};

use super::fault::{Fault, Kind};
use super::session::Session;

/// One row per event. There is no second index, so that no step pays for one, and room
/// is left on each page, so that an update stays on it. The comment says whose the table
/// is, and in which version.
pub(super) const CLAIM: &str = "\
CREATE TABLE countersign_claim (
    key bytea PRIMARY KEY,        -- 16 bytes
    nonce bytea NOT NULL,         -- 16 bytes
    fence bigint NOT NULL,
    attempt bigint NOT NULL,
    lease_us bigint NOT NULL,
    expires_us bigint NOT NULL,   -- times are microseconds since 1970
    deadline_us bigint,           -- of the lease, while in flight
    state smallint NOT NULL,      -- 0 in flight, 1 released, 2 done
    outcome smallint,             -- 1 processed, 2 rejected, 3 dead-lettered, when done
    is_takeover boolean NOT NULL,
    digest bytea,                 -- the body's SHA-256, where it counts
    reply bytea
) WITH (fillfactor = 80);
COMMENT ON TABLE countersign_claim IS 'countersign claim 1';
";

/// The comment; the number after it is the version.
const OURS: &str = "countersign claim ";
const VERSION: u32 = 1;

/// Whoever makes the table holds this, so that many processes may start at once. The
/// number is "csgn", and 1.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7166185154220654593)";

const LOOK: &str = "\
SELECT obj_description(to_regclass('countersign_claim'), 'pg_class'),
    to_regclass('countersign_claim') IS NOT NULL,
    pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',
    has_table_privilege(to_regclass('countersign_claim'), 'SELECT')
        AND has_table_privilege(to_regclass('countersign_claim'), 'INSERT')
        AND has_table_privilege(to_regclass('countersign_claim'), 'UPDATE')
        AND has_table_privilege(to_regclass('countersign_claim'), 'DELETE'),
    current_setting('fsync') = 'on' AND (SELECT relpersistence = 'p' FROM pg_class
        WHERE oid = to_regclass('countersign_claim'))";

/// Makes the table unless it is there, in one transaction.
pub(super) async fn migrate(pool: &PgPool) -> Result<(), Fault> {
    let mut session = Session::begin(pool).await?;
    let told = make(session.ask()?).await;
    session.hear(told)
}

async fn make(connection: &mut PgConnection) -> Result<(), Fault> {
    let mut transaction = connection.begin().await?;
    let lock = sqlx::raw_sql(LOCK).execute(&mut *transaction);
    lock.await?;
    let row = sqlx::raw_sql(LOOK).fetch_one(&mut *transaction).await?;
    match version(&row) {
        Ok(_) => {}
        Err(fault) if fault.kind() == Kind::Missing => {
            let create = sqlx::raw_sql(CLAIM).execute(&mut *transaction);
            create.await?;
        }
        Err(fault) => return Err(fault),
    }
    Ok(transaction.commit().await?)
}

/// Whether the table is there, in this version, and may be used by this user. Says
/// whether what is committed survives a crash.
pub(super) async fn check(pool: &PgPool) -> Result<bool, Fault> {
    let mut session = Session::begin(pool).await?;
    let told = sqlx::raw_sql(LOOK).fetch_one(session.ask()?).await;
    let row = session.hear(told)?;
    version(&row)?;
    if row.try_get(2)? {
        return Err(Kind::ReadOnly.into());
    }
    if !row.try_get::<bool, _>(3)? {
        return Err(Kind::NoRights.into());
    }
    Ok(row.try_get(4)?)
}

/// The version of the table, which can be only one so far.
fn version(row: &PgRow) -> Result<u32, Fault> {
    if !row.try_get::<bool, _>(1)? {
        return Err(Kind::Missing.into());
    }
    let comment: Option<String> = row.try_get(0)?;
    let comment = comment.unwrap_or_default();
    let version = comment.strip_prefix(OURS).map(str::parse);
    match version {
        Some(Ok(VERSION)) => Ok(VERSION),
        Some(Ok(version)) if version > VERSION => Err(Kind::NewerVersion.into()),
        _ => Err(Kind::Foreign.into()),
    }
}
