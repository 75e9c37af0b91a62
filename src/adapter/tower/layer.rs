//! The layer.

use alloc::sync::Arc;
use core::fmt;

use tower_layer::Layer;

use super::WebhookService;
use crate::adapter::Endpoints;

/// Lets genuine deliveries through to the inner service, each event once.
///
/// ```
/// use bytes::Bytes;
/// use countersign::adapter::tower::{VerifiedBody, WebhookLayer};
/// use countersign::scheme::catalogue::MUTOPAY;
/// use countersign::store::MemoryStore;
/// use countersign::{Event, KeyRing, Outgoing, Receipt, Receiver, Secret, Signer, Timestamp, Verifier};
/// use http::{Request, Response};
/// use http_body_util::{BodyExt, Full};
/// use tower::{ServiceBuilder, ServiceExt, service_fn};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let secret = Secret::new("current", "the channel's webhook secret")?;
/// let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with_secret(secret.clone())?)?;
/// let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
///
/// let service = ServiceBuilder::new()
///     .layer(WebhookLayer::new(receiver))
///     .service(service_fn(|request: Request<VerifiedBody>| async move {
///         let event = request.extensions().get::<Event>().ok_or("no layer")?;
///         assert_eq!(event.event_id(), None);
///         assert!(request.into_body().collect().await?.to_bytes().starts_with(b"{"));
///         Ok::<_, Box<dyn std::error::Error + Send + Sync>>(Response::new(Full::<Bytes>::default()))
///     }));
///
/// let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
/// let signed = Signer::new(MUTOPAY, &secret)?.sign(&Outgoing::new(body), Timestamp::now())?;
/// for expected in [None, Some("DUPLICATE_EVENT_ID")] {
///     let request = signed.headers().iter().fold(Request::post("/"), |request, (name, value)| {
///         request.header(name, value)
///     });
///     let request = request.body(Full::<Bytes>::from(signed.body().to_vec()))?;
///     let response = service.clone().oneshot(request).await?;
///     assert_eq!(response.status(), 200);
///     let receipt = response.extensions().get::<Receipt>().ok_or("no receipt")?;
///     assert_eq!(receipt.code().map(|code| code.as_str()), expected);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct WebhookLayer<S> {
    endpoints: Arc<Endpoints<S>>,
}

impl<S> WebhookLayer<S> {
    /// A layer over one [`Receiver`](crate::Receiver), or over [`Endpoints`] by name.
    pub fn new(endpoints: impl Into<Endpoints<S>>) -> Self {
        Self {
            endpoints: Arc::new(endpoints.into()),
        }
    }
}

impl<I, S> Layer<I> for WebhookLayer<S> {
    type Service = WebhookService<I, S>;

    fn layer(&self, inner: I) -> Self::Service {
        WebhookService::new(inner, Arc::clone(&self.endpoints))
    }
}

impl<S> Clone for WebhookLayer<S> {
    fn clone(&self) -> Self {
        Self {
            endpoints: Arc::clone(&self.endpoints),
        }
    }
}

impl<S> fmt::Debug for WebhookLayer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookLayer")
            .field("endpoints", &self.endpoints)
            .finish()
    }
}
