//! An endpoint: verify, enter in one transaction, and only then answer.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use countersign::scheme::catalogue::STANDARD_WEBHOOKS_V1;
use countersign::store::Entry;
use countersign::{Answer, ConfigError, Delivery, KeyId, KeyRing, Rejection, Timestamp, Verifier};

use crate::books::Books;
use crate::payment::Payment;

pub(crate) struct Endpoint {
    verifier: Verifier,
    pub(crate) books: Books,
}

impl Endpoint {
    pub(crate) fn new(secret: &str, books: Books) -> Result<Self, ConfigError> {
        let ring = KeyRing::new().with("current", secret)?;
        let verifier = Verifier::new(STANDARD_WEBHOOKS_V1, &ring)?;
        Ok(Self { verifier, books })
    }

    pub(crate) async fn receive(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        // One byte over the cap is enough to know.
        let cap = usize::try_from(self.verifier.body_limit()).unwrap_or(usize::MAX);
        let Ok(body) = to_bytes(body, cap.saturating_add(1)).await else {
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        };
        let (event, payment) = match self.read(&head.headers, &body) {
            Ok(Some(found)) => found,
            // Genuine, but nothing for the books.
            Ok(None) => return StatusCode::OK.into_response(),
            Err(rejection) => {
                tracing::warn!("refused: {rejection}");
                return refuse(&rejection);
            }
        };
        match self.books.enter(event, &payment).await {
            // Only here, when the commit has returned, is the sender told to stop.
            Ok(Entry::Fresh | Entry::Done) => StatusCode::OK.into_response(),
            Ok(Entry::Reused) => {
                tracing::warn!("{} came with another body", payment.event);
                StatusCode::OK.into_response()
            }
            Ok(_) => retry(),
            Err(fault) => {
                tracing::error!(
                    "{}: {fault}: {:?}",
                    payment.event,
                    core::error::Error::source(&fault)
                );
                retry()
            }
        }
    }

    fn read(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Option<(KeyId, Payment)>, Rejection> {
        let delivery = Delivery::new(headers, body);
        let verified = self.verifier.verify(&delivery, Timestamp::now())?;
        let key = verified.dedupe_key("payments");
        Ok(key.map(|key| key.id()).zip(Payment::read(&verified)))
    }
}

fn refuse(rejection: &Rejection) -> Response {
    match rejection.code().answer() {
        Answer::Status(status) => StatusCode::from_u16(status)
            .unwrap_or(StatusCode::UNAUTHORIZED)
            .into_response(),
        _ => retry(),
    }
}

fn retry() -> Response {
    let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
