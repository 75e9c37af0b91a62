//! How often a store is asked, and how long it may take.

use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use crate::StoreError;

/// A step of a store, asked for again while that may help: each step may be applied
/// twice without harm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// What one answer may take.
    pub(crate) timeout: Duration,
}

/// A claim is asked for once more: senders wait only seconds for their answer.
pub(crate) const CLAIM_TRIES: u32 = 2;
/// A completion is worth more tries than a claim: after it fails, the event runs again.
pub(crate) const COMPLETE_TRIES: u32 = 4;
/// Before the second try; doubled before each further one.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

/// A store that takes longer is as good as down: senders wait 5 to 30 s.
impl Default for Patience {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(2),
        }
    }
}

impl Patience {
    pub(crate) async fn once<T>(
        &self,
        step: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut step = pin!(step);
        // A store in memory needs no timer.
        let first = poll_fn(|cx| Poll::Ready(step.as_mut().poll(cx))).await;
        if let Poll::Ready(answer) = first {
            return answer;
        }
        match timeout(self.timeout, step).await {
            Ok(answer) => answer,
            Err(_) => Err(StoreError::transient("the store did not answer in time")),
        }
    }

    pub(crate) async fn ask<T, Step: Future<Output = Result<T, StoreError>>>(
        &self,
        tries: u32,
        until: Option<Instant>,
        step: impl Fn() -> Step,
    ) -> Result<T, StoreError> {
        let mut pause = PAUSE;
        let mut left = tries;
        loop {
            let error = match self.once(step()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            left = left.saturating_sub(1);
            let is_late = until.is_some_and(|until| after(Instant::now(), pause) >= until);
            if left == 0 || is_late || !error.is_transient() {
                return Err(error);
            }
            sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
    }
}

/// A moment so far off that it cannot be told counts as a year from then.
pub(crate) fn after(moment: Instant, duration: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    moment
        .checked_add(duration)
        .or_else(|| moment.checked_add(YEAR))
        .unwrap_or(moment)
}
