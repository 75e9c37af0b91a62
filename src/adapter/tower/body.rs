//! The body that the inner service gets.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::io;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::Event;
use crate::receive::Chunks;

/// A body whose signature has matched: the very bytes that came, shared with the
/// [`Event`]. Only the layer makes one.
///
/// One in memory comes in one piece and never fails. One in a file (feature `spool`) is
/// read in pieces while it is asked for, on other threads; where that fails, an answer
/// other than success makes the sender retry.
#[must_use]
pub struct VerifiedBody(Rest);

/// What is still to come.
enum Rest {
    Whole(Bytes),
    Spooled(Chunks),
}

impl VerifiedBody {
    pub(super) fn new(event: &Event) -> Self {
        Self(match event.chunks() {
            Some(chunks) => Rest::Spooled(chunks),
            None => Rest::Whole(Bytes::from_owner(Shared(event.clone()))),
        })
    }

    fn left(&self) -> u64 {
        match &self.0 {
            Rest::Whole(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Rest::Spooled(chunks) => chunks.left(),
        }
    }
}

/// The body of an event, as an owner of bytes.
struct Shared(Event);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.body()
    }
}

impl Body for VerifiedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match &mut self.0 {
            Rest::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Rest::Whole(bytes) => {
                let bytes = core::mem::take(bytes);
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Rest::Spooled(chunks) => chunks
                .poll_next(cx)
                .map_ok(|chunk| Frame::data(chunk.into())),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left())
    }
}

impl fmt::Debug for VerifiedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedBody")
            .field("bytes", &self.left())
            .finish()
    }
}
