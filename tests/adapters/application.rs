//! The application behind an adapter: a function from what was delivered to an answer.

use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use countersign::{Event, HandlerError, Reply};
use http::HeaderMap;
use tokio::sync::Semaphore;

/// What reached the application.
#[derive(Clone)]
pub(crate) struct Delivered {
    pub(crate) event: Event,
    pub(crate) headers: HeaderMap,
    /// The body of the request that the application got; where the adapter hands out the
    /// event alone, the event's.
    pub(crate) body: Bytes,
}

/// What the application answers.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Vec<u8>,
}

pub(crate) type Application =
    Arc<dyn Fn(Delivered) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

impl Answer {
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            content_type: "",
            body: Vec::new(),
        }
    }

    /// What a handler of its own returns for it.
    pub(crate) fn settled(self) -> Result<Reply, HandlerError> {
        let said = format!("the application answered {}", self.status);
        match self.status {
            200..=299 => Ok(Reply::new(self.content_type, self.body).status(self.status)),
            408 | 425 | 429 => Err(HandlerError::retry(said)),
            400..=499 => Err(HandlerError::reject(said)),
            _ => Err(HandlerError::retry(said)),
        }
    }
}

/// An application from an async function.
pub(crate) fn application<F, Fut>(answer: F) -> Application
where
    F: Fn(Delivered) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Answer> + Send + 'static,
{
    Arc::new(move |delivered| Box::pin(answer(delivered)))
}

/// An application that answers with one status.
pub(crate) fn always(status: u16) -> Application {
    application(move |_| async move { Answer::status(status) })
}

/// Holds an application up in the middle of its work.
#[derive(Clone)]
pub(crate) struct Gate {
    begun: Arc<Semaphore>,
    may_end: Arc<Semaphore>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            begun: Arc::new(Semaphore::new(0)),
            may_end: Arc::new(Semaphore::new(0)),
        }
    }

    /// An application that waits at the gate, then answers 200.
    pub(crate) fn application(&self) -> Application {
        let gate = self.clone();
        application(move |_| {
            let gate = gate.clone();
            async move {
                gate.begun.add_permits(1);
                gate.may_end.acquire().await.unwrap().forget();
                Answer::status(200)
            }
        })
    }

    /// Waits until one run has begun.
    pub(crate) async fn has_begun(&self) {
        self.begun.acquire().await.unwrap().forget();
    }

    /// Lets one run end.
    pub(crate) fn open(&self) {
        self.may_end.add_permits(1);
    }
}
