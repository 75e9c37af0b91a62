//! A receiver of payments whose books balance, whatever crashes: an event and its effect
//! commit in one transaction. Without arguments it keeps its books in an SQLite file in a
//! temporary folder, sends itself payments over HTTP, many of them twice and at once, and
//! prints what came of them. With `--serve` it keeps a real endpoint at `POST /payments`.
#![allow(clippy::std_instead_of_alloc, reason = "an example runs where std is")]

mod books;
mod demo;
mod endpoint;
mod outbox;
mod payment;
mod place;
mod sender;
mod serve;

use core::error::Error;
use core::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;

use crate::place::Folder;

/// Take payments in, each of them once.
#[derive(Parser)]
#[command(after_help = "Examples:
  cargo run --example inbox
  SECRET=whsec_... cargo run --example inbox -- --serve --secret-env SECRET --store postgres://shop@localhost/shop")]
struct Arguments {
    /// Keep a real endpoint at POST /payments instead of the demonstration.
    #[arg(long, requires = "secret_env", requires = "store")]
    serve: bool,
    /// Where to listen.
    #[arg(
        long,
        value_name = "ADDR",
        default_value = "127.0.0.1:8080",
        requires = "serve"
    )]
    listen: SocketAddr,
    /// The environment variable that holds the sender's secret.
    #[arg(long, value_name = "VAR", requires = "serve")]
    secret_env: Option<String>,
    /// The database that holds the books and the inbox: sqlite:FILE, postgres://... or
    /// mysql://... Default: a file in a temporary folder.
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
            eprintln!("inbox: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::from(2)
        }
    }
}

/// Whether all is as it should be.
async fn run(arguments: Arguments) -> Result<bool, Box<dyn Error>> {
    let place = arguments.store.map(|store| store.parse()).transpose()?;
    match (place, arguments.secret_env) {
        (Some(place), Some(variable)) => {
            let secret = std::env::var(&variable)
                .map_err(|_| format!("the variable {variable} is not set"))?;
            serve::run(arguments.listen, &secret, &place).await?;
            Ok(true)
        }
        (Some(place), None) => demo::run(&place).await,
        (None, _) => {
            let folder = Folder::new()?;
            demo::run(&folder.place()).await
        }
    }
}
