//! One transaction for all steps that wait: two round trips to the connection's
//! thread, however many they are.

use alloc::string::String;
use alloc::vec::Vec;
use std::sync::LazyLock;

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::fault::{Fault, Kind};
use super::file::File;
use super::row::{self, COLUMNS};
use super::sweep::Sweep;
use super::table::Table;
use crate::store::micros::{Micros, micros_of};
use crate::{Clock, KeyId};

/// The most steps in one transaction: enough to share a sync, and few enough to be
/// through within some milliseconds.
pub(super) const MOST_STEPS: usize = 512;

/// Takes the file's write lock, then reads the clock and the records of these keys.
pub(super) async fn begin(
    file: &File,
    connection: &mut SqliteConnection,
    clock: &dyn Clock,
    keys: &[KeyId],
) -> Result<Table, Fault> {
    let sized = READS.iter().find(|(size, _)| *size >= keys.len());
    let (Some((size, text)), Some(first)) = (sized, keys.first()) else {
        return Err(file.fault(Kind::Unexpected));
    };
    let mut query = sqlx::query(text.as_str());
    for at in 0..*size {
        query = query.bind(keys.get(at).unwrap_or(first).as_bytes().to_vec());
    }
    let rows = query.fetch_all(connection).await.map_err(file.told())?;
    let now = micros_of(clock.now());
    let damaged = || file.fault(Kind::Damaged);
    let (last, rows) = rows.split_first().ok_or_else(damaged)?;
    let last: i64 = last.try_get(0).map_err(|_| damaged())?;
    let fence = last.try_into().map_err(|_| damaged())?;
    let records: Option<Vec<_>> = rows.iter().map(row::read).collect();
    Ok(Table::new(now, fence, records.ok_or_else(damaged)?))
}

/// Writes what changed, and makes it last. Without a change nothing is written.
pub(super) async fn commit(
    file: &File,
    connection: &mut SqliteConnection,
    table: &Table,
    sweep: &mut Sweep,
) -> Result<(), Fault> {
    let changed = table.changed();
    let mut rest = changed.as_slice();
    if rest.is_empty() {
        let commit = sqlx::query("COMMIT").execute(connection);
        return commit.await.map(drop).map_err(file.told());
    }
    sweep
        .go_on(connection, table.now(), rest.len())
        .await
        .map_err(file.told())?;
    for write in WRITES.iter() {
        while let Some((rows, others)) = rest.split_at_checked(write.rows) {
            rest = others;
            let is_last = rest.is_empty();
            let text = if is_last {
                &write.and_commit
            } else {
                &write.only
            };
            let mut query = sqlx::query(text.as_str());
            for (key, record) in rows {
                query = row::bind(query, *key, record);
            }
            if is_last {
                let fence: Micros = table.fence().try_into().unwrap_or(Micros::MAX);
                query = query.bind(fence).bind(fence);
            }
            query.execute(&mut *connection).await.map_err(file.told())?;
            if is_last {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Texts for so many keys; the connection keeps each prepared. A number in between
/// repeats a key.
static READS: LazyLock<[(usize, String); 4]> = LazyLock::new(|| {
    [1, 8, 64, MOST_STEPS].map(|size| {
        let keys = repeated("?", size);
        let text = std::format!(
            "BEGIN IMMEDIATE; SELECT last FROM fence; SELECT {COLUMNS} FROM claim WHERE key IN ({keys})"
        );
        (size, text)
    })
});

/// Texts for so many rows.
struct Write {
    rows: usize,
    only: String,
    and_commit: String,
}

/// From many rows to one, so that any number is made up of them.
static WRITES: LazyLock<[Write; 3]> = LazyLock::new(|| {
    [64, 8, 1].map(|rows| {
        let row = std::format!("({})", repeated("?", COLUMNS.split(',').count()));
        let values = repeated(&row, rows);
        let only = std::format!("INSERT OR REPLACE INTO claim ({COLUMNS}) VALUES {values}");
        let and_commit = std::format!("{only}; UPDATE fence SET last = ? WHERE last <> ?; COMMIT");
        Write {
            rows,
            only,
            and_commit,
        }
    })
});

fn repeated(part: &str, times: usize) -> String {
    alloc::vec![part; times].join(", ")
}
