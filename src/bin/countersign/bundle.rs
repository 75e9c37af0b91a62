//! `bundle`: what support asks for, and nothing secret; and what differs between two.

#[path = "bundle/report.rs"]
mod report;

use std::path::{Path, PathBuf};

use clap::Args;
use countersign::bundle::{Bundle as Document, BundleError, Bundler};
use countersign::scheme::Scheme;
use countersign::{KeyRing, Timestamp};

use super::arguments::{Limit, Request, SchemeChoice, limit, moment, parameter};
use super::fault::{self, Failure, Fault};
use super::keys::Keys;
use super::received::{MAX_BODY, Received};
use super::{input, keys, output, received};

/// Different, or nobody can tell.
const DIFFERS: u8 = 1;

/// Write what support asks for and nothing secret, or compare what two sides wrote.
#[derive(Args, Debug)]
#[command(
    after_help = "A bundle is one JSON object a line, one per delivery: method, path and names of query parameters, names
of headers and the shape of their values, verdict, event id, times, length of the body, and digests of
the body's chunks and usual re-encodings, keyed with a value derived from the secret. It holds no secret,
no signature and no text of the body but the event id. For secrets under 16 bytes and public keys it has
lengths only. Read it before you send it: a path or an event id may say more than you like.

Receiver and sender each make one of the delivery as they have it. --compare A B names the range of bytes
that changed between A and B, the form in which the body was written again, or says that the secrets differ;
`unknown` if nothing is known to differ and the body cannot be judged. A and B hold one bundle each, of one
delivery.

Exit status: 0 bundles were written, 2 usage, configuration or unreadable input; the highest of a stream.
With --compare: 0 the same, 1 different, or cannot be told, 2 as above.

Examples:
  countersign bundle --scheme github --secret-env GITHUB_SECRET --delivery refused.json > received.bundle
  countersign bundle --compare sent.bundle received.bundle"
)]
#[command(
    override_usage = "countersign bundle --scheme ID | --scheme-file F  KEY...  REQUEST  [OPTIONS]
       countersign bundle --compare A B [--json]",
    mut_group("SchemeChoice", |group| group.required(false)),
    mut_arg("scheme", |arg| arg.required_unless_present_any(["scheme_file", "compare"])),
    mut_arg("body", |arg| arg.required_unless_present_any(["delivery", "compare"]))
)]
pub(crate) struct Bundle {
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
    /// Compare two files of one bundle each, of one delivery, the sender's first; one may be -
    #[arg(long, num_args = 2, value_names = ["A", "B"], conflicts_with_all = MAKING)]
    compare: Vec<PathBuf>,
    /// Print faults and the comparison as JSON; a bundle always is
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    request: Request,
}

/// What makes a bundle, and has no meaning where two are compared.
const MAKING: [&str; 15] = [
    "at",
    "body",
    "delivery",
    "future",
    "headers",
    "key-name",
    "method",
    "parameters",
    "past",
    "scheme",
    "scheme_file",
    "secret",
    "secret-env",
    "secret-file",
    "url",
];

pub(crate) fn run(arguments: &Bundle) -> Result<u8, Failure> {
    match arguments.compare.as_slice() {
        [] => make(arguments),
        [a, b] if input::is_standard(a) && input::is_standard(b) => Err(Failure::Usage(
            "standard input can be read once: only one of A and B may be -".into(),
        )),
        [a, b] => compare(a, b, arguments.json),
        _ => Err(Failure::Usage("--compare takes one pair of bundles".into())),
    }
}

fn make(arguments: &Bundle) -> Result<u8, Failure> {
    let named = arguments.keys.named()?;
    input::check_standard_input(&arguments.keys, &arguments.request)?;
    let built = input::scheme(&arguments.scheme)
        .and_then(|scheme| Ok((scheme.secret_headers(), build(arguments, &named, scheme)?)));
    let (secret_headers, bundler) = match built {
        Ok(built) => built,
        Err(problem) => {
            output::fault(&problem, 0, arguments.json)?;
            return Ok(fault::STATUS);
        }
    };
    for (name, what) in bundler.without_digests() {
        output::warn(&format!(
            "warning: key `{name}` is {what}: the bundle has lengths only"
        ));
    }
    let mut status = 0;
    let deliveries = received::deliveries(&arguments.request, MAX_BODY, secret_headers);
    for (index, delivery) in (0..).zip(deliveries) {
        match delivery.and_then(|delivery| bundle(arguments, &bundler, &delivery)) {
            Ok(bundle) => output::text(&bundle.to_json())?,
            Err(problem) => {
                output::fault(&problem, index, arguments.json)?;
                status = fault::STATUS;
            }
        }
    }
    Ok(status)
}

fn build(
    arguments: &Bundle,
    named: &[(String, &keys::Source)],
    scheme: Scheme,
) -> Result<Bundler, Fault> {
    let window = scheme.window;
    let mut ring = KeyRing::new();
    for (name, source) in named {
        ring = ring.with_secret(keys::read(name, source)?)?;
    }
    let mut bundler = Bundler::new(scheme, &ring)?
        .past(arguments.past.map_or(window.past_s, |limit| limit.0))
        .future(arguments.future.map_or(window.future_s, |limit| limit.0));
    for (name, value) in &arguments.parameters {
        bundler = match name.as_str() {
            "url" => bundler.registered_url(value),
            _ => bundler.parameter(name, value),
        };
    }
    Ok(bundler)
}

fn bundle(arguments: &Bundle, bundler: &Bundler, delivery: &Received) -> Result<Document, Fault> {
    if u64::try_from(delivery.body.len()).is_ok_and(|length| length > MAX_BODY) {
        return Err(Fault::unreadable(format!(
            "the body is longer than {MAX_BODY} bytes"
        )));
    }
    let names = delivery.headers.iter().map(|(name, _)| name.as_str());
    let now = arguments.at.unwrap_or_else(Timestamp::now);
    Ok(bundler.bundle(&delivery.as_delivery(), names, now)?)
}

fn compare(a: &Path, b: &Path, as_json: bool) -> Result<u8, Failure> {
    let read = || {
        let (a, b) = (read("A", a)?, read("B", b)?);
        let comparison = a
            .compare(&b)
            .map_err(|problem| unreadable("A and B", &problem))?;
        Ok((a, b, comparison))
    };
    let (a, b, comparison) = match read() {
        Ok(read) => read,
        Err(problem) => {
            output::fault(&problem, 0, as_json)?;
            return Ok(fault::STATUS);
        }
    };
    report::comparison(&a, &b, &comparison, as_json)?;
    Ok(if comparison.is_same() { 0 } else { DIFFERS })
}

fn read(which: &str, path: &Path) -> Result<Document, Fault> {
    let longest = u64::try_from(Document::MAX_BYTES).unwrap_or(u64::MAX);
    let text = input::read_start(path, longest.saturating_add(1)).map_err(|problem| {
        Fault::unreadable(format!("--compare: {which} cannot be read: {problem}"))
    })?;
    Document::from_json(&text).map_err(|problem| unreadable(which, &problem))
}

fn unreadable(which: &str, problem: &BundleError) -> Fault {
    Fault {
        code: problem.code(),
        message: format!("--compare, {which}: {problem}"),
    }
}
