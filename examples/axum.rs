//! The layer and the JSON extractor in an axum application. It sends itself a delivery,
//! the same again, and a forged one; the handler must have run once.
#![allow(clippy::std_instead_of_alloc, reason = "an example runs where std is")]

#[path = "provider/provider.rs"]
mod provider;

use core::error::Error;
use core::sync::atomic::{AtomicU32, Ordering};
use std::process::ExitCode;

use axum::Router;
use axum::routing::post;
use countersign::adapter::axum::VerifiedJson;
use countersign::adapter::tower::WebhookLayer;
use countersign::store::MemoryStore;
use countersign::{KeyRing, Receiver, Verifier};
use serde::Deserialize;
use tokio::net::TcpListener;

static RUNS: AtomicU32 = AtomicU32::new(0);

/// What of an event the application wants.
#[derive(Deserialize)]
struct Notice {
    id: String,
    r#type: String,
}

/// The application: it sees genuine deliveries only, each event once.
async fn noted(webhook: VerifiedJson<Notice>) {
    RUNS.fetch_add(1, Ordering::Relaxed);
    let notice = webhook.value();
    println!("    {}: {}", notice.id, notice.r#type);
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let ring = KeyRing::new().with("current", provider::SECRET)?;
    let verifier = Verifier::new(provider::SCHEME, &ring)?;
    let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
    let route = post(noted).layer(WebhookLayer::new(receiver));
    let app = Router::new().route("/webhooks", route);

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let is_right = provider::send_to(address).await? && RUNS.load(Ordering::Relaxed) == 1;
    server.abort();
    Ok(ExitCode::from(u8::from(!is_right)))
}
