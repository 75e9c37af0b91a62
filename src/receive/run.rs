//! A handler's run: in a task of its own, with a time-out.

use core::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{Event, HandlerError, Reply};
use crate::trace;

/// How a handler ended.
pub(super) enum Ended {
    Returned(Result<Reply, HandlerError>),
    Panicked,
    TimedOut,
}

/// Runs the handler in a task of its own: a panic ends that task only, and one that
/// blocks its thread does not hold up the time-out.
pub(super) async fn run<F, Fut>(handler: F, event: Event, deadline: Instant) -> Ended
where
    F: FnOnce(Event) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
{
    let mut task = tokio::spawn(trace::in_this_span(async move { handler(event).await }));
    match timeout_at(deadline, &mut task).await {
        Ok(Ok(returned)) => Ended::Returned(returned),
        Ok(Err(error)) if error.is_panic() => Ended::Panicked,
        // Cancelled from outside, with its runtime.
        Ok(Err(_)) => Ended::TimedOut,
        Err(_) => {
            task.abort();
            Ended::TimedOut
        }
    }
}

/// A moment so far off that it cannot be told counts as a year from then.
pub(super) fn after(moment: Instant, duration: Duration) -> Instant {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    moment
        .checked_add(duration)
        .or_else(|| moment.checked_add(YEAR))
        .unwrap_or(moment)
}
