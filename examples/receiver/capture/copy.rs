//! A request's body that is copied while it is read.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

/// Longest body that is copied, in bytes: what stands in memory for each request.
const MOST: usize = 512 * 1024;
/// How long a refused request waits for what is left of its body.
const PATIENCE: Duration = Duration::from_secs(2);

/// A body that two hold: the layer reads it, and what the layer left is read afterwards.
#[derive(Clone)]
pub(super) struct Copied(Arc<Mutex<Inner>>);

struct Inner {
    body: Body,
    bytes: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    /// More may come.
    Open,
    /// All of it is in the copy.
    Whole,
    /// It broke off, or is too long.
    Lost,
}

impl Copied {
    pub(super) fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            body,
            bytes: Vec::new(),
            state: State::Open,
        })))
    }

    /// The whole body, if it comes and is not too long.
    pub(super) async fn whole(self) -> Option<Vec<u8>> {
        let rest = poll_fn(|cx| self.lock().poll_rest(cx));
        tokio::time::timeout(PATIENCE, rest).await.ok()?;
        let mut inner = self.lock();
        (inner.state == State::Whole).then(|| core::mem::take(&mut inner.bytes))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            None if self.state == State::Open => self.state = State::Whole,
            Some(Err(_)) => self.lose(),
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    self.add(data);
                }
            }
            None => {}
        }
        Poll::Ready(frame)
    }

    /// Until nothing more is wanted.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.state == State::Open {
            ready!(self.poll(cx));
        }
        Poll::Ready(())
    }

    fn add(&mut self, data: &[u8]) {
        if self.bytes.len().saturating_add(data.len()) > MOST {
            self.lose();
        } else if self.state == State::Open {
            self.bytes.extend_from_slice(data);
        }
    }

    fn lose(&mut self) {
        self.state = State::Lost;
        self.bytes = Vec::new();
    }
}

impl HttpBody for Copied {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.lock().poll(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.lock().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.lock().body.size_hint()
    }
}
