//! The service: one request through the receiver, and back.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::convert::Infallible;
use core::error::Error;
use core::fmt;
use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};
use std::sync::OnceLock;

use bytes::{Buf, Bytes};
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{Request, Response, response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tower_service::Service;

use super::VerifiedBody;
use super::answer::{nobody_is_here, response};
use crate::adapter::Endpoints;
use crate::adapter::answered::Answered;
use crate::adapter::url::url;
use crate::store::Store;
use crate::{Event, HandlerError, IncomingHead, Receiver, Reply};

/// Lets genuine deliveries through to `I`, each event once. Made by
/// [`WebhookLayer`](super::WebhookLayer).
pub struct WebhookService<I, S> {
    inner: I,
    endpoints: Arc<Endpoints<S>>,
}

/// The response to a delivery. Dropped before the body has come, it leaves no trace;
/// dropped later, the delivery is processed all the same.
pub struct ResponseFuture(Pin<Box<dyn Future<Output = Response<Full<Bytes>>> + Send>>);

/// An error of the inner service or of a body.
type BoxError = Box<dyn Error + Send + Sync>;

impl<I, S> WebhookService<I, S> {
    pub(super) const fn new(inner: I, endpoints: Arc<Endpoints<S>>) -> Self {
        Self { inner, endpoints }
    }
}

impl<I, S, B, R> Service<Request<B>> for WebhookService<I, S>
where
    I: Service<Request<VerifiedBody>, Response = Response<R>> + Clone + Send + 'static,
    I::Future: Send,
    I::Error: Into<BoxError>,
    S: Store,
    B: Body + Send + 'static,
    B::Data: Send,
    R: Body + Send + 'static,
    R::Data: Send,
    R::Error: Into<BoxError>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = ResponseFuture;

    /// Always ready: the inner service is waited for only by a delivery that reaches it.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> ResponseFuture {
        let endpoints = Arc::clone(&self.endpoints);
        let inner = self.inner.clone();
        ResponseFuture(Box::pin(async move {
            match endpoints.find(request.uri().path()) {
                Some(receiver) => receive(receiver, inner, request).await,
                None => nobody_is_here(),
            }
        }))
    }
}

async fn receive<I, S, B, R>(
    receiver: &Receiver<S>,
    inner: I,
    request: Request<B>,
) -> Response<Full<Bytes>>
where
    I: Service<Request<VerifiedBody>, Response = Response<R>> + Send + 'static,
    I::Future: Send,
    I::Error: Into<BoxError>,
    S: Store,
    B: Body,
    R: Body + Send + 'static,
    R::Data: Send,
    R::Error: Into<BoxError>,
{
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
    let unclaimed = match receiver.begin(head) {
        Ok(intake) => intake.read(|cx| poll_chunk(body.as_mut(), cx)).await,
        Err(receipt) => Err(receipt),
    };
    let unclaimed = match unclaimed {
        Ok(unclaimed) => unclaimed,
        Err(receipt) => return response(receipt, None),
    };
    parts.headers = Arc::unwrap_or_clone(headers);
    let own = Arc::new(OnceLock::new());
    let told = Arc::clone(&own);
    let receipt = unclaimed
        .process(move |event| call(inner, parts, event, told))
        .await;
    let own = Arc::into_inner(own).and_then(OnceLock::into_inner);
    response(receipt, own)
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

/// Calls the inner service with a verified event, and reads what it answers.
async fn call<I, R>(
    mut inner: I,
    parts: Parts,
    event: Event,
    told: Arc<OnceLock<response::Parts>>,
) -> Result<Reply, HandlerError>
where
    I: Service<Request<VerifiedBody>, Response = Response<R>>,
    I::Error: Into<BoxError>,
    R: Body,
    R::Error: Into<BoxError>,
{
    let mut request = Request::from_parts(parts, VerifiedBody::new(&event));
    request.extensions_mut().insert(event);
    poll_fn(|cx| inner.poll_ready(cx))
        .await
        .map_err(HandlerError::retry)?;
    let response = inner.call(request).await.map_err(HandlerError::retry)?;
    let (parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    Answered::check(status)?;
    let body = body.collect().await.map_err(HandlerError::retry)?;
    let kind = parts.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let reply = Reply::new(kind, body.to_bytes()).status(status);
    // Set once: the handler runs once.
    let _ = told.set(parts);
    Ok(reply)
}

impl<I: Clone, S> Clone for WebhookService<I, S> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            endpoints: Arc::clone(&self.endpoints),
        }
    }
}

impl<I, S> fmt::Debug for WebhookService<I, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookService")
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<Full<Bytes>>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
