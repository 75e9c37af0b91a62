//! The extractor of typed JSON.

use core::fmt;
use core::marker::PhantomData;

use axum_core::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum_core::response::Response;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{VerifiedWebhook, WebhookRejection};
use crate::adapter::json::parse;
use crate::adapter::{Layered, Place};
use crate::store::Store;
use crate::{Event, HandlerError, Receiver, Reply};

/// A verified webhook whose body is JSON of type `T`, parsed after verification.
///
/// A genuine body of another shape is refused for good: behind the layer by the status
/// 422, which the sender never sees, alone when [`process`](Self::process) has claimed the
/// event.
///
/// ```
/// use axum::Router;
/// use axum::response::Response;
/// use axum::routing::post;
/// use countersign::adapter::axum::VerifiedJson;
/// use countersign::adapter::tower::WebhookLayer;
/// use countersign::store::MemoryStore;
/// use countersign::{Receiver, Reply};
/// # use axum::body::Body;
/// # use axum::http::Request;
/// # use countersign::scheme::catalogue::MUTOPAY;
/// # use countersign::{KeyRing, Outgoing, Receipt, Secret, Signer, Timestamp, Verifier};
/// # use tower::ServiceExt;
///
/// #[derive(serde::Deserialize)]
/// struct Payment {
///     payment_id: String,
/// }
///
/// async fn behind_the_layer(webhook: VerifiedJson<Payment>) {
///     assert_eq!(webhook.value().payment_id, "p1");
/// }
///
/// async fn alone(webhook: VerifiedJson<Payment, Receiver<MemoryStore>>) -> Response {
///     webhook
///         .process(|_, payment| async move {
///             assert_eq!(payment.payment_id, "p1");
///             Ok(Reply::empty())
///         })
///         .await
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// # let secret = Secret::new("current", "the channel's webhook secret")?;
/// # let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with_secret(secret.clone())?)?;
/// # let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
/// let app = Router::new()
///     .route("/layered", post(behind_the_layer).layer(WebhookLayer::new(receiver.clone())))
///     .route("/alone", post(alone))
///     .with_state(receiver);
/// # let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
/// # let signed = Signer::new(MUTOPAY, &secret)?.sign(&Outgoing::new(body), Timestamp::now())?;
/// # for (path, expected) in [("/layered", None), ("/alone", Some("DUPLICATE_EVENT_ID"))] {
/// #     let request = signed.headers().iter().fold(Request::post(path), |request, (name, value)| {
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
#[must_use = "an unclaimed event is not processed, and its sender waits"]
pub struct VerifiedJson<T, P: Place = Layered> {
    webhook: VerifiedWebhook<P>,
    value: P::Json<T>,
}

impl<T> VerifiedJson<T> {
    /// The event, claimed for this request.
    #[must_use]
    pub const fn event(&self) -> &Event {
        self.webhook.event()
    }

    /// What the body says.
    #[must_use]
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// The event, and what its body says.
    #[must_use]
    pub fn into_parts(self) -> (Event, T) {
        (self.webhook.into_event(), self.value)
    }
}

impl<T, S> VerifiedJson<T, Receiver<S>>
where
    T: DeserializeOwned + 'static,
    S: Store,
{
    /// As [`VerifiedWebhook::process`], for a handler that also takes what the body says.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with its time driver enabled.
    pub async fn process<F, Fut>(self, handler: F) -> Response
    where
        F: FnOnce(Event, T) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
    {
        self.webhook
            .process(|event| async move {
                let handling = handler(event.clone(), parse(&event)?);
                handling.await
            })
            .await
    }
}

/// Behind the layer.
impl<T: DeserializeOwned, St: Sync> FromRequestParts<St> for VerifiedJson<T> {
    type Rejection = WebhookRejection;

    async fn from_request_parts(parts: &mut Parts, state: &St) -> Result<Self, WebhookRejection> {
        let webhook = VerifiedWebhook::from_request_parts(parts, state).await?;
        let value = parse(webhook.event()).map_err(WebhookRejection::json)?;
        Ok(Self { webhook, value })
    }
}

/// Alone.
impl<T, S, St> FromRequest<St> for VerifiedJson<T, Receiver<S>>
where
    S: Store,
    St: Sync,
    Receiver<S>: FromRef<St>,
{
    type Rejection = WebhookRejection;

    async fn from_request(request: Request, state: &St) -> Result<Self, WebhookRejection> {
        Ok(Self {
            webhook: VerifiedWebhook::from_request(request, state).await?,
            value: PhantomData,
        })
    }
}

/// Without the value, which is the body's.
impl<T, P: Place> fmt::Debug for VerifiedJson<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedJson")
            .field("webhook", &self.webhook)
            .finish_non_exhaustive()
    }
}
