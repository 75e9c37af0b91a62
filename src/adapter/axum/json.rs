//! The extractor of typed JSON.

use core::fmt;

use axum_core::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{VerifiedWebhook, WebhookRejection};
use crate::Event;
use crate::adapter::json::parse;

/// The JSON body of a delivery, parsed after its signature has matched; behind a
/// [`WebhookLayer`](crate::adapter::tower::WebhookLayer).
///
/// ```
/// use axum::Router;
/// use axum::routing::post;
/// use countersign::adapter::axum::VerifiedJson;
/// use countersign::adapter::tower::WebhookLayer;
/// # use axum::body::Body;
/// # use axum::http::Request;
/// # use countersign::scheme::catalogue::MUTOPAY;
/// # use countersign::store::MemoryStore;
/// # use countersign::{KeyRing, Outgoing, Receipt, Receiver, Secret, Signer, Timestamp, Verifier};
/// # use tower::ServiceExt;
///
/// #[derive(serde::Deserialize)]
/// struct Payment {
///     payment_id: String,
/// }
///
/// async fn paid(payment: VerifiedJson<Payment>) {
///     assert_eq!(payment.event().scheme(), "mutopay");
///     assert_eq!(payment.value().payment_id, "p1");
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// # let secret = Secret::new("current", "the channel's webhook secret")?;
/// # let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with_secret(secret.clone())?)?;
/// # let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
/// let app = Router::new().route("/mutopay", post(paid).layer(WebhookLayer::new(receiver)));
/// # let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
/// # let signed = Signer::new(MUTOPAY, &secret)?.sign(&Outgoing::new(body), Timestamp::now())?;
/// # let request = signed.headers().iter().fold(Request::post("/mutopay"), |request, (name, value)| {
/// #     request.header(name, value)
/// # });
/// # let response = app.oneshot(request.body(Body::from(body.as_slice()))?).await?;
/// # assert_eq!(response.status(), 200);
/// # assert!(response.extensions().get::<Receipt>().is_some_and(|receipt| receipt.code().is_none()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct VerifiedJson<T> {
    event: Event,
    value: T,
}

impl<T> VerifiedJson<T> {
    /// The event that the value came with.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }

    /// The value.
    #[must_use]
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// The value, owned.
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T: DeserializeOwned, St: Sync> FromRequestParts<St> for VerifiedJson<T> {
    type Rejection = WebhookRejection;

    async fn from_request_parts(parts: &mut Parts, state: &St) -> Result<Self, WebhookRejection> {
        let webhook = VerifiedWebhook::from_request_parts(parts, state).await?;
        let event = webhook.into_event();
        let value = parse(&event).map_err(WebhookRejection::not_json)?;
        Ok(Self { event, value })
    }
}

/// Without the value, which is the sender's.
impl<T> fmt::Debug for VerifiedJson<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedJson")
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}
