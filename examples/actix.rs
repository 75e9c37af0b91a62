//! The middleware and the JSON extractor in an actix-web application. It sends itself a
//! delivery, the same again, and a forged one; the handler must have run once.
#![allow(clippy::std_instead_of_alloc, reason = "an example runs where std is")]

#[path = "provider/provider.rs"]
mod provider;

use core::error::Error;
use core::sync::atomic::{AtomicU32, Ordering};
use std::process::ExitCode;

use actix_web::{App, HttpResponse, HttpServer, web};
use countersign::adapter::actix_web::{VerifiedJson, WebhookMiddleware};
use countersign::store::MemoryStore;
use countersign::{KeyRing, Receiver, Verifier};
use serde::Deserialize;

static RUNS: AtomicU32 = AtomicU32::new(0);

/// What of an event the application wants.
#[derive(Deserialize)]
struct Notice {
    id: String,
    r#type: String,
}

/// The application: it sees genuine deliveries only, each event once.
async fn noted(webhook: VerifiedJson<Notice>) -> HttpResponse {
    RUNS.fetch_add(1, Ordering::Relaxed);
    let notice = webhook.value();
    println!("    {}: {}", notice.id, notice.r#type);
    HttpResponse::Ok().finish()
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let ring = KeyRing::new().with("current", provider::SECRET)?;
    let verifier = Verifier::new(provider::SCHEME, &ring)?;
    let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
    // Made once: each worker's application gets a clone of the same.
    let webhooks = WebhookMiddleware::new(receiver);

    let server = HttpServer::new(move || {
        let route = web::post().to(noted);
        App::new().service(
            web::resource("/webhooks")
                .wrap(webhooks.clone())
                .route(route),
        )
    });
    let server = server.workers(2).disable_signals().bind("127.0.0.1:0")?;
    let address = server.addrs().first().copied().ok_or("no address")?;
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    let is_right = provider::send_to(address).await? && RUNS.load(Ordering::Relaxed) == 1;
    handle.stop(true).await;
    Ok(ExitCode::from(u8::from(!is_right)))
}
