//! From a request of the framework's to a verified event.

use alloc::vec::Vec;
use core::pin::pin;

use actix_web::HttpRequest;
use actix_web::body::{BodyStream, MessageBody};
use actix_web::dev::Payload;
use actix_web::http::header::{HOST, HeaderName, HeaderValue};

use crate::adapter::url::url;
use crate::store::Store;
use crate::{IncomingHead, Receipt, Receiver, Unclaimed};

/// Reads the payload as it came over the wire, and verifies it.
pub(super) async fn verify<S: Store>(
    receiver: &Receiver<S>,
    request: &HttpRequest,
    payload: Payload,
) -> Result<Unclaimed<S>, Receipt> {
    let intake = receiver.begin(head(request))?;
    let mut payload = pin!(BodyStream::new(payload));
    intake.read(|cx| payload.as_mut().poll_next(cx)).await
}

/// The head, every value of each header with it. The texts are shared, not copied; the
/// request keeps its own, which may be shared with other middleware.
fn head(request: &HttpRequest) -> IncomingHead {
    let headers: Vec<(HeaderName, HeaderValue)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let host = request.headers().get(HOST);
    let uri = request.uri();
    let url = url(
        uri.authority().map(|authority| authority.as_str()),
        host.and_then(|host| host.to_str().ok()),
        uri.path_and_query().map(|path| path.as_str()),
    );
    IncomingHead::new(headers)
        .method(request.method().as_str())
        .url(url)
}
