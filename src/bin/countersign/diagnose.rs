//! `diagnose`: why was each delivery refused?

#[path = "diagnose/report.rs"]
mod report;

use core::time::Duration;
use std::time::Instant;

use clap::Args;
use countersign::diagnose::{Diagnosis, Finding, Several};
use countersign::scheme::Scheme;
use countersign::{KeyRing, Timestamp};
use indicatif::{ProgressBar, ProgressStyle};

use super::arguments::{Limit, Request, SchemeChoice, limit, moment, parameter};
use super::fault::{self, Failure, Fault};
use super::keys::Keys;
use super::received::{MAX_BODY, Received};
use super::{input, keys, output, received};

const UNEXPLAINED: u8 = 1;
const VERIFIES: u8 = 3;
/// A search that takes longer shows how far it is.
const PATIENCE: Duration = Duration::from_millis(500);
/// MACs of a search, as the library has it.
const BUDGET: u32 = 20_000;

/// Find out why a delivery was refused, and what to change.
#[derive(Args, Debug)]
#[command(
    after_help = "The first key is the one in use. The others are secrets that the delivery may be signed with:
of another channel or environment, or the previous one.

Exit status: 0 explained, 1 unexplained, 2 usage, configuration or unreadable input, 3 the delivery verifies;
the highest of a stream. Of several deliveries the last line tells what they have in common.

Examples:
  countersign diagnose --scheme github --secret-env GITHUB_SECRET --delivery refused.json
  countersign diagnose --scheme stripe --secret-file live.txt --key-name test --secret-file test.txt \\
    --delivery refused.jsonl --json
  countersign diagnose --scheme square --secret-file s.txt --param url=https://shop.example/hooks --delivery -"
)]
#[command(
    override_usage = "countersign diagnose --scheme ID | --scheme-file F  KEY...  REQUEST  [OPTIONS]"
)]
pub(crate) struct Diagnose {
    #[command(flatten)]
    scheme: SchemeChoice,
    /// Judge at this time: Unix seconds or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Timestamp>,
    /// How old a delivery may be, in seconds, or off [default: the scheme's]
    #[arg(long, value_name = "S", value_parser = limit)]
    past: Option<Limit>,
    /// How far ahead of the clock it may be, in seconds, or off [default: the scheme's]
    #[arg(long, value_name = "S", value_parser = limit)]
    future: Option<Limit>,
    /// A value that the scheme needs; url=URL is the URL as registered with the provider
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// How many MACs to compute at most
    #[arg(long, value_name = "MACS", default_value_t = BUDGET)]
    budget: u32,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    request: Request,
}

pub(crate) fn run(arguments: &Diagnose) -> Result<u8, Failure> {
    let named = arguments.keys.named()?;
    input::check_standard_input(&arguments.keys, &arguments.request)?;
    let built = input::scheme(&arguments.scheme)
        .and_then(|scheme| Ok((scheme.secret_headers(), build(arguments, &named, scheme)?)));
    let (secret_headers, diagnosis) = match built {
        Ok(built) => built,
        Err(problem) => {
            output::fault(&problem, 0, arguments.json)?;
            return Ok(fault::STATUS);
        }
    };
    let mut status = 0;
    let mut several = Several::new();
    let deliveries = received::deliveries(&arguments.request, MAX_BODY, secret_headers);
    for (index, delivery) in (0..).zip(deliveries) {
        let own = match delivery {
            Ok(delivery) => {
                let finding = explain(arguments, &diagnosis, &delivery);
                report::finding(&finding, index, arguments.json)?;
                several.add(&finding);
                match finding {
                    Finding::Explained(_) => 0,
                    Finding::Verifies => VERIFIES,
                    _ => UNEXPLAINED,
                }
            }
            Err(problem) => {
                output::fault(&problem, index, arguments.json)?;
                fault::STATUS
            }
        };
        status = own.max(status);
    }
    if let Some(common) = several.common() {
        report::common(&common, arguments.json)?;
    }
    Ok(status)
}

fn build(
    arguments: &Diagnose,
    named: &[(String, &keys::Source)],
    scheme: Scheme,
) -> Result<Diagnosis, Fault> {
    let window = scheme.window;
    let mut in_use = KeyRing::new();
    let mut others = KeyRing::new();
    for (place, (name, source)) in named.iter().enumerate() {
        let secret = keys::read(name, source)?;
        if place == 0 {
            in_use = in_use.with_secret(secret)?;
        } else {
            others = others.with_secret(secret)?;
        }
    }
    let mut diagnosis = Diagnosis::new(scheme, &in_use)?
        .other_secrets(&others)
        .past(arguments.past.map_or(window.past_s, |limit| limit.0))
        .future(arguments.future.map_or(window.future_s, |limit| limit.0))
        .budget(arguments.budget);
    for (name, value) in &arguments.parameters {
        diagnosis = match name.as_str() {
            "url" => diagnosis.registered_url(value),
            _ => diagnosis.parameter(name, value),
        };
    }
    Ok(diagnosis)
}

/// Explains one delivery, and shows on a terminal how far a long search is.
fn explain(arguments: &Diagnose, diagnosis: &Diagnosis, delivery: &Received) -> Finding {
    let now = arguments.at.unwrap_or_else(Timestamp::now);
    let start = Instant::now();
    let mut bar: Option<ProgressBar> = None;
    let finding = diagnosis.explain_watched(&delivery.as_delivery(), now, &mut |macs| {
        if start.elapsed() >= PATIENCE {
            let bar = bar.get_or_insert_with(|| {
                let bar = ProgressBar::new(arguments.budget.into());
                match ProgressStyle::with_template("{bar:40} {pos} of {len} MACs") {
                    Ok(style) => bar.with_style(style),
                    Err(_) => bar,
                }
            });
            bar.set_position(macs.into());
        }
    });
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    finding
}
