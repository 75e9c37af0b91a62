//! A handler's run: apart from whoever waits for its answer, with a time-out.

use alloc::boxed::Box;

use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::apart::{Apart, Job};
use super::heartbeat::Heartbeat;
use super::{Event, HandlerError, Reply};

/// The user's handler, of whatever type: what carries it on is small, and made once.
pub(super) type Handler = Box<dyn FnOnce(Event) -> Job<Result<Reply, HandlerError>> + Send>;

pub(super) fn handler<F, Fut>(handler: F) -> Handler
where
    F: FnOnce(Event) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
{
    // Called where a panic of it ends nothing else.
    Box::new(|event| Box::pin(async { handler(event).await }))
}

/// How a handler ended.
pub(super) enum Ended {
    Returned(Result<Reply, HandlerError>),
    Panicked,
    TimedOut,
}

/// Runs the handler, which is cancelled where it waits after its deadline; a panic ends it
/// alone. What waits for something does so in a task of its own; `is_apart` puts the beginning there too, for a
/// lease that somebody renews meanwhile.
pub(super) async fn run(
    handler: Handler,
    event: Event,
    deadline: Instant,
    is_apart: bool,
    heartbeat: &Heartbeat,
) -> Ended {
    let body = event.spooled.clone();
    let job = handler(event);
    let begun = if is_apart {
        Apart::spawn(job)
    } else {
        Apart::begin(job).await
    };
    let returned = match begun {
        Apart::Ended(returned) => returned,
        Apart::Panicked => return Ended::Panicked,
        Apart::Task(task) => {
            let mut task = Cancelled(task);
            heartbeat.needed();
            match timeout_at(deadline, &mut task.0).await {
                Ok(Ok(returned)) => returned,
                Ok(Err(error)) if error.is_panic() => return Ended::Panicked,
                // Cancelled from outside, with its runtime; or too late.
                Ok(Err(_)) | Err(_) => return Ended::TimedOut,
            }
        }
    };
    Ended::Returned(returned.map_err(|error| {
        // Whoever could not read the body could not judge it either.
        let is_unread = body.is_some_and(|body| body.has_failed());
        if is_unread {
            error.worth_a_retry()
        } else {
            error
        }
    }))
}

/// A task that is given up is cancelled where it awaits.
pub(crate) struct Cancelled<T>(pub(crate) JoinHandle<T>);

impl<T> Drop for Cancelled<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
