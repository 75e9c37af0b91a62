//! The extractor of verified webhooks.

use alloc::boxed::Box;
use core::fmt;
use core::future::{Ready, ready};
use core::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use serde::de::DeserializeOwned;

use super::WebhookRejection;
use super::answer::response;
use super::intake::verify;
use super::local;
use crate::adapter::json::parse;
use crate::store::Store;
use crate::{Event, HandlerError, Receiver, Reply, Unclaimed};

/// A delivery whose signature has matched.
///
/// Behind [`WebhookMiddleware`](super::WebhookMiddleware) it is an event that is claimed
/// already, and what the handler answers settles it. `VerifiedWebhook<Unclaimed<S>>` stands
/// alone, over the `Receiver<S>` in the application's `web::Data`:
///
/// ```
/// use actix_web::{App, HttpResponse, test, web};
/// use countersign::adapter::actix_web::VerifiedWebhook;
/// use countersign::scheme::catalogue::MUTOPAY;
/// use countersign::store::MemoryStore;
/// use countersign::{
///     KeyRing, Outgoing, Receiver, Reply, Secret, Signer, Timestamp, Unclaimed, Verifier,
/// };
///
/// async fn paid(webhook: VerifiedWebhook<Unclaimed<MemoryStore>>) -> HttpResponse {
///     webhook
///         .process(|event| async move {
///             assert!(event.body().starts_with(b"{"));
///             Ok(Reply::empty())
///         })
///         .await
/// }
///
/// # actix_web::rt::System::new().block_on(async {
/// let secret = Secret::new("current", "the channel's webhook secret")?;
/// let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with_secret(secret.clone())?)?;
/// let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
/// let app = App::new().app_data(web::Data::new(receiver)).route("/mutopay", web::post().to(paid));
/// let app = test::init_service(app).await;
///
/// let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
/// let signed = Signer::new(MUTOPAY, &secret)?.sign(&Outgoing::new(body), Timestamp::now())?;
/// for (payload, status) in [(&body[..], 200), (&body[..], 200), (b"{}", 401)] {
///     let request = test::TestRequest::post().uri("/mutopay").set_payload(payload);
///     let request = signed.headers().iter().fold(request, |request, (name, value)| {
///         request.append_header((name.as_str(), value.as_str()))
///     });
///     let response = test::call_service(&app, request.to_request()).await;
///     assert_eq!(response.status(), status);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "alone, its event is not processed, and its sender waits"]
pub struct VerifiedWebhook<P = Event>(P);

impl VerifiedWebhook {
    pub(super) fn of(request: &HttpRequest) -> Result<Self, WebhookRejection> {
        let event = request.extensions().get::<Event>().cloned();
        event.map(Self).ok_or_else(WebhookRejection::no_middleware)
    }

    /// The event.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.0
    }

    /// The event, owned.
    #[must_use]
    pub fn into_event(self) -> Event {
        self.0
    }
}

impl<S> VerifiedWebhook<Unclaimed<S>> {
    /// The event. It may have been processed before: only the store knows.
    #[must_use]
    pub const fn event(&self) -> &Event {
        self.0.event()
    }
}

impl<S: Store> VerifiedWebhook<Unclaimed<S>> {
    /// Claims the event, lets the handler run if it is the first time, and settles; the
    /// response is the one for the sender.
    ///
    /// The handler runs in a task of its own, on this thread. A client that hangs up
    /// cancels nothing; the handler's time-out cancels it where it awaits.
    ///
    /// # Panics
    ///
    /// Outside a task of the framework's.
    pub async fn process<F, Fut>(self, handler: F) -> HttpResponse
    where
        F: FnOnce(Event) -> Fut + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + 'static,
    {
        response(local::process(self.0, handler).await, None)
    }

    /// As [`process`](Self::process), for a body that is JSON. One that is not a `T` is
    /// refused for good, and the handler does not run.
    ///
    /// # Panics
    ///
    /// Outside a task of the framework's.
    pub async fn process_json<T, F, Fut>(self, handler: F) -> HttpResponse
    where
        T: DeserializeOwned,
        F: FnOnce(Event, T) -> Fut + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + 'static,
    {
        let handler = |event: Event| async move {
            let value = parse(&event).map_err(HandlerError::reject)?;
            handler(event, value).await
        };
        self.process(handler).await
    }
}

/// Behind the middleware.
impl FromRequest for VerifiedWebhook {
    type Error = WebhookRejection;
    type Future = Ready<Result<Self, WebhookRejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

/// Alone.
impl<S: Store> FromRequest for VerifiedWebhook<Unclaimed<S>> {
    type Error = WebhookRejection;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebhookRejection>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let receiver = request.app_data::<web::Data<Receiver<S>>>().cloned();
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let receiver = receiver.ok_or_else(WebhookRejection::no_receiver)?;
            let unclaimed = verify(&receiver, &request, payload).await;
            unclaimed.map(Self).map_err(WebhookRejection::of)
        })
    }
}

impl<P: fmt::Debug> fmt::Debug for VerifiedWebhook<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VerifiedWebhook").field(&self.0).finish()
    }
}
