//! Why no handler ran, or none brought the request back.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use super::answer::response;
use crate::adapter::JsonError;
use crate::adapter::reason::Reason;
use crate::observe::{layer_is_missing, receiver_is_missing};
use crate::{Code, Receipt};

/// Why an extractor let no handler run; or, from the middleware, what a delivery came to
/// whose request the inner service did not give back.
///
/// As a response it is the answer for the sender: a status, an empty body unless the
/// receiver replies, `Retry-After` where due. The [`Receipt`] is in the response's
/// extensions.
///
/// ```
/// use actix_web::HttpResponse;
/// use countersign::adapter::actix_web::{VerifiedWebhook, WebhookRejection};
///
/// async fn paid(
///     webhook: Result<VerifiedWebhook, WebhookRejection>,
/// ) -> Result<HttpResponse, WebhookRejection> {
///     let webhook = webhook.inspect_err(|rejection| eprintln!("no webhook: {rejection}"))?;
///     assert!(!webhook.event().scheme().is_empty());
///     Ok(HttpResponse::Ok().finish())
/// }
/// # let _ = actix_web::web::post().to(paid);
/// ```
#[derive(Clone, Debug)]
#[must_use = "the sender waits for its answer"]
pub struct WebhookRejection(Why);

#[derive(Clone, Debug)]
enum Why {
    NoMiddleware,
    NoReceiver,
    NotJson(JsonError),
    Receipt(Box<Receipt>),
}

impl WebhookRejection {
    /// A fault of our own, not of the sender's; so it is told where operators look.
    pub(super) fn no_middleware() -> Self {
        layer_is_missing();
        Self(Why::NoMiddleware)
    }

    /// As well.
    pub(super) fn no_receiver() -> Self {
        receiver_is_missing();
        Self(Why::NoReceiver)
    }

    pub(super) const fn not_json(error: JsonError) -> Self {
        Self(Why::NotJson(error))
    }

    pub(super) fn of(receipt: Receipt) -> Self {
        Self(Why::Receipt(Box::new(receipt)))
    }

    /// What the delivery came to, if a receiver has judged it.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        match &self.0 {
            Why::Receipt(receipt) => Some(receipt),
            Why::NoMiddleware | Why::NoReceiver | Why::NotJson(_) => None,
        }
    }
}

impl ResponseError for WebhookRejection {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            Why::NoMiddleware | Why::NoReceiver => StatusCode::INTERNAL_SERVER_ERROR,
            Why::NotJson(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Why::Receipt(receipt) => {
                StatusCode::from_u16(receipt.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Why::Receipt(receipt) = &self.0 {
            return response(Receipt::clone(receipt), None);
        }
        let mut response = HttpResponse::new(self.status_code());
        // The middleware takes the reason from here to its receipt.
        if let Why::NotJson(error) = self.0 {
            response.extensions_mut().insert(Reason::of(error));
        }
        response
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::NoMiddleware => f.write_str("no WebhookMiddleware stands before a handler that takes a verified webhook; wrap the resource in it, or take VerifiedWebhook<Unclaimed<S>>"),
            Why::NoReceiver => f.write_str("the application has no receiver for VerifiedWebhook<Unclaimed<S>>; add web::Data::new(receiver), a Receiver<S> with the same S, with App::app_data"),
            Why::NotJson(error) => error.fmt(f),
            Why::Receipt(receipt) => match receipt.rejection() {
                Some(rejection) => rejection.fmt(f),
                None => {
                    let code = receipt.code().map_or("OK", Code::as_str);
                    write!(f, "the delivery was answered {}: {code}", receipt.status())
                }
            },
        }
    }
}

impl Error for WebhookRejection {}
