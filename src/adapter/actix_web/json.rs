//! The extractor of verified JSON.

use alloc::boxed::Box;
use core::fmt;
use core::future::{Ready, ready};
use core::marker::PhantomData;
use core::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use serde::de::DeserializeOwned;

use super::{VerifiedWebhook, WebhookRejection};
use crate::adapter::json::parse;
use crate::adapter::{Layered, Place};
use crate::store::Store;
use crate::{Event, HandlerError, Receiver, Reply};

/// A verified webhook whose body is JSON of type `T`, parsed after verification.
///
/// A genuine body of another shape is refused for good: behind the middleware by the
/// status 422, which the sender never sees, alone when [`process`](Self::process) has
/// claimed the event.
///
/// ```
/// use actix_web::{HttpResponse, web};
/// use countersign::adapter::actix_web::VerifiedJson;
/// use countersign::store::MemoryStore;
/// use countersign::{Receiver, Reply};
///
/// #[derive(serde::Deserialize)]
/// struct Payment {
///     payment_id: String,
/// }
///
/// async fn behind_the_middleware(webhook: VerifiedJson<Payment>) -> HttpResponse {
///     println!("{} is paid", webhook.value().payment_id);
///     HttpResponse::Ok().finish()
/// }
///
/// async fn alone(webhook: VerifiedJson<Payment, Receiver<MemoryStore>>) -> HttpResponse {
///     webhook
///         .process(|_, payment| async move {
///             println!("{} is paid", payment.payment_id);
///             Ok(Reply::empty())
///         })
///         .await
/// }
/// # let _ = (web::post().to(behind_the_middleware), web::post().to(alone));
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
    /// Outside a task of the framework's.
    pub async fn process<F, Fut>(self, handler: F) -> HttpResponse
    where
        F: FnOnce(Event, T) -> Fut + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + 'static,
    {
        self.webhook
            .process(|event| async move {
                let value = parse(&event)?;
                handler(event, value).await
            })
            .await
    }
}

impl<T: DeserializeOwned> FromRequest for VerifiedJson<T> {
    type Error = WebhookRejection;
    type Future = Ready<Result<Self, WebhookRejection>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let webhook = VerifiedWebhook::<Layered>::from_request(request, payload).into_inner();
        ready(webhook.and_then(|webhook| {
            let value = parse(webhook.event()).map_err(WebhookRejection::json)?;
            Ok(Self { webhook, value })
        }))
    }
}

impl<T: 'static, S: Store> FromRequest for VerifiedJson<T, Receiver<S>> {
    type Error = WebhookRejection;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebhookRejection>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let webhook = VerifiedWebhook::<Receiver<S>>::from_request(request, payload);
        Box::pin(async move {
            Ok(Self {
                webhook: webhook.await?,
                value: PhantomData,
            })
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
