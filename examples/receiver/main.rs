//! A webhook receiver. Without arguments it starts a server on a free port of this
//! machine, sends itself deliveries of five providers over HTTP, and prints what it
//! answered; its claims live in an SQLite file in a temporary folder. With `--serve` it keeps a real endpoint at `POST /webhooks`.
#![allow(clippy::std_instead_of_alloc, reason = "an example runs where std is")]

mod demo;
mod endpoint;
mod place;
mod sender;
mod serve;
mod systems;
mod table;

use core::error::Error;
use core::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;

use crate::place::{Folder, Place};

/// Verify, refuse and deduplicate webhooks over HTTP.
#[derive(Parser)]
#[command(after_help = "Examples:
  cargo run --example receiver
  STRIPE_SECRET=whsec_... cargo run --example receiver -- --serve --scheme stripe --secret-env STRIPE_SECRET")]
struct Arguments {
    /// Keep a real endpoint at POST /webhooks instead of the demonstration.
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
    /// The provider's scheme: `countersign schemes` lists them.
    #[arg(long, value_name = "ID", requires = "serve")]
    scheme: Option<String>,
    /// The environment variable that holds the secret, or the public key.
    #[arg(long, value_name = "VAR", requires = "serve")]
    secret_env: Option<String>,
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
    match (arguments.scheme, arguments.secret_env) {
        (Some(scheme), Some(variable)) if arguments.serve => {
            let place = place.unwrap_or(Place::Memory);
            serve::run(arguments.listen, &scheme, &variable, &place).await?;
            Ok(true)
        }
        _ => demonstrate(place).await,
    }
}

async fn demonstrate(place: Option<Place>) -> Result<bool, Box<dyn Error>> {
    let folder = Folder::new()?;
    demo::run(&place.unwrap_or_else(|| folder.place())).await
}
