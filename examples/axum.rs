//! The extractor alone in an axum application, with JSON of a type of its own. It sends
//! itself a delivery, the same again, and a forged one; the handler must have run once.
#![allow(clippy::std_instead_of_alloc, reason = "an example runs where std is")]

#[path = "provider/provider.rs"]
mod provider;

use core::error::Error;
use core::sync::atomic::{AtomicU32, Ordering};
use std::process::ExitCode;

use axum::Router;
use axum::response::Response;
use axum::routing::post;
use countersign::adapter::axum::VerifiedWebhook;
use countersign::store::MemoryStore;
use countersign::{KeyRing, Receiver, Reply, Unclaimed, Verifier};
use serde::Deserialize;
use tokio::net::TcpListener;

static RUNS: AtomicU32 = AtomicU32::new(0);

/// What of an event the application wants.
#[derive(Deserialize)]
struct Notice {
    id: String,
    r#type: String,
}

/// What stands before `process_json` may run for a duplicate as well; its closure runs once
/// per event.
async fn note(webhook: VerifiedWebhook<Unclaimed<MemoryStore>>) -> Response {
    webhook
        .process_json(|_, notice: Notice| async move {
            RUNS.fetch_add(1, Ordering::Relaxed);
            println!("    {}: {}", notice.id, notice.r#type);
            Ok(Reply::empty())
        })
        .await
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let ring = KeyRing::new().with("current", provider::SECRET)?;
    let verifier = Verifier::new(provider::SCHEME, &ring)?;
    let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
    let app = Router::new()
        .route("/webhooks", post(note))
        .with_state(receiver);

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    let is_right = provider::send_to(address).await? && RUNS.load(Ordering::Relaxed) == 1;
    server.abort();
    Ok(ExitCode::from(u8::from(!is_right)))
}
