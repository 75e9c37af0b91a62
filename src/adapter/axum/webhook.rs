//! The extractor.

use core::fmt;

use axum_core::body::Body;
use axum_core::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum_core::response::Response;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::WebhookRejection;
use crate::adapter::json::parse;
use crate::adapter::request::verify;
use crate::adapter::response::response;
use crate::store::Store;
use crate::{Event, HandlerError, Receiver, Reply, Unclaimed};

/// A delivery whose signature has matched.
///
/// Behind a [`WebhookLayer`](crate::adapter::tower::WebhookLayer), which settles by the
/// handler's status:
///
/// ```
/// use axum::Router;
/// use axum::http::StatusCode;
/// use axum::routing::post;
/// use countersign::adapter::axum::VerifiedWebhook;
/// use countersign::adapter::tower::WebhookLayer;
/// # use countersign::scheme::catalogue::MUTOPAY;
/// # use countersign::store::MemoryStore;
/// # use countersign::{KeyRing, Receiver, Verifier};
///
/// async fn paid(webhook: VerifiedWebhook) -> StatusCode {
///     if webhook.event().body().is_empty() {
///         return StatusCode::UNPROCESSABLE_ENTITY;
///     }
///     StatusCode::OK
/// }
///
/// # let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with("current", "the channel's webhook secret")?)?;
/// # let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
/// let app: Router = Router::new().route("/mutopay", post(paid).layer(WebhookLayer::new(receiver)));
/// # Ok::<(), countersign::ConfigError>(())
/// ```
///
/// Alone, with the receiver in the state:
///
/// ```
/// use axum::Router;
/// use axum::response::Response;
/// use axum::routing::post;
/// use countersign::adapter::axum::VerifiedWebhook;
/// use countersign::store::MemoryStore;
/// use countersign::{Reply, Unclaimed};
/// # use axum::body::Body;
/// # use axum::http::Request;
/// # use countersign::scheme::catalogue::MUTOPAY;
/// # use countersign::{KeyRing, Outgoing, Receipt, Receiver, Secret, Signer, Timestamp, Verifier};
/// # use tower::ServiceExt;
///
/// async fn paid(webhook: VerifiedWebhook<Unclaimed<MemoryStore>>) -> Response {
///     webhook
///         .process(|event| async move {
///             assert!(event.body().starts_with(b"{"));
///             Ok(Reply::empty())
///         })
///         .await
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// # let secret = Secret::new("current", "the channel's webhook secret")?;
/// # let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with_secret(secret.clone())?)?;
/// # let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
/// let app = Router::new().route("/mutopay", post(paid)).with_state(receiver);
/// # let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
/// # let signed = Signer::new(MUTOPAY, &secret)?.sign(&Outgoing::new(body), Timestamp::now())?;
/// # for expected in [None, Some("DUPLICATE_EVENT_ID")] {
/// #     let request = signed.headers().iter().fold(Request::post("/mutopay"), |request, (name, value)| {
/// #         request.header(name, value)
/// #     });
/// #     let response = app.clone().oneshot(request.body(Body::from(body.as_slice()))?).await?;
/// #     assert_eq!(response.status(), 200);
/// #     let receipt = response.extensions().get::<Receipt>().ok_or("no receipt")?;
/// #     assert_eq!(receipt.code().map(|code| code.as_str()), expected);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "alone, its event is not processed, and its sender waits"]
pub struct VerifiedWebhook<P = Event>(P);

impl VerifiedWebhook {
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
    /// Claims the event, lets the handler run if it is the first time, settles, and makes
    /// the answer, as [`Unclaimed::process`] does.
    ///
    /// A client that hangs up cancels nothing.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with its time driver enabled.
    pub async fn process<F, Fut>(self, handler: F) -> Response
    where
        F: FnOnce(Event) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
    {
        response(self.0.process(handler).await, None).map(Body::new)
    }

    /// As [`process`](Self::process), for a body that is JSON. One that is not a `T` is
    /// refused for good, and the handler does not run.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with its time driver enabled.
    pub async fn process_json<T, F, Fut>(self, handler: F) -> Response
    where
        T: DeserializeOwned + Send + 'static,
        F: FnOnce(Event, T) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
    {
        let handler = |event: Event| async move {
            let value = parse(&event).map_err(HandlerError::reject)?;
            handler(event, value).await
        };
        self.process(handler).await
    }
}

/// Behind the layer.
impl<St: Sync> FromRequestParts<St> for VerifiedWebhook {
    type Rejection = WebhookRejection;

    async fn from_request_parts(parts: &mut Parts, _: &St) -> Result<Self, WebhookRejection> {
        let event = parts.extensions.get::<Event>().cloned();
        event.map(Self).ok_or_else(WebhookRejection::no_layer)
    }
}

/// Alone.
impl<S, St> FromRequest<St> for VerifiedWebhook<Unclaimed<S>>
where
    S: Store,
    St: Sync,
    Receiver<S>: FromRef<St>,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &St) -> Result<Self, WebhookRejection> {
        let receiver = Receiver::from_ref(state);
        match verify(&receiver, request).await {
            Ok((unclaimed, _)) => Ok(Self(unclaimed)),
            Err(receipt) => Err(WebhookRejection::of(receipt)),
        }
    }
}

impl<P: fmt::Debug> fmt::Debug for VerifiedWebhook<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VerifiedWebhook").field(&self.0).finish()
    }
}
