//! A real endpoint, until ctrl-c.

use core::error::Error;
use core::net::SocketAddr;
use std::io::IsTerminal;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use countersign::scheme::catalogue;
use countersign::{KeyRing, OutagePolicy, Receiver, Verifier};

use crate::endpoint;
use crate::place::{AnyStore, Place};

pub(crate) async fn run(
    listen: SocketAddr,
    scheme: &str,
    variable: &str,
    place: &Place,
) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_ansi(std::io::stdout().is_terminal())
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .init();
    let known = || {
        catalogue::ALL
            .iter()
            .map(|scheme| scheme.id.as_ref())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let scheme = catalogue::find(scheme)
        .ok_or_else(|| format!("no scheme `{scheme}`; there are {}", known()))?;
    let secret =
        std::env::var(variable).map_err(|_| format!("the variable {variable} is not set"))?;
    let verifier = Verifier::new(scheme.clone(), &KeyRing::new().with("current", secret)?)?;
    let receiver = Receiver::builder(verifier, place.open().await?)
        // GitHub never retries: what an outage of this store loses is redelivered by hand.
        .on_outage(OutagePolicy::AskRetry)
        .replies(endpoint::reply)
        .build()?;

    let router = Router::new()
        .route("/webhooks", post(webhooks))
        .route("/webhooks/{*route}", post(webhooks))
        .with_state(Arc::new(receiver));
    let listener = tokio::net::TcpListener::bind(listen).await?;
    tracing::info!(
        "{} at http://{}/webhooks, ctrl-c ends",
        scheme.name,
        listener.local_addr()?
    );
    axum::serve(listener, router)
        .with_graceful_shutdown(interrupted())
        .await?;
    tracing::info!("stopped");
    Ok(())
}

async fn webhooks(State(receiver): State<Arc<Receiver<AnyStore>>>, request: Request) -> Response {
    endpoint::receive(&receiver, request).await.1
}

async fn interrupted() {
    // Without a signal handler there is nothing to wait for: serve until killed.
    if tokio::signal::ctrl_c().await.is_err() {
        core::future::pending::<()>().await;
    }
}
