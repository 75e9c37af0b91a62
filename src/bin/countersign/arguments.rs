//! The arguments, as the contract has them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use countersign::Timestamp;
use time::Duration;

use super::bundle::Bundle;
use super::diagnose::Diagnose;
use super::keys::Keys;

/// The last second that RFC 3339 can write.
const LAST_SECOND: i64 = 253_402_300_799;

/// What `--delivery` takes.
const STREAM: &str = r#"A stream of JSON objects: {"method", "url", "headers": {name: value or [values]}, "headers_b64", "body" or "body_b64"}; - is standard input"#;

/// Verify webhook deliveries, sign them for tests, and explain refusals.
#[derive(Debug, Parser)]
#[command(
    name = "countersign",
    version,
    after_help = "Exit status: 0 verified, 1 rejected, 2 usage, configuration or unreadable input; the highest of a stream.
diagnose: 0 explained, 1 unexplained, 2 as above, 3 the delivery verifies.
bundle: 0 written, 2 as above; with --compare 0 the same, 1 different, or cannot be told."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Bundle(Box<Bundle>),
    Diagnose(Diagnose),
    Explain(Explain),
    Schemes(Schemes),
    Sign(Sign),
    Verify(Verify),
}

/// Meaning, cause and next action of a code, or of all.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  countersign explain INVALID_SIGNATURE
  countersign explain --json")]
pub(crate) struct Explain {
    /// What to explain; without one, every code is
    #[arg(value_parser = code, help = "The code, such as INVALID_SIGNATURE; without one, all are explained")]
    pub(crate) code: Option<countersign::Code>,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// The catalogue of schemes, or one scheme in full.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  countersign schemes
  countersign schemes stripe
  countersign schemes stripe --json > acme.json     a start for a --scheme-file of your own
  countersign schemes --like --delivery captured.json     which schemes it could be of, the likeliest first

Exit status with --like: 0 some scheme for every delivery, 1 none for one of them, 2 unreadable input.")]
pub(crate) struct Schemes {
    /// The scheme's id; without one, all are listed
    pub(crate) id: Option<String>,
    /// List the schemes that a delivery could be of, by its headers; nothing is verified
    #[arg(long, requires = "delivery", conflicts_with = "id")]
    pub(crate) like: bool,
    /// The deliveries for --like: a stream of objects as `verify` takes it
    #[arg(long, value_name = "F|-", requires = "like")]
    pub(crate) delivery: Option<PathBuf>,
    /// Print the schemes' data, one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Sign a delivery and print it as a JSON object, ready for `verify --delivery -`.
#[derive(Args, Debug)]
#[command(
    after_help = "A public-key scheme (155io, discord, sendgrid) takes the private key, PKCS#8 as PEM.
Time and signature that a scheme keeps in the body (linear, mailgun) are written into it.

Examples:
  countersign sign --scheme stripe --secret-env STRIPE_SECRET --body event.json
  countersign sign --scheme standard_webhooks_v1 --id msg_1 --secret-file secret.txt --body event.json \\
    | countersign verify --scheme standard_webhooks_v1 --secret-file secret.txt --delivery -"
)]
#[command(
    override_usage = "countersign sign --scheme ID | --scheme-file F  KEY  REQUEST  [OPTIONS]"
)]
pub(crate) struct Sign {
    #[command(flatten)]
    pub(crate) scheme: SchemeChoice,
    /// Sign at this time: Unix seconds or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<Timestamp>,
    /// The event id, for schemes that have it in a header
    #[arg(long, value_name = "ID")]
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) keys: Keys,
    #[command(flatten)]
    pub(crate) request: Request,
}

/// Verify one delivery, or a stream of them.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit status: 0 verified, 1 rejected, 2 usage, configuration or unreadable input; the highest of a stream.
In a stream, an object that is no delivery is reported with its index and the next one follows;
text that is no JSON is reported and ends the stream. A stream without a delivery is unreadable input.

Examples:
  countersign verify --scheme github --secret-env GITHUB_SECRET --body body.json \\
    --header 'X-Hub-Signature-256: sha256=...'
  countersign verify --scheme-file acme.toml --secret-file current.txt --key-name old --secret-file old.txt \\
    --delivery captured.jsonl --past off --json
  countersign verify --scheme stripe --secret-file secret.txt --at 2026-06-18T00:00:00Z --delivery -"
)]
#[command(
    override_usage = "countersign verify --scheme ID | --scheme-file F  KEY...  REQUEST  [OPTIONS]"
)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) scheme: SchemeChoice,
    /// Judge at this time: Unix seconds or RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<Timestamp>,
    /// How old a delivery may be, in seconds, or off [default: the scheme's]
    #[arg(long, value_name = "S", value_parser = limit)]
    pub(crate) past: Option<Limit>,
    /// How far ahead of the clock it may be, in seconds, or off [default: the scheme's]
    #[arg(long, value_name = "S", value_parser = limit)]
    pub(crate) future: Option<Limit>,
    /// A value that the scheme needs; url=URL is the URL as registered with the provider
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) keys: Keys,
    #[command(flatten)]
    pub(crate) request: Request,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(crate) struct SchemeChoice {
    /// A scheme of the catalogue; `countersign schemes` lists them
    #[arg(long = "scheme", value_name = "ID")]
    pub(crate) scheme: Option<String>,
    /// A scheme of your own, as TOML or JSON
    #[arg(long, value_name = "F")]
    pub(crate) scheme_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "REQUEST (its parts, or a stream of deliveries)")]
pub(crate) struct Request {
    /// The raw body, byte for byte; - is standard input
    #[arg(long, value_name = "F|-", required_unless_present = "delivery")]
    pub(crate) body: Option<PathBuf>,
    /// A header; repeat for more
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header, conflicts_with = "delivery")]
    pub(crate) headers: Vec<(String, String)>,
    /// The request method
    #[arg(long, value_name = "M", conflicts_with = "delivery")]
    pub(crate) method: Option<String>,
    /// The request's URL or path
    #[arg(long, value_name = "U", conflicts_with = "delivery")]
    pub(crate) url: Option<String>,
    /// A stream of deliveries
    #[arg(long, value_name = "F|-", conflicts_with = "body", help = STREAM)]
    pub(crate) delivery: Option<PathBuf>,
}

/// A limit in seconds; `None` is off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit(pub(crate) Option<u32>);

// What these say repeats nothing that was typed.

fn code(text: &str) -> Result<countersign::Code, &'static str> {
    let known = text.to_ascii_uppercase().parse();
    known.map_err(|_| "no such code; `countersign explain` lists them")
}

pub(super) fn limit(text: &str) -> Result<Limit, &'static str> {
    match text {
        "off" => Ok(Limit(None)),
        _ => match text.parse() {
            Ok(seconds) => Ok(Limit(Some(seconds))),
            Err(_) => Err("give whole seconds, or off"),
        },
    }
}

pub(super) fn parameter(text: &str) -> Result<(String, String), &'static str> {
    let parameter = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parameter.ok_or("give a parameter as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn header(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => Ok((
            name.trim().to_owned(),
            value.trim_matches([' ', '\t']).to_owned(),
        )),
        _ => Err("give a header as 'Name: value'"),
    }
}

pub(super) fn moment(text: &str) -> Result<Timestamp, &'static str> {
    Timestamp::parse_rfc3339(text)
        .or_else(|| unix_seconds(text))
        .ok_or("give Unix seconds, or RFC 3339 such as 2026-06-18T00:00:00Z")
}

/// Unix seconds, with up to nine decimals.
fn unix_seconds(text: &str) -> Option<Timestamp> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 9 {
        return None;
    }
    let seconds = whole
        .parse()
        .ok()
        .filter(|seconds| *seconds <= LAST_SECOND)?;
    let nanoseconds = format!("{decimals:0<9}").parse().ok()?;
    Some(Timestamp::from_unix_seconds(seconds).saturating_add(Duration::nanoseconds(nanoseconds)))
}
