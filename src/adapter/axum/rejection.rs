//! Why an extractor let no handler run.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::StatusCode;

use crate::adapter::JsonError;
use crate::adapter::reason::Reason;
use crate::adapter::response::response;
use crate::observe::layer_is_missing;
use crate::{Code, Receipt};

/// Why an extractor let no handler run.
///
/// As a response it is the answer for the sender: a status, an empty body unless a challenge
/// is answered, `Retry-After` where due. The reason is in the response's extensions: the
/// [`Receipt`] of a delivery that is answered at once, or else this rejection itself.
///
/// ```
/// use countersign::adapter::axum::{VerifiedWebhook, WebhookRejection};
///
/// async fn paid(webhook: Result<VerifiedWebhook, WebhookRejection>) -> Result<(), WebhookRejection> {
///     let webhook = webhook.inspect_err(|rejection| eprintln!("no webhook: {rejection}"))?;
///     assert!(!webhook.event().scheme().is_empty());
///     Ok(())
/// }
/// # let _ = paid;
/// ```
#[derive(Clone, Debug)]
#[must_use = "the sender waits for its answer"]
pub struct WebhookRejection(Why);

#[derive(Clone, Debug)]
enum Why {
    NoLayer,
    NotJson(JsonError),
    Receipt(Box<Receipt>),
}

impl WebhookRejection {
    /// A fault of our own, not of the sender's; so it is told where operators look.
    pub(super) fn no_layer() -> Self {
        layer_is_missing();
        Self(Why::NoLayer)
    }

    pub(super) const fn not_json(error: JsonError) -> Self {
        Self(Why::NotJson(error))
    }

    pub(super) fn of(receipt: Receipt) -> Self {
        Self(Why::Receipt(Box::new(receipt)))
    }

    /// The receipt of a delivery that the receiver answered at once: refused, or a challenge.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        match &self.0 {
            Why::Receipt(receipt) => Some(receipt),
            Why::NoLayer | Why::NotJson(_) => None,
        }
    }
}

impl IntoResponse for WebhookRejection {
    fn into_response(self) -> Response {
        match self.0 {
            Why::NoLayer => answer(StatusCode::INTERNAL_SERVER_ERROR, self),
            // The layer takes the reason from here to its receipt.
            Why::NotJson(error) => {
                let mut answer = answer(StatusCode::UNPROCESSABLE_ENTITY, self);
                answer.extensions_mut().insert(Reason::of(error));
                answer
            }
            Why::Receipt(receipt) => response(*receipt, None).map(Body::new),
        }
    }
}

fn answer(status: StatusCode, rejection: WebhookRejection) -> Response {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer.extensions_mut().insert(rejection);
    answer
}

impl fmt::Display for WebhookRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::NoLayer => f.write_str("no WebhookLayer stands before a handler that takes a verified webhook; add it to the route, or take VerifiedWebhook<Unclaimed<S>>"),
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
