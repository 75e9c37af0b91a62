//! A webhook receiver. Without arguments it starts a server on a free port of this
//! machine, sends itself deliveries of five providers over HTTP, and prints what it
//! answered. With `--serve` it keeps a real endpoint at `POST /webhooks`.
#![allow(clippy::std_instead_of_alloc, reason = "an example runs where std is")]

mod demo;
mod endpoint;
mod sender;
mod serve;
mod systems;
mod table;

use core::net::SocketAddr;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

/// Verify, refuse and deduplicate webhooks over HTTP.
#[derive(Debug, Parser)]
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
    /// Where claims live.
    #[arg(long, value_enum, default_value_t = StoreKind::Memory, requires = "serve")]
    store: StoreKind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StoreKind {
    /// In this process; forgotten when it ends.
    Memory,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match (arguments.scheme, arguments.secret_env, arguments.store) {
        (Some(scheme), Some(variable), StoreKind::Memory) if arguments.serve => {
            serve::run(arguments.listen, &scheme, &variable)
                .await
                .map(|()| true)
        }
        _ => demo::run().await,
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("receiver: {error}");
            ExitCode::from(2)
        }
    }
}
