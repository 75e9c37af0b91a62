//! Takes ended records away, going round the keys in small steps, beside the claims.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use sqlx::Row;

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

/// Locks nothing.
const LOOK: &str = concat!(
    "SELECT `key`, expires_us <= ",
    now!(),
    " FROM countersign_claim WHERE `key` > ? ORDER BY `key` LIMIT ?"
);

/// By its keys only: a server that read the whole of a small table instead would lock it.
static DELETE: LazyLock<String> = LazyLock::new(|| {
    let keys = alloc::vec!["?"; DELETED].join(", ");
    std::format!(
        "DELETE ended FROM countersign_claim AS ended FORCE INDEX (PRIMARY) \
         WHERE ended.`key` IN ({keys}) AND ended.expires_us <= {}",
        now!()
    )
});

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
            // What fails is left for the next round.
            if let Ok(last) = go_on(&mut session, after).await {
                *sweep.after() = Some(last);
            }
        });
    }

    fn after(&self) -> std::sync::MutexGuard<'_, Option<Vec<u8>>> {
        self.after.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at the records after this key, and says up to where. From the last one on, the
/// round begins anew.
async fn go_on(session: &mut Session, after: Vec<u8>) -> Result<Vec<u8>, Fault> {
    let most = u32::try_from(LOOKED_AT).unwrap_or(u32::MAX);
    let looked = session.rows(sqlx::query(LOOK).bind(after).bind(most));
    let looked = looked.await?;
    let (mut ended, mut last) = (Vec::new(), Vec::new());
    for row in &looked {
        last = row.try_get(0)?;
        if row.try_get(1)? {
            ended.push(last.clone());
        }
    }
    for keys in ended.chunks(DELETED) {
        let mut query = sqlx::query(DELETE.as_str());
        // Fewer are made up to the number by naming some of them again.
        for key in keys.iter().cycle().take(DELETED) {
            query = query.bind(key.clone());
        }
        session.execute(query).await?;
    }
    let is_at_the_end = looked.len() < LOOKED_AT;
    Ok(if is_at_the_end { Vec::new() } else { last })
}
