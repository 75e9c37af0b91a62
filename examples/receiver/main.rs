//! A webhook receiver. Without arguments it starts a server on a free port of this
//! machine, sends itself deliveries of five providers over HTTP, and prints what it
//! answered; its claims live in an SQLite file in a temporary folder. With `--serve` it keeps real endpoints at `/webhooks/SCHEME`.
#![allow(clippy::std_instead_of_alloc, reason = "an example runs where std is")]

mod capture;
mod demo;
mod endpoint;
mod place;
mod sender;
mod serve;
mod systems;
mod table;

use core::error::Error;
use core::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::place::{Folder, Place};

/// Verify, refuse and deduplicate webhooks over HTTP.
#[derive(Parser)]
#[command(after_help = "Examples:
  cargo run --example receiver
  STRIPE_SECRET=whsec_... cargo run --example receiver -- --serve --scheme stripe --secret-env STRIPE_SECRET
  STRIPE_SECRET=whsec_... cargo run --example receiver -- --serve --scheme stripe --secret-env STRIPE_SECRET --capture refused")]
struct Arguments {
    /// Keep real endpoints at /webhooks/SCHEME instead of the demonstration, with what
    /// they count at /metrics.
    #[arg(long, requires = "scheme", requires = "secret_env")]
    serve: bool,
    /// Where to listen.
    #[arg(
        long,
        value_name = "ADDR",
        default_value = "127.0.0.1:8080",
        requires = "serve"
    )]
    listen: SocketAddr,
    /// A provider's scheme: `countersign schemes` lists them. Repeatable, each with its
    /// secret.
    #[arg(long, value_name = "ID", requires = "serve")]
    scheme: Vec<String>,
    /// The environment variable that holds the secret of the scheme before it, or its
    /// public key.
    #[arg(long, value_name = "VAR", requires = "serve")]
    secret_env: Vec<String>,
    /// Keep refused deliveries in this folder, for `countersign diagnose --delivery FILE`:
    /// 100 files, which only their owner reads, with the headers that the scheme reads and
    /// never the secret. Of other headers nothing is kept, so causes that show in them
    /// (`HEADERS_RENAMED`, `OTHER_SCHEME`, `URL_CHANGED` by forwarded headers) cannot be
    /// found. The folder is created with mode 0700 if it is missing; once it is full
    /// nothing is captured until the next start.
    #[arg(long, value_name = "DIR", requires = "serve")]
    capture: Option<PathBuf>,
    /// Where claims live: memory, sqlite:FILE, or the URL of a Redis, PostgreSQL or MySQL
    /// server. Default: memory for an endpoint, a file in a temporary folder for the
    /// demonstration.
    #[arg(long, value_name = "STORE")]
    // Not a `Place` yet: a wrong one would be shown again, with its password.
    store: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("receiver: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every verdict was the right one.
async fn run(arguments: Arguments) -> Result<bool, Box<dyn Error>> {
    let place = arguments.store.map(|store| store.parse()).transpose()?;
    if !arguments.serve {
        return demonstrate(place).await;
    }
    if arguments.scheme.len() != arguments.secret_env.len() {
        return Err("each --scheme needs one --secret-env".into());
    }
    let named: Vec<_> = arguments
        .scheme
        .into_iter()
        .zip(arguments.secret_env)
        .collect();
    let place = place.unwrap_or(Place::Memory);
    serve::run(arguments.listen, &named, &place, arguments.capture).await?;
    Ok(true)
}

async fn demonstrate(place: Option<Place>) -> Result<bool, Box<dyn Error>> {
    let folder = Folder::new()?;
    demo::run(&place.unwrap_or_else(|| folder.place())).await
}
