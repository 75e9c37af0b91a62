//! A handler's run: in a task of its own, with a time-out.

use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::{Event, HandlerError, Reply};
use crate::observe;

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
    let body = event.spooled.clone();
    let task = tokio::spawn(observe::in_this_span(async move { handler(event).await }));
    let mut task = Cancelled(task);
    match timeout_at(deadline, &mut task.0).await {
        Ok(Ok(returned)) => Ended::Returned(returned.map_err(|error| {
            // Whoever could not read the body could not judge it either.
            let is_unread = body.is_some_and(|body| body.has_failed());
            if is_unread {
                error.worth_a_retry()
            } else {
                error
            }
        })),
        Ok(Err(error)) if error.is_panic() => Ended::Panicked,
        // Cancelled from outside, with its runtime.
        Ok(Err(_)) => Ended::TimedOut,
        Err(_) => Ended::TimedOut,
    }
}

/// A task that is given up is cancelled where it awaits.
pub(crate) struct Cancelled<T>(pub(crate) JoinHandle<T>);

impl<T> Drop for Cancelled<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
