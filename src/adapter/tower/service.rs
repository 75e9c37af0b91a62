//! The service: one request through the receiver, and back.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::convert::Infallible;
use core::error::Error;
use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::OnceLock;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use http_body_util::BodyExt;
use tower_service::Service;

use super::VerifiedBody;
use crate::adapter::Endpoints;
use crate::adapter::answered::Answered;
use crate::adapter::request::verify;
use crate::adapter::response::{Own, ResponseBody, nobody_is_here, response};
use crate::store::Store;
use crate::{Event, HandlerError, Receiver, Reply};

/// Lets genuine deliveries through to `I`, each event once. Made by
/// [`WebhookLayer`](super::WebhookLayer).
pub struct WebhookService<I, S> {
    inner: I,
    endpoints: Arc<Endpoints<S>>,
}

/// The response to a delivery. Dropped before the body has come, it leaves no trace;
/// dropped later, the delivery is processed all the same.
pub struct ResponseFuture(Pin<Box<dyn Future<Output = Response<ResponseBody>> + Send>>);

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
    type Response = Response<ResponseBody>;
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
) -> Response<ResponseBody>
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
    let (unclaimed, parts) = match verify(receiver, request).await {
        Ok(verified) => verified,
        Err(receipt) => return response(receipt, None),
    };
    let own = Arc::new(OnceLock::new());
    let told = Arc::clone(&own);
    let receipt = unclaimed
        .process(move |event| call(inner, parts, event, told))
        .await;
    let own = Arc::into_inner(own).and_then(OnceLock::into_inner);
    response(receipt, own)
}

/// Calls the inner service with a verified event, and reads what it answers.
async fn call<I, R>(
    mut inner: I,
    parts: Parts,
    event: Event,
    told: Arc<OnceLock<Own>>,
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
    let (mut parts, body) = response.into_parts();
    let status = parts.status.as_u16();
    Answered::check(status, parts.extensions.remove())?;
    let body = body.collect().await.map_err(HandlerError::retry)?;
    let kind = parts.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let trailers = body.trailers().cloned();
    let mut reply = Reply::new(kind, body.to_bytes()).status(status);
    if let Some(encoding) = parts.headers.get(CONTENT_ENCODING) {
        reply = reply.with_header("content-encoding".into(), encoding.as_bytes());
    }
    // Set once: the handler runs once.
    let _ = told.set(Own { parts, trailers });
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
    type Output = Result<Response<ResponseBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http_body_util::Full;
    use tower::{Layer, ServiceExt, service_fn};

    use super::*;
    use crate::adapter::tower::WebhookLayer;
    use crate::scheme::catalogue::MUTOPAY;
    use crate::store::MemoryStore;
    use crate::{KeyRing, Outgoing, Secret, Signer, Timestamp, Verifier};

    /// gRPC tells its outcome in trailers.
    #[tokio::test]
    async fn trailers_of_an_answer_of_success_leave_with_it() {
        let secret = Secret::new("current", "the channel's webhook secret").unwrap();
        let ring = KeyRing::new().with_secret(secret.clone()).unwrap();
        let verifier = Verifier::new(MUTOPAY, &ring).unwrap();
        let store = MemoryStore::with_capacity(100);
        let layer = WebhookLayer::new(Receiver::builder(verifier, store).build().unwrap());
        let service = layer.layer(service_fn(|_: Request<VerifiedBody>| async {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", "0".parse().unwrap());
            let body = Full::<bytes::Bytes>::from("done");
            let body = body.with_trailers(core::future::ready(Some(Ok(trailers))));
            Ok::<_, Infallible>(Response::new(body))
        }));
        let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
        let signed = Signer::new(MUTOPAY, &secret).unwrap();
        let signed = signed.sign(&Outgoing::new(body), Timestamp::now()).unwrap();
        let request = signed
            .headers()
            .iter()
            .fold(Request::post("/"), |request, (name, value)| {
                request.header(name, value)
            });
        let body = Full::<bytes::Bytes>::from(signed.body().to_vec());
        let answer = service.oneshot(request.body(body).unwrap()).await.unwrap();
        let collected = answer.into_body().collect().await.unwrap();
        assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
        assert_eq!(collected.to_bytes(), "done");
    }
}
