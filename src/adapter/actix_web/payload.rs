//! The payload that an inner service or a handler gets.

use alloc::boxed::Box;
use core::pin::Pin;
use core::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use bytes::Bytes;
use futures_core::Stream;

use crate::Event;
use crate::adapter::body::Body;

/// The body of an event: in one piece from memory, or in pieces from a file.
pub(super) fn payload(event: &Event) -> Payload {
    match Body::of(event) {
        Body::Whole(bytes) => Payload::from(bytes),
        spooled => Payload::Stream {
            payload: Box::pin(Pieces(spooled)),
        },
    }
}

struct Pieces(Body);

impl Stream for Pieces {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(cx).map_err(PayloadError::Io)
    }
}
