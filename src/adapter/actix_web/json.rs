//! The extractor of typed JSON.

use core::fmt;
use core::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::{VerifiedWebhook, WebhookRejection};
use crate::Event;
use crate::adapter::json::parse;

/// The JSON body of a delivery, parsed after its signature has matched; behind
/// [`WebhookMiddleware`](super::WebhookMiddleware).
///
/// ```
/// use actix_web::HttpResponse;
/// use countersign::adapter::actix_web::VerifiedJson;
/// # use actix_web::{App, test, web};
/// # use countersign::adapter::actix_web::WebhookMiddleware;
/// # use countersign::scheme::catalogue::MUTOPAY;
/// # use countersign::store::MemoryStore;
/// # use countersign::{KeyRing, Outgoing, Receiver, Secret, Signer, Timestamp, Verifier};
///
/// #[derive(serde::Deserialize)]
/// struct Payment {
///     payment_id: String,
/// }
///
/// async fn paid(payment: VerifiedJson<Payment>) -> HttpResponse {
///     assert_eq!(payment.event().scheme(), "mutopay");
///     HttpResponse::Ok().body(payment.into_value().payment_id)
/// }
///
/// # actix_web::rt::System::new().block_on(async {
/// # let secret = Secret::new("current", "the channel's webhook secret")?;
/// # let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with_secret(secret.clone())?)?;
/// # let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
/// # let resource = web::resource("/mutopay").wrap(WebhookMiddleware::new(receiver)).to(paid);
/// # let app = test::init_service(App::new().service(resource)).await;
/// # let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
/// # let signed = Signer::new(MUTOPAY, &secret)?.sign(&Outgoing::new(body), Timestamp::now())?;
/// # let request = test::TestRequest::post().uri("/mutopay").set_payload(body.as_slice());
/// # let request = signed.headers().iter().fold(request, |request, (name, value)| {
/// #     request.append_header((name.as_str(), value.as_str()))
/// # });
/// # assert_eq!(test::call_and_read_body(&app, request.to_request()).await, "p1");
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

impl<T: DeserializeOwned> FromRequest for VerifiedJson<T> {
    type Error = WebhookRejection;
    type Future = Ready<Result<Self, WebhookRejection>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(VerifiedWebhook::of(request).and_then(|webhook| {
            let event = webhook.into_event();
            let value = parse(&event).map_err(WebhookRejection::not_json)?;
            Ok(Self { event, value })
        }))
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
