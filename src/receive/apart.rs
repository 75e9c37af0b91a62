//! Work that whoever waits for it does not cancel.

use alloc::boxed::Box;
use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::Poll;
use std::panic::catch_unwind;

use tokio::task::JoinHandle;

use crate::observe;

/// A piece of work that may move from one task to another, also after it has begun.
pub(super) type Job<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A job that has begun.
pub(super) enum Apart<T> {
    /// It is over already.
    Ended(T),
    Panicked,
    /// It goes on, whatever becomes of its caller.
    Task(JoinHandle<T>),
}

impl<T: Send + 'static> Apart<T> {
    /// Begins a job where the caller is, and lets it go on in a task of its own unless it
    /// ends without waiting. A task costs a wake-up of another thread, a time-out one of the
    /// runtime's timer: as much as all else that is done for a small delivery.
    pub(super) async fn begin(mut job: Job<T>) -> Self {
        // Ready at once, so that nobody can drop this between the first look and the task.
        let first = poll_fn(|cx| {
            let first = catch_unwind(AssertUnwindSafe(|| job.as_mut().poll(cx)));
            Poll::Ready(first)
        });
        match first.await {
            Ok(Poll::Ready(ended)) => Self::Ended(ended),
            Ok(Poll::Pending) => Self::spawn(job),
            Err(_) => Self::Panicked,
        }
    }

    /// Lets a job go on in a task of its own from its beginning.
    pub(super) fn spawn(job: Job<T>) -> Self {
        Self::Task(tokio::spawn(observe::in_this_span(job)))
    }
}
