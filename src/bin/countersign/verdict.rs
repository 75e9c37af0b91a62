//! Verdicts as lines, for programs and for people.

use core::fmt::Write as _;

use countersign::{Answer, DedupeKey, Rejection, Verified, Verifier};
use serde::Serialize;
use serde_json::{Map, Value};

use super::fault::Failure;
use super::output::{self, Tone, coloured, printable};

#[derive(Serialize)]
struct VerifiedLine<'v> {
    index: u64,
    verdict: &'static str,
    scheme: &'v str,
    key: &'v str,
    event_id: Option<&'v str>,
    timestamp: Option<String>,
    dedupe_key: Option<KeyObject<'v>>,
}

#[derive(Serialize)]
struct KeyObject<'k> {
    rule: &'k str,
    parts: Vec<PartObject<'k>>,
    id: String,
}

#[derive(Serialize)]
struct PartObject<'k> {
    name: &'k str,
    text: Option<&'k str>,
    signed: bool,
}

impl<'k> KeyObject<'k> {
    fn new(key: &'k DedupeKey) -> Self {
        let parts = key.parts().iter().map(|part| PartObject {
            name: part.name(),
            text: part.text(),
            signed: part.is_signed(),
        });
        Self {
            rule: key.rule(),
            parts: parts.collect(),
            id: key.id().to_string(),
        }
    }
}

/// Prints that a delivery is genuine.
pub(crate) fn verified(verified: &Verified<'_>, index: u64, as_json: bool) -> Result<(), Failure> {
    // A command line has no endpoints to keep apart.
    let key = verified.dedupe_key("");
    let event_id = verified.event_id().map(|id| id.get().text());
    let timestamp = verified.timestamp().map(|time| time.get().to_string());
    if as_json {
        return output::json(&VerifiedLine {
            index,
            verdict: "verified",
            scheme: &verified.scheme().id,
            key: verified.key_name(),
            event_id,
            timestamp,
            dedupe_key: key.as_ref().map(KeyObject::new),
        });
    }
    let mut text = format!(
        "{}    delivery {index}: {}, key {}",
        coloured("verified", Tone::Good),
        verified.scheme().id,
        verified.key_name()
    );
    let mut fact = |name: &str, value: &str| fact(&mut text, name, value);
    fact("event id", event_id.unwrap_or("none"));
    fact("timestamp", timestamp.as_deref().unwrap_or("none signed"));
    match &key {
        Some(key) => {
            fact("dedupe key", &format!("{}, rule {}", key.id(), key.rule()));
            for part in key.parts() {
                let signed = if part.is_signed() {
                    ""
                } else {
                    " (not signed)"
                };
                let value = part.text().unwrap_or("absent");
                fact("", &format!("{} = {value}{signed}", part.name()));
            }
        }
        None => fact("dedupe key", "none"),
    }
    output::text(&text)
}

#[derive(Serialize)]
struct RejectedLine {
    index: u64,
    verdict: &'static str,
    code: &'static str,
    message: String,
    next_action: &'static str,
    http_status: Option<u16>,
    #[serde(flatten)]
    facts: Map<String, Value>,
}

/// Prints why a delivery was refused.
pub(crate) fn rejected(
    verifier: &Verifier,
    rejection: Rejection,
    index: u64,
    as_json: bool,
) -> Result<(), Failure> {
    let code = rejection.code();
    let http_status = match code.answer() {
        Answer::Status(status) => Some(status),
        Answer::Retry => Some(verifier.scheme().sender.retry_status),
        _ => None,
    };
    let line = RejectedLine {
        index,
        verdict: "rejected",
        code: code.as_str(),
        message: rejection.to_string(),
        next_action: code.next_action(),
        http_status,
        facts: facts(verifier, rejection),
    };
    if as_json {
        return output::json(&line);
    }
    let mut text = format!(
        "{}    delivery {index}: {code}",
        coloured("rejected", Tone::Bad)
    );
    fact(&mut text, "message", &line.message);
    fact(&mut text, "likely cause", code.cause());
    fact(&mut text, "next action", line.next_action);
    if let Some(status) = http_status {
        fact(&mut text, "answer", &format!("HTTP {status}"));
    }
    for (name, value) in &line.facts {
        let value = match value {
            Value::Array(names) => {
                let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
                names.join(", ")
            }
            value => value.to_string(),
        };
        fact(&mut text, name, &value);
    }
    output::text(&text)
}

/// What is known of a rejection: names of the scheme's own headers, numbers, no text
/// of the sender.
fn facts(verifier: &Verifier, rejection: Rejection) -> Map<String, Value> {
    let names = |set| Value::from_iter(verifier.header_names(set));
    let facts: &[(&str, Value)] = &match rejection {
        Rejection::MissingHeaders { missing } => vec![("missing_headers", names(missing))],
        Rejection::AmbiguousHeader { header } => vec![("ambiguous_headers", names(header))],
        Rejection::MalformedSignature { length, .. }
        | Rejection::InvalidTimestamp { length, .. } => vec![("length", length.into())],
        Rejection::BodyIncomplete { received } => vec![("received_bytes", received.into())],
        Rejection::BodyTooLarge { limit } => vec![("limit_bytes", limit.into())],
        Rejection::InvalidSignature { keys, signatures } => {
            vec![("keys", keys.into()), ("signatures", signatures.into())]
        }
        Rejection::TimestampSkew { skew, limit } => vec![
            ("skew_s", seconds(skew)),
            ("limit_s", limit.whole_seconds().into()),
        ],
        Rejection::EventIdMismatch { by_route } => vec![("by_route", by_route.into())],
        _ => Vec::new(),
    };
    let owned = facts.iter().cloned();
    owned
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Seconds, with a fraction only where there is one.
fn seconds(duration: time::Duration) -> Value {
    if duration.subsec_nanoseconds() == 0 {
        duration.whole_seconds().into()
    } else {
        duration.as_seconds_f64().into()
    }
}

fn fact(text: &mut String, name: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\n  {name:<16}{}", printable(value));
}
