//! The middleware, as an application wraps itself in it.

use alloc::rc::Rc;
use alloc::sync::Arc;
use core::fmt;
use core::future::{Ready, ready};

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};

use super::WebhookService;
use crate::adapter::Endpoints;
use crate::store::Store;

/// Lets genuine deliveries through to the services that it wraps, each event once.
///
/// A clone is the same middleware: make it before the factory of the workers' `App`, and
/// give each a clone.
///
/// ```
/// use actix_web::{App, HttpResponse, test, web};
/// use countersign::adapter::actix_web::{VerifiedWebhook, WebhookMiddleware};
/// use countersign::scheme::catalogue::MUTOPAY;
/// use countersign::store::MemoryStore;
/// use countersign::{KeyRing, Outgoing, Receipt, Receiver, Secret, Signer, Timestamp, Verifier};
///
/// async fn paid(webhook: VerifiedWebhook) -> HttpResponse {
///     assert!(webhook.event().body().starts_with(b"{"));
///     HttpResponse::Ok().finish()
/// }
///
/// # actix_web::rt::System::new().block_on(async {
/// let secret = Secret::new("current", "the channel's webhook secret")?;
/// let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with_secret(secret.clone())?)?;
/// let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
/// let webhooks = WebhookMiddleware::new(receiver);
///
/// let resource = web::resource("/mutopay").wrap(webhooks.clone()).route(web::post().to(paid));
/// let app = test::init_service(App::new().service(resource)).await;
///
/// let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
/// let signed = Signer::new(MUTOPAY, &secret)?.sign(&Outgoing::new(body), Timestamp::now())?;
/// for expected in [None, Some("DUPLICATE_EVENT_ID")] {
///     let request = test::TestRequest::post().uri("/mutopay").set_payload(body.as_slice());
///     let request = signed.headers().iter().fold(request, |request, (name, value)| {
///         request.append_header((name.as_str(), value.as_str()))
///     });
///     let response = test::call_service(&app, request.to_request()).await;
///     assert_eq!(response.status(), 200);
///     let extensions = response.response().extensions();
///     let receipt = extensions.get::<Receipt>().ok_or("no receipt")?;
///     assert_eq!(receipt.code().map(|code| code.as_str()), expected);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct WebhookMiddleware<S> {
    endpoints: Arc<Endpoints<S>>,
}

impl<S> WebhookMiddleware<S> {
    /// A middleware over one [`Receiver`](crate::Receiver), or over [`Endpoints`] by name.
    pub fn new(endpoints: impl Into<Endpoints<S>>) -> Self {
        Self {
            endpoints: Arc::new(endpoints.into()),
        }
    }
}

impl<I, S, B> Transform<I, ServiceRequest> for WebhookMiddleware<S>
where
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    S: Store,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<BoxBody>;
    type Error = Error;
    type Transform = WebhookService<I, S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: I) -> Self::Future {
        ready(Ok(WebhookService::new(
            Rc::new(inner),
            Arc::clone(&self.endpoints),
        )))
    }
}

impl<S> Clone for WebhookMiddleware<S> {
    fn clone(&self) -> Self {
        Self {
            endpoints: Arc::clone(&self.endpoints),
        }
    }
}

impl<S> fmt::Debug for WebhookMiddleware<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookMiddleware")
            .field("endpoints", &self.endpoints)
            .finish()
    }
}
