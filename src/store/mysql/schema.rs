//! What the table looks like, and whether the one that is there is the store's.

use alloc::string::String;

use sqlx::{MySqlPool, Row};

use super::fault::{Fault, Kind};
use super::session::Session;

/// One row per event. Ended records are found by going round the keys, so that no step
/// pays for a second index. A reply may be a byte too long for a `BLOB`.
pub(super) const CLAIM: &str = "CREATE TABLE IF NOT EXISTS countersign_claim (
    `key` BINARY(16) NOT NULL PRIMARY KEY,
    state SMALLINT NOT NULL, -- 0 in flight, 1 released, 2 done
    nonce BINARY(16) NOT NULL,
    fence BIGINT NOT NULL,
    attempt INT UNSIGNED NOT NULL,
    is_takeover BOOLEAN NOT NULL,
    lease_us BIGINT NOT NULL,
    expires_us BIGINT NOT NULL, -- times are microseconds since 1970
    deadline_us BIGINT,         -- of the lease, while in flight
    outcome SMALLINT,           -- 1 processed, 2 rejected, 3 dead-lettered, when done
    digest BINARY(32),          -- the body's SHA-256, where it counts
    reply MEDIUMBLOB
) ENGINE = InnoDB COMMENT = 'countersign claim 1'";

/// The table's comment says whose it is; the number after these words is its version.
const OURS: &str = "countersign claim ";
const VERSION: u32 = 1;

const SETTINGS: &str = "SELECT DATABASE() IS NULL,
    CAST(@@autocommit AS SIGNED),
    CAST(@@innodb_flush_log_at_trx_commit AS SIGNED),
    CAST(@@log_bin AS SIGNED),
    CAST(@@sync_binlog AS SIGNED)";

const FACTS: &str = "SELECT CAST(table_comment AS CHAR), CAST(engine AS CHAR)
    FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name = 'countersign_claim'";

/// Each is refused where the step that it stands for would be, and changes nothing: no key
/// is empty.
const TRIALS: [&str; 3] = [
    "INSERT INTO countersign_claim SELECT * FROM countersign_claim WHERE FALSE",
    "UPDATE countersign_claim SET fence = fence WHERE `key` = ''",
    "DELETE FROM countersign_claim WHERE `key` = ''",
];

/// Makes the table, unless it is there.
pub(super) async fn migrate(pool: &MySqlPool) -> Result<(), Fault> {
    let mut session = Session::begin(pool).await?;
    settings(&mut session).await?;
    session.run(CLAIM).await?;
    check_owner(&mut session).await
}

/// Whether the table is there, is this store's and may be written; then whether a commit
/// waits for the disk.
pub(super) async fn check(pool: &MySqlPool) -> Result<bool, Fault> {
    let mut session = Session::begin(pool).await?;
    let is_durable = settings(&mut session).await?;
    // Without rights on a table the server does not even say that it is there.
    session
        .run("SELECT 1 FROM countersign_claim LIMIT 0")
        .await?;
    check_owner(&mut session).await?;
    for trial in TRIALS {
        session.run(trial).await?;
    }
    Ok(is_durable)
}

/// Whether a commit waits for the disk. Where there is a binary log it decides after a
/// crash which transactions were committed, so it must be there too.
async fn settings(session: &mut Session) -> Result<bool, Fault> {
    let rows = session.rows(sqlx::query(SETTINGS)).await?;
    let row = rows.first().ok_or(Kind::Unexpected)?;
    let number = |at| row.try_get::<i64, _>(at).map_err(Fault::from);
    let (has_no_database, autocommit) = (number(0)?, number(1)?);
    let (flush, log, sync_log) = (number(2)?, number(3)?, number(4)?);
    if has_no_database != 0 {
        return Err(Kind::NoDatabase.into());
    }
    if autocommit != 1 {
        return Err(Kind::NoAutocommit.into());
    }
    Ok(flush == 1 && (log == 0 || sync_log == 1))
}

async fn check_owner(session: &mut Session) -> Result<(), Fault> {
    let rows = session.rows(sqlx::query(FACTS)).await?;
    let row = rows.first().ok_or(Kind::Missing)?;
    let comment: String = row.try_get(0)?;
    // A view has none.
    let engine: Option<String> = row.try_get(1)?;
    match comment.strip_prefix(OURS).map(str::parse::<u32>) {
        Some(Ok(VERSION)) if engine.is_some_and(|engine| engine == "InnoDB") => Ok(()),
        Some(Ok(VERSION)) => Err(Kind::NotInnodb.into()),
        Some(Ok(version)) if version > VERSION => Err(Kind::NewerVersion.into()),
        _ => Err(Kind::Foreign.into()),
    }
}
