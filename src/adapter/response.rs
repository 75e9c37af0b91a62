//! From a receipt to the response, and its body.

use core::convert::Infallible;
use core::pin::Pin;
use core::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};

use crate::Receipt;

/// The body of an answer: in one piece, with the trailers of the inner service's answer.
#[derive(Debug, Default)]
#[must_use]
pub struct ResponseBody {
    data: Option<Bytes>,
    trailers: Option<HeaderMap>,
}

/// What the inner service answered, but for its body.
pub(super) struct Own {
    pub(super) parts: Parts,
    pub(super) trailers: Option<HeaderMap>,
}

/// The response to a delivery: what the inner service answered if its answer is the one
/// that counts, the receiver's else.
pub(super) fn response(mut receipt: Receipt, own: Option<Own>) -> Response<ResponseBody> {
    let reply = receipt.take_reply();
    let own = own.filter(|_| receipt.code().is_none());
    let mut response = match own {
        Some(Own {
            mut parts,
            trailers,
        }) => {
            // The server counts the body itself.
            parts.headers.remove(CONTENT_LENGTH);
            let body = ResponseBody {
                data: None,
                trailers,
            };
            Response::from_parts(parts, body)
        }
        None => {
            let mut response = Response::new(ResponseBody::default());
            if let Some(Ok(kind)) = reply.content_type().map(HeaderValue::from_str) {
                response.headers_mut().insert(CONTENT_TYPE, kind);
            }
            for (name, value) in reply.headers() {
                if let (Ok(name), Ok(value)) =
                    (HeaderName::try_from(name), HeaderValue::from_bytes(value))
                {
                    response.headers_mut().insert(name, value);
                }
            }
            if let Some(seconds) = receipt.retry_after_s() {
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
            }
            response
        }
    };
    *response.status_mut() =
        StatusCode::from_u16(receipt.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let body = reply.into_body();
    response.body_mut().data = (!body.is_empty()).then(|| body.into());
    // For logs and metrics on this side; a sender never sees it.
    response.extensions_mut().insert(receipt);
    response
}

/// The response at a path that no receiver has.
pub(super) fn nobody_is_here() -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::default());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = match self.data.take() {
            Some(data) => Some(Frame::data(data)),
            None => self.trailers.take().map(Frame::trailers),
        };
        Poll::Ready(frame.map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.data.as_ref().map_or(0, Bytes::len);
        SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
    }
}
