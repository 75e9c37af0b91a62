//! Why a handler was not called.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use super::answer::response;
use crate::adapter::json::JsonError;
use crate::adapter::reason;
use crate::observe::layer_is_missing;
use crate::{Code, Receipt};

/// Why a request came to nothing: the answer of its [`Receipt`], as an error of the
/// framework's. The response has an empty body, and the receipt in its extensions.
#[derive(Debug)]
pub struct WebhookRejection(Reason);

#[derive(Debug)]
enum Reason {
    Answered(Box<Receipt>),
    Json(JsonError),
    NoMiddleware,
    NoReceiver,
}

impl WebhookRejection {
    pub(super) fn of(receipt: Receipt) -> Self {
        Self(Reason::Answered(Box::new(receipt)))
    }

    pub(super) const fn json(error: JsonError) -> Self {
        Self(Reason::Json(error))
    }

    /// A fault of our own, not of the sender's; so it is told where operators look.
    pub(super) fn no_middleware() -> Self {
        layer_is_missing();
        Self(Reason::NoMiddleware)
    }

    pub(super) const fn no_receiver() -> Self {
        Self(Reason::NoReceiver)
    }

    /// What the delivery came to; `None` where no receiver has seen it, or where one has
    /// not settled it yet.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        match &self.0 {
            Reason::Answered(receipt) => Some(receipt),
            Reason::Json(_) | Reason::NoMiddleware | Reason::NoReceiver => None,
        }
    }
}

impl ResponseError for WebhookRejection {
    fn status_code(&self) -> StatusCode {
        match &self.0 {
            Reason::Answered(receipt) => {
                StatusCode::from_u16(receipt.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
            }
            Reason::Json(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Reason::NoMiddleware | Reason::NoReceiver => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match &self.0 {
            Reason::Answered(receipt) => response(Receipt::clone(receipt), None),
            // The middleware takes the reason from here to its receipt.
            Reason::Json(error) => {
                let mut response = HttpResponse::new(self.status_code());
                response.extensions_mut().insert(reason::Reason::of(*error));
                response
            }
            Reason::NoMiddleware | Reason::NoReceiver => HttpResponse::new(self.status_code()),
        }
    }
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Answered(receipt) => {
                let code = receipt.code().map_or("OK", Code::as_str);
                write!(f, "the webhook was answered {}: {code}", receipt.status())
            }
            Reason::Json(_) => f.write_str("the webhook's body is not what the handler reads"),
            Reason::NoMiddleware => f.write_str(
                "no verified webhook: wrap the route in `WebhookMiddleware`, or extract `VerifiedWebhook<Receiver<_>>`",
            ),
            Reason::NoReceiver => f.write_str(
                "no receiver: give it to `App::app_data` as `web::Data::new(receiver)`, with the type that the handler names",
            ),
        }
    }
}

impl Error for WebhookRejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Reason::Answered(receipt) => receipt.rejection().map(|rejection| {
                let rejection: &(dyn Error + 'static) = rejection;
                rejection
            }),
            Reason::Json(error) => Some(error),
            Reason::NoMiddleware | Reason::NoReceiver => None,
        }
    }
}
