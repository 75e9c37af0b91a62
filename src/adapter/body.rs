//! The body of an event, as an application gets it.

use core::task::{Context, Poll};
use std::io;

use bytes::Bytes;

use crate::Event;
use crate::receive::Chunks;

/// What is still to come of the very bytes that came: in one piece from memory, without
/// a copy, or in pieces from a file.
pub(super) enum Body {
    Spooled(Chunks),
    Whole(Bytes),
}

impl Body {
    pub(super) fn of(event: &Event) -> Self {
        match event.chunks() {
            Some(chunks) => Self::Spooled(chunks),
            None => Self::Whole(Bytes::from_owner(Owner(event.clone()))),
        }
    }

    /// How many bytes.
    #[cfg_attr(
        not(feature = "tower"),
        allow(dead_code, reason = "only its bodies tell their length")
    )]
    pub(super) fn left(&self) -> u64 {
        match self {
            Self::Spooled(chunks) => chunks.left(),
            Self::Whole(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        }
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match self {
            Self::Spooled(chunks) => chunks.poll_next(cx).map_ok(Bytes::from),
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(core::mem::take(bytes)))),
        }
    }
}

struct Owner(Event);

impl AsRef<[u8]> for Owner {
    fn as_ref(&self) -> &[u8] {
        self.0.body()
    }
}
