//! From a receipt to the response.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::response::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;

use crate::Receipt;

/// The response to a delivery: what the inner service answered if its answer is the one
/// that counts, the receiver's else.
pub(super) fn response(mut receipt: Receipt, own: Option<Parts>) -> Response<Full<Bytes>> {
    let reply = receipt.take_reply();
    let own = own.filter(|_| receipt.code().is_none());
    let mut response = match own {
        Some(mut parts) => {
            // The server counts the body itself.
            parts.headers.remove(CONTENT_LENGTH);
            Response::from_parts(parts, Full::default())
        }
        None => {
            let mut response = Response::new(Full::default());
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
    *response.body_mut() = Full::new(reply.into_body().into());
    // For logs and metrics on this side; a sender never sees it.
    response.extensions_mut().insert(receipt);
    response
}

/// The response at a path that no receiver has.
pub(super) fn nobody_is_here() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
