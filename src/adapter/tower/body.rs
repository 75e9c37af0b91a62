//! The body that the inner service gets.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::io;

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::Event;
use crate::adapter::body::Body;

/// A body whose signature has matched: the very bytes that came, shared with the
/// [`Event`]. Only the layer makes one.
///
/// One in memory comes in one piece and never fails. One in a file (feature `spool`) is
/// read in pieces while it is asked for, on other threads; where that fails, an answer
/// other than success makes the sender retry.
#[must_use]
pub struct VerifiedBody(Body);

impl VerifiedBody {
    pub(super) fn new(event: &Event) -> Self {
        Self(Body::of(event))
    }
}

impl http_body::Body for VerifiedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0.poll_next(cx).map_ok(Frame::data)
    }

    fn is_end_stream(&self) -> bool {
        self.0.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.left())
    }
}

impl fmt::Debug for VerifiedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedBody")
            .field("bytes", &self.0.left())
            .finish()
    }
}
