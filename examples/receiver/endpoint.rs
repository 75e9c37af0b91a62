//! An endpoint: from an HTTP request to the receiver, and its receipt back.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use countersign::store::Store;
use countersign::{Code, Event, HandlerError, Incoming, Receipt, Receiver, Reply};

/// Carries one request to `receiver`.
pub(crate) async fn receive<S: Store>(
    receiver: &Receiver<S>,
    request: Request,
) -> (Receipt, Response) {
    let (head, body) = request.into_parts();
    // One byte over the cap is enough to know: the verifier says BODY_TOO_LARGE.
    let cap = usize::try_from(receiver.verifier().body_limit()).unwrap_or(usize::MAX);
    let body = to_bytes(body, cap.saturating_add(1)).await.map(Vec::from);
    let body = body.unwrap_or_else(|_| vec![0; cap.saturating_add(1)]);
    let incoming = Incoming::new(head.headers, body)
        .method(head.method.as_str())
        .url(head.uri.to_string());
    let receipt = receiver.receive(incoming, handle).await;
    let response = response(&receipt);
    (receipt, response)
}

/// What the application does with an event: here, nothing but an answer.
async fn handle(event: Event) -> Result<Reply, HandlerError> {
    Ok(match event.scheme() {
        "155io" => Reply::json(r#"{"status":"SUCCESS"}"#),
        _ => Reply::empty(),
    })
}

/// What a provider that reads the answer's body is told where no handler spoke.
pub(crate) fn reply(event: &Event, situation: countersign::Situation) -> Reply {
    match situation {
        countersign::Situation::Duplicate { .. }
            if event.dedupe_key().is_some_and(|key| key.rule() == "bet") =>
        {
            Reply::json(r#"{"status":"DUPLICATE_TRANSACTION_ERROR"}"#)
        }
        countersign::Situation::Duplicate { .. } => Reply::json(r#"{"status":"SUCCESS"}"#),
        _ => Reply::json(r#"{"status":"UNKNOWN_ERROR"}"#),
    }
}

fn response(receipt: &Receipt) -> Response {
    let mut response = Response::new(Body::from(receipt.body().to_vec()));
    *response.status_mut() =
        StatusCode::from_u16(receipt.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    if let Some(seconds) = receipt.retry_after_s() {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(Ok(kind)) = receipt.content_type().map(HeaderValue::from_str) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    // The reason is for this side only: logs and metrics, never the sender.
    if let Some(code) = receipt.code() {
        response.extensions_mut().insert::<Code>(code);
    }
    response
}
