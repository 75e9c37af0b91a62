//! An endpoint: what the application does with an event, and a receiver's settings.

use axum::Extension;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use countersign::{Event, Reply, Situation};

/// What the application does with an event: here, nothing but an answer.
pub(crate) async fn handle(Extension(event): Extension<Event>) -> Response {
    match event.scheme() {
        "155io" => (
            [(CONTENT_TYPE, "application/json")],
            r#"{"status":"SUCCESS"}"#,
        )
            .into_response(),
        _ => ().into_response(),
    }
}

/// What a provider that reads the answer's body is told where no handler spoke.
pub(crate) fn reply(event: &Event, situation: Situation) -> Reply {
    match situation {
        Situation::Duplicate { .. }
            if event.dedupe_key().is_some_and(|key| key.rule() == "bet") =>
        {
            Reply::json(r#"{"status":"DUPLICATE_TRANSACTION_ERROR"}"#)
        }
        Situation::Duplicate { .. } => Reply::json(r#"{"status":"SUCCESS"}"#),
        _ => Reply::json(r#"{"status":"UNKNOWN_ERROR"}"#),
    }
}
