//! From a request to a verified delivery.

use alloc::sync::Arc;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http::Request;
use http::header::HOST;
use http::request::Parts;
use http_body::Body;

use super::url::url;
use crate::store::Store;
use crate::{IncomingHead, Receipt, Receiver, Unclaimed};

/// Takes a request to its receiver, head first, then the body as it comes. What is left
/// of the request, its head, is handed back.
pub(super) async fn verify<S: Store, B: Body>(
    receiver: &Receiver<S>,
    request: Request<B>,
) -> Result<(Unclaimed<S>, Parts), Receipt> {
    let (mut parts, body) = request.into_parts();
    let headers = Arc::new(core::mem::take(&mut parts.headers));
    let head = IncomingHead::new(Arc::clone(&headers))
        .method(parts.method.as_str())
        .url(url(
            parts.uri.authority().map(|authority| authority.as_str()),
            headers.get(HOST).and_then(|host| host.to_str().ok()),
            parts.uri.path_and_query().map(|path| path.as_str()),
        ));
    let mut body = pin!(body);
    let intake = receiver.begin(head)?;
    let unclaimed = intake.read(|cx| poll_chunk(body.as_mut(), cx)).await?;
    parts.headers = Arc::unwrap_or_clone(headers);
    Ok((unclaimed, parts))
}

/// The next chunk of data; trailers are nobody's.
fn poll_chunk<B: Body>(
    mut body: Pin<&mut B>,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, B::Error>>> {
    loop {
        let Some(frame) = ready!(body.as_mut().poll_frame(cx)) else {
            return Poll::Ready(None);
        };
        match frame.map(http_body::Frame::into_data) {
            Ok(Ok(mut data)) => {
                return Poll::Ready(Some(Ok(data.copy_to_bytes(data.remaining()))));
            }
            Ok(Err(_)) => {}
            Err(error) => return Poll::Ready(Some(Err(error))),
        }
    }
}
