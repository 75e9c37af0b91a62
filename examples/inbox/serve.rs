//! A real endpoint, until ctrl-c.

use core::error::Error;
use core::net::SocketAddr;
use core::time::Duration;
use std::io::IsTerminal;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use crate::books::Books;
use crate::endpoint::Endpoint;
use crate::outbox;
use crate::place::Place;

pub(crate) async fn run(
    listen: SocketAddr,
    secret: &str,
    place: &Place,
) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_ansi(std::io::stdout().is_terminal())
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .init();
    let endpoint = Arc::new(Endpoint::new(secret, place.open().await?)?);
    let listener = tokio::net::TcpListener::bind(listen).await?;
    tracing::info!(
        "payments at http://{}/payments, ctrl-c ends",
        listener.local_addr()?
    );
    let letters = Arc::clone(&endpoint);
    let letters = tokio::spawn(async move { outbox::keep_working(&letters.books).await });
    let sweeps = Arc::clone(&endpoint);
    let sweeps = tokio::spawn(async move { keep_sweeping(&sweeps.books).await });
    axum::serve(listener, router(endpoint))
        .with_graceful_shutdown(interrupted())
        .await?;
    letters.abort();
    sweeps.abort();
    tracing::info!("stopped");
    Ok(())
}

/// Every hour, and when the endpoint starts.
async fn keep_sweeping(books: &Books) {
    let mut hours = tokio::time::interval(Duration::from_secs(3600));
    loop {
        hours.tick().await;
        match books.sweep().await {
            Ok(0) => {}
            Ok(swept) => tracing::info!("{swept} ended events taken away"),
            Err(fault) => tracing::warn!("ended events stay: {fault}"),
        }
    }
}

pub(crate) fn router(endpoint: Arc<Endpoint>) -> Router {
    Router::new()
        .route("/payments", post(payments))
        .with_state(endpoint)
}

async fn payments(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
    // In a task of its own: a sender that hangs up cancels nothing half-way.
    let received = tokio::spawn(async move { endpoint.receive(request).await });
    let received = received.await;
    received.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

async fn interrupted() {
    // Without a signal handler there is nothing to wait for: serve until killed.
    if tokio::signal::ctrl_c().await.is_err() {
        core::future::pending::<()>().await;
    }
}
