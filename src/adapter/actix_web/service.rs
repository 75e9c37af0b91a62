//! The service: one request through the receiver, and back.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::ToString;
use alloc::sync::Arc;
use core::cell::Cell;
use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll};

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse};

use super::WebhookRejection;
use super::answer::{nobody_is_here, response};
use super::intake::verify;
use super::local::process;
use super::payload::payload;
use crate::adapter::Endpoints;
use crate::adapter::answered::Answered;
use crate::store::Store;
use crate::{Event, HandlerError, Receiver, Reply};

/// Lets genuine deliveries through to `I`, each event once. Made by
/// [`WebhookMiddleware`](super::WebhookMiddleware).
pub struct WebhookService<I, S> {
    inner: Rc<I>,
    endpoints: Arc<Endpoints<S>>,
}

/// What a request came to: a response, or the error that makes it where the inner
/// service did not give the request back.
type Outcome = Result<ServiceResponse<BoxBody>, Error>;

/// Where the request is. Who has it can make a response of the framework's.
#[derive(Default)]
enum Seat {
    /// The inner service has not been called.
    Waiting(ServiceRequest),
    /// It has answered, with this head where its answer is a success.
    Answered(HttpRequest, Option<HttpResponse<()>>),
    /// It has the request, or has lost it.
    #[default]
    Taken,
}

impl<I, S> WebhookService<I, S> {
    pub(super) const fn new(inner: Rc<I>, endpoints: Arc<Endpoints<S>>) -> Self {
        Self { inner, endpoints }
    }
}

impl<I, S, B> Service<ServiceRequest> for WebhookService<I, S>
where
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S: Store,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    /// Dropped before the body has come, it leaves no trace; dropped later, the delivery
    /// is processed all the same.
    type Future = Pin<Box<dyn Future<Output = Outcome>>>;

    /// Always ready: the inner service is waited for only by a delivery that reaches it.
    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let endpoints = Arc::clone(&self.endpoints);
        let inner = Rc::clone(&self.inner);
        Box::pin(async move {
            match endpoints.find(request.path()) {
                Some(receiver) => receive(receiver, inner, request).await,
                None => Ok(request.into_response(nobody_is_here())),
            }
        })
    }
}

async fn receive<I, S, B>(
    receiver: &Receiver<S>,
    inner: Rc<I>,
    mut request: ServiceRequest,
) -> Outcome
where
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S: Store,
    B: MessageBody + 'static,
{
    let payload = request.take_payload();
    let unclaimed = match verify(receiver, request.request(), payload).await {
        Ok(unclaimed) => unclaimed,
        Err(receipt) => return Ok(request.into_response(response(receipt, None))),
    };
    let seat = Rc::new(Cell::new(Seat::Waiting(request)));
    let taken = Rc::clone(&seat);
    let receipt = process(unclaimed, move |event| async move {
        call(&inner, event, &taken).await
    })
    .await;
    match seat.take() {
        Seat::Waiting(request) => Ok(request.into_response(response(receipt, None))),
        Seat::Answered(request, own) => Ok(ServiceResponse::new(request, response(receipt, own))),
        Seat::Taken => Err(WebhookRejection::of(receipt).into()),
    }
}

/// Calls the inner service with a verified event, and reads what it answers.
async fn call<I, B>(inner: &I, event: Event, seat: &Cell<Seat>) -> Result<Reply, HandlerError>
where
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody + 'static,
{
    poll_fn(|cx| inner.poll_ready(cx)).await.map_err(failed)?;
    let Seat::Waiting(mut request) = seat.take() else {
        // Never: the handler runs once.
        return Err(HandlerError::retry("the request is gone"));
    };
    request.set_payload(payload(&event));
    request.extensions_mut().insert(event);
    // An error is a response too: of a middleware further in, which kept the request.
    let (request, own) = match inner.call(request).await {
        Ok(answered) => {
            let (request, response) = answered.into_parts();
            (Some(request), response.map_into_boxed_body())
        }
        Err(error) => (None, HttpResponse::from_error(error)),
    };
    let (own, body) = own.into_parts();
    let status = own.status().as_u16();
    let kind = own.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let encoding = own.headers().get(CONTENT_ENCODING).cloned();
    let reason = own.extensions().get().cloned();
    let reply = match Answered::check(status, reason) {
        Ok(()) => to_bytes(body)
            .await
            .map_err(failed)
            .map(|body| Reply::new(kind, body).status(status))
            .map(|reply| match &encoding {
                Some(encoding) => reply.with_header("content-encoding".into(), encoding.as_bytes()),
                None => reply,
            }),
        Err(error) => Err(error),
    };
    if let Some(request) = request {
        let own = reply.is_ok().then_some(own);
        seat.set(Seat::Answered(request, own));
    }
    reply
}

/// An error of the framework's stays on its thread; what it says does not.
fn failed(error: impl ToString) -> HandlerError {
    HandlerError::retry(error.to_string())
}

impl<I, S> fmt::Debug for WebhookService<I, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookService")
            .field("endpoints", &self.endpoints)
            .finish_non_exhaustive()
    }
}
