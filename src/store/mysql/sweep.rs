//! Takes ended records away, going round the keys in small steps, beside the claims.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::sync::{LazyLock, Mutex, PoisonError};

use sqlx::Row;
use sqlx::mysql::MySqlRow;
use tokio::time::timeout;

use super::fault::Fault;
use super::session::Session;
use super::table::now;
use crate::KeyId;

/// How far the round has come.
#[derive(Default)]
pub(super) struct Sweep {
    granted: AtomicUsize,
    /// The last key that was looked at; `None` before the first.
    after: Mutex<Option<Vec<u8>>>,
}

/// So many records are looked at for each that is granted: a table of N records has been
/// gone round when N/8 more have come.
const LOOKED_AT_PER_GRANT: usize = 8;
/// So many at a time.
const LOOKED_AT: usize = 512;
/// So many are deleted at a time, which locks them for as long as a commit takes. Nobody
/// waits for them but who claims one of those very events anew.
const DELETED: usize = 64;
/// What takes some milliseconds has hung by then.
const PATIENCE: Duration = Duration::from_secs(5);

static CLAIMS: LazyLock<Texts> = LazyLock::new(|| Texts::of("countersign_claim"));

impl Sweep {
    /// After a claim was granted: goes on with the round if it is time to, in a task of its
    /// own, with the connection of the claim. Keys are hashes, so beginning with any of them
    /// does justice to all, also in a process that ends soon.
    pub(super) fn count(sweep: &Arc<Self>, key: KeyId, mut session: Session) {
        let granted = sweep.granted.fetch_add(1, Ordering::Relaxed);
        if !granted.is_multiple_of(LOOKED_AT / LOOKED_AT_PER_GRANT) {
            return;
        }
        let sweep = Arc::clone(sweep);
        tokio::spawn(async move {
            let after = sweep.after().take();
            let after = after.unwrap_or_else(|| key.as_bytes().to_vec());
            let swept = timeout(PATIENCE, go_on(&mut session, &CLAIMS, after)).await;
            // What fails, or hangs on a silent server, is left for the next round.
            if let Ok(Ok(swept)) = swept {
                // From the last key on, the round begins anew.
                *sweep.after() = Some(swept.last.unwrap_or_default());
            }
        });
    }

    fn after(&self) -> std::sync::MutexGuard<'_, Option<Vec<u8>>> {
        self.after.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is asked of a table with the columns `key` and `expires_us`.
pub(in crate::store) struct Texts {
    /// Up to which key the next step looks. Like the other one, it locks nothing.
    last: String,
    ended: String,
    /// By keys only: a server that read the whole of a small table instead would lock it.
    delete: String,
}

impl Texts {
    pub(in crate::store) fn of(table: &str) -> Self {
        let keys = alloc::vec!["?"; DELETED].join(", ");
        let now = now!();
        Self {
            last: std::format!(
                "SELECT `key` FROM {table} WHERE `key` > ? ORDER BY `key` \
                 LIMIT 1 OFFSET {LOOKED_AT}"
            ),
            ended: std::format!(
                "SELECT `key` FROM {table} WHERE `key` > ? AND `key` <= ? AND expires_us <= {now}"
            ),
            delete: std::format!(
                "DELETE ended FROM {table} AS ended FORCE INDEX (PRIMARY) \
                 WHERE ended.`key` IN ({keys}) AND ended.expires_us <= {now}"
            ),
        }
    }
}

/// How far a step of the round came.
pub(in crate::store) struct Swept {
    /// The last key that was looked at; `None` at the end.
    pub(in crate::store) last: Option<Vec<u8>>,
    pub(in crate::store) deleted: u64,
}

/// Looks at the records after this key, and deletes those that have ended.
pub(in crate::store) async fn go_on(
    session: &mut Session,
    texts: &'static Texts,
    after: Vec<u8>,
) -> Result<Swept, Fault> {
    let last = sqlx::query(texts.last.as_str()).bind(after.clone());
    let last = first_column(&session.rows(last).await?)?.pop();
    // No key is higher.
    let to = last.clone().unwrap_or_else(|| alloc::vec![u8::MAX; 16]);
    let ended = sqlx::query(texts.ended.as_str()).bind(after).bind(to);
    let ended = first_column(&session.rows(ended).await?)?;
    let mut deleted = 0_u64;
    for keys in ended.chunks(DELETED) {
        let mut query = sqlx::query(texts.delete.as_str());
        // Fewer are made up to the number by naming some of them again.
        for key in keys.iter().cycle().take(DELETED) {
            query = query.bind(key.clone());
        }
        let done = session.execute(query).await?;
        deleted = deleted.saturating_add(done.rows_affected());
    }
    Ok(Swept { last, deleted })
}

fn first_column(rows: &[MySqlRow]) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    rows.iter().map(|row| row.try_get(0)).collect()
}
