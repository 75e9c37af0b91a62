//! Verifies, signs and explains webhook deliveries from the command line.
//!
//! Other programs call this: arguments, JSON lines and exit statuses are a contract.

extern crate alloc;

#[path = "countersign/arguments.rs"]
mod arguments;
#[path = "countersign/bundle.rs"]
mod bundle;
#[path = "countersign/diagnose.rs"]
mod diagnose;
#[path = "countersign/explain.rs"]
mod explain;
#[path = "countersign/fault.rs"]
mod fault;
#[path = "countersign/input.rs"]
mod input;
#[path = "countersign/keys.rs"]
mod keys;
#[path = "countersign/like.rs"]
mod like;
#[path = "countersign/output.rs"]
mod output;
#[path = "countersign/received.rs"]
mod received;
#[path = "countersign/schemes.rs"]
mod schemes;
#[path = "countersign/sign.rs"]
mod sign;
#[path = "countersign/usage.rs"]
mod usage;
#[path = "countersign/verdict.rs"]
mod verdict;
#[path = "countersign/verify.rs"]
mod verify;

use std::process::ExitCode;

use clap::Parser;

use self::arguments::{Cli, Command};
use self::fault::Failure;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(usage::report(&error)),
    };
    let result = match cli.command {
        Command::Bundle(arguments) => bundle::run(&arguments),
        Command::Diagnose(arguments) => diagnose::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Schemes(arguments) => schemes::run(&arguments),
        Command::Sign(arguments) => sign::run(&arguments),
        Command::Verify(arguments) => verify::run(&arguments),
    };
    let status = result.unwrap_or_else(|failure| {
        match failure {
            Failure::Usage(problem) => usage::say(&problem),
            Failure::Output(problem) => output::warn(&format!("error: cannot write: {problem}")),
        }
        fault::STATUS
    });
    ExitCode::from(status)
}
