//! Takes ended records away, going round the table's pages in small steps, beside the
//! claims.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::sync::{Mutex, PoisonError};

use tokio::time::timeout;

use super::claims::Claims;
use super::fault::Fault;

/// How far the round has come.
#[derive(Default)]
pub(super) struct Sweep {
    owed: AtomicUsize,
    at: Mutex<At>,
}

#[derive(Clone, Copy, Default)]
enum At {
    /// Anywhere does justice to all, also in a process that ends soon.
    #[default]
    Anywhere,
    Page(i64),
    /// A task is about it.
    Busy,
}

/// A step of the round is owed for so many claims that were granted.
const GRANTED: usize = 64;
/// A step looks at so many pages, of some 40 records each: a table of N records has been
/// gone round when N/8 more have come.
const PAGES: i64 = 12;
/// What came while a step was under way is owed at once, up to so many: some milliseconds.
const MOST_STEPS: i64 = 16;
/// What takes some milliseconds has hung by then.
const PATIENCE: Duration = Duration::from_secs(5);

impl Sweep {
    /// After so many claims were granted: goes on with the round if it is time to, in a task of
    /// its own.
    pub(super) fn count(claims: &Arc<Claims>, granted: usize) {
        let sweep = claims.sweep();
        let owed = sweep.owed.fetch_add(granted, Ordering::Relaxed);
        if owed.saturating_add(granted) < GRANTED {
            return;
        }
        let at = core::mem::replace(&mut *sweep.at(), At::Busy);
        if let At::Busy = at {
            return;
        }
        let owed = sweep.owed.swap(0, Ordering::Relaxed);
        let steps = i64::try_from(owed / GRANTED).unwrap_or(1).min(MOST_STEPS);
        let pages = PAGES.saturating_mul(steps);
        let claims = Arc::clone(claims);
        tokio::spawn(async move {
            let next = timeout(PATIENCE, go_on(&claims, at, pages)).await;
            // What fails, or hangs on a silent server, is left for the next round.
            *claims.sweep().at() = match next {
                Ok(Ok(next)) => At::Page(next),
                Ok(Err(_)) | Err(_) => At::Anywhere,
            };
        });
    }

    fn at(&self) -> std::sync::MutexGuard<'_, At> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks at so many pages, and says which one is next. From the last one on, the round
/// begins anew.
async fn go_on(claims: &Claims, at: At, pages: i64) -> Result<i64, Fault> {
    let mut table = claims.table().await?;
    let first = match at {
        At::Page(first) => first,
        At::Anywhere | At::Busy => table.any_page().await?,
    };
    let next = first.saturating_add(pages);
    let is_last = table.sweep(first, next).await? <= next;
    Ok(if is_last { 0 } else { next })
}
