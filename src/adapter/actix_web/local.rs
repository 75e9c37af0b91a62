//! A handler that stays on its worker's thread, under a receiver whose handlers may move.

use core::future::pending;
use std::panic::resume_unwind;

use actix_web::rt;
use tokio::sync::oneshot;

use crate::observe::in_this_span;
use crate::receive::Cancelled;
use crate::store::Store;
use crate::{Event, HandlerError, Receipt, Reply, Unclaimed};

/// Claims the event, lets the handler run in a task of this thread if it is the first
/// time, and settles. Dropping the future cancels neither; the handler's time-out does
/// cancel the task.
pub(super) async fn process<S, F, Fut>(unclaimed: Unclaimed<S>, handler: F) -> Receipt
where
    S: Store,
    F: FnOnce(Event) -> Fut + 'static,
    Fut: Future<Output = Result<Reply, HandlerError>> + 'static,
{
    let (hand_over, handed) = oneshot::channel();
    let mut task = Cancelled(rt::spawn(in_this_span(async move {
        match handed.await {
            Ok(event) => Some(handler(event).await),
            // It is not its turn: a duplicate, or a store that does not answer.
            Err(_) => None,
        }
    })));
    unclaimed
        .process(move |event| async move {
            // A task that is gone tells so itself.
            let _ = hand_over.send(event);
            match (&mut task.0).await {
                Ok(Some(returned)) => returned,
                // A panic of the task is one of the handler.
                Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
                // Torn down with its worker, in the midst of the work: the lease runs out.
                Ok(None) | Err(_) => pending().await,
            }
        })
        .await
}
