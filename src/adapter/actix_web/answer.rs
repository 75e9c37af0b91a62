//! From a receipt to the response.

use actix_web::HttpResponse;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};

use crate::Receipt;

/// The response to a delivery: what the inner service answered if its answer is the one
/// that counts, the receiver's else.
pub(super) fn response(mut receipt: Receipt, own: Option<HttpResponse<()>>) -> HttpResponse {
    let reply = receipt.take_reply();
    let status = StatusCode::from_u16(receipt.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let own = own.filter(|_| receipt.code().is_none());
    let mut response = match own {
        Some(mut own) => {
            // The server counts the body itself.
            own.headers_mut().remove(CONTENT_LENGTH);
            own
        }
        None => {
            let mut response = HttpResponse::new(status).drop_body();
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
    *response.status_mut() = status;
    // For logs and metrics on this side; a sender never sees it.
    response.extensions_mut().insert(receipt);
    response.set_body(BoxBody::new(reply.into_body()))
}

/// The response at a path that no receiver has.
pub(super) fn nobody_is_here() -> HttpResponse {
    HttpResponse::new(StatusCode::NOT_FOUND)
}
