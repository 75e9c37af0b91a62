//! The tower layer around a service of its own, served by hyper: no framework. It sends
//! itself a delivery, the same again, and a forged one; the handler must have run once.
#![allow(clippy::std_instead_of_alloc, reason = "an example runs where std is")]

#[path = "provider/provider.rs"]
mod provider;

use core::error::Error;
use core::sync::atomic::{AtomicU32, Ordering};
use std::io;
use std::process::ExitCode;

use countersign::adapter::tower::{VerifiedBody, WebhookLayer};
use countersign::store::MemoryStore;
use countersign::{Event, KeyRing, Receiver, Verifier};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{Layer, service_fn};

static RUNS: AtomicU32 = AtomicU32::new(0);

/// The application: it sees genuine deliveries only, each event once.
async fn charge(request: Request<VerifiedBody>) -> io::Result<Response<Full<Bytes>>> {
    RUNS.fetch_add(1, Ordering::Relaxed);
    let event = request.extensions().get::<Event>().cloned();
    let id = event.as_ref().and_then(Event::event_id);
    let body = request.into_body().collect().await?.to_bytes();
    println!("    {}: {} bytes", id.unwrap_or_default(), body.len());
    Ok(Response::new(Full::default()))
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let ring = KeyRing::new().with("current", provider::SECRET)?;
    let verifier = Verifier::new(provider::SCHEME, &ring)?;
    let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
    let service = WebhookLayer::new(receiver).layer(service_fn(charge));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(connection), service)
                    .await
            });
        }
    });
    let is_right = provider::send_to(address).await? && RUNS.load(Ordering::Relaxed) == 1;
    server.abort();
    Ok(ExitCode::from(u8::from(!is_right)))
}
