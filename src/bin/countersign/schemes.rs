//! `schemes`: the catalogue, and one scheme in full.

use core::fmt::Write as _;

use countersign::scheme::{
    BatchRule, Challenge, Dedupe, DedupeRule, EventIdRule, KeyPart, Retries, Scheme, SuccessAnswer,
    catalogue,
};
use serde::Serialize;

use super::arguments::Schemes;
use super::fault::{self, Failure};
use super::{input, like, output};

pub(crate) fn run(arguments: &Schemes) -> Result<u8, Failure> {
    if let Some(path) = &arguments.delivery {
        return like::run(path, arguments.json);
    }
    let schemes = match &arguments.id {
        None => catalogue::ALL,
        Some(id) => match input::find(id) {
            Ok(scheme) => core::slice::from_ref(scheme),
            Err(problem) => {
                output::fault(&problem, 0, arguments.json)?;
                return Ok(fault::STATUS);
            }
        },
    };
    if arguments.json {
        schemes.iter().try_for_each(output::json)?;
    } else if arguments.id.is_some() {
        for scheme in schemes {
            output::text(&in_full(scheme))?;
        }
    } else {
        output::text(&table(schemes))?;
    }
    Ok(0)
}

fn table(schemes: &[Scheme]) -> String {
    let head = [
        "ID",
        "NAME",
        "ALGORITHM",
        "CONTENT",
        "WINDOW",
        "EVENT ID",
        "RETRIES",
    ];
    let mut rows = vec![head.map(ToOwned::to_owned)];
    rows.extend(schemes.iter().map(|scheme| {
        [
            scheme.id.to_string(),
            scheme.name.to_string(),
            word(&scheme.algorithm),
            scheme.content.to_string(),
            window(scheme),
            event_id(scheme.event_id.as_ref()),
            retries(&scheme.sender.retries),
        ]
    }));
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(widths);
        let padded: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn in_full(scheme: &Scheme) -> String {
    let mut text = format!("{} ({})", scheme.name, scheme.id);
    let mut fact = |name: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  {name:<18}{value}");
    };
    let sender = &scheme.sender;
    fact("docs", &scheme.docs);
    fact("headers", &scheme.required_headers().join(", "));
    fact("signature", &data(&scheme.signature));
    fact("format", &data(&scheme.format));
    fact("encoding", &word(&scheme.encoding));
    fact("algorithm", &word(&scheme.algorithm));
    fact(
        "secret",
        &format!(
            "{}, at least {} bytes",
            word(&scheme.key.form),
            scheme.key.min_bytes
        ),
    );
    if let Some(prefix) = &scheme.key.strip_prefix {
        fact("", &format!("the prefix {prefix} is cut off"));
    }
    for refused in scheme.key.refused_prefixes.iter() {
        fact(
            "",
            &format!("{}... is {} and refused", refused.prefix, refused.is),
        );
    }
    fact("content", &scheme.content.to_string());
    for content in scheme.other_contents.iter() {
        fact("or", &content.to_string());
    }
    let covers = scheme.covers().join(", ");
    fact(
        "covers",
        if covers.is_empty() {
            "nothing"
        } else {
            &covers
        },
    );
    for family in scheme.aliases.iter() {
        fact(
            "alias",
            &format!("{}* headers may come as {}*", family.prefix, family.alias),
        );
    }
    for source in scheme.timestamp.iter() {
        fact("timestamp", &data(source));
    }
    fact("window", &window(scheme));
    if !scheme.timestamp.is_empty() {
        fact("tolerance", &format!("{} (the sender's)", sender.tolerance));
    }
    for header in scheme.require.iter() {
        fact("must be", &format!("{}: {}", header.name, header.value));
    }
    fact("event id", &event_id(scheme.event_id.as_ref()));
    if let Some(BatchRule { items }) = &scheme.batch {
        fact("batch", &format!("items at {}", items.0));
    }
    match &scheme.dedupe {
        Dedupe::None { reason } => fact("dedupe", &format!("none: {reason}")),
        Dedupe::Rules(rules) => rules.iter().for_each(|rule| fact("dedupe", &dedupe(rule))),
        other => fact("dedupe", &data(other)),
    }
    if scheme.challenge != Challenge::None {
        fact("challenge", &data(&scheme.challenge));
    }
    fact("body limit", &format!("{} bytes", scheme.body_limit));
    fact("retries", &retries(&sender.retries));
    if let Some(timeout) = sender.timeout_s {
        fact("waits for answer", &format!("{timeout} s"));
    }
    fact(
        "success",
        &match sender.success {
            SuccessAnswer::Exactly(status) => format!("HTTP {status} exactly"),
            _ => "any 2xx".to_owned(),
        },
    );
    fact("tries again on", &format!("HTTP {}", sender.retry_status));
    if sender.reply_matters {
        fact("reply", "its body has a meaning to the sender");
    }
    if sender.identical_retries {
        fact("retries repeat", "the body byte for byte");
    }
    fact("rotation", &sender.rotation);
    sender.quirks.iter().for_each(|quirk| fact("note", quirk));
    for waiver in scheme.waivers.iter() {
        fact("waived", &data(waiver));
    }
    text
}

/// A value as its data, in one line.
fn data(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A value that is one word in data.
fn word(value: &impl Serialize) -> String {
    data(value).trim_matches('"').to_owned()
}

fn window(scheme: &Scheme) -> String {
    if scheme.timestamp.is_empty() {
        return "no time".to_owned();
    }
    let side =
        |limit: Option<u32>| limit.map_or_else(|| "off".to_owned(), |limit| format!("{limit} s"));
    let window = scheme.window;
    format!(
        "past {}, future {}",
        side(window.past_s),
        side(window.future_s)
    )
}

fn event_id(rule: Option<&EventIdRule>) -> String {
    let Some(rule) = rule else {
        return "none".to_owned();
    };
    let header = rule.header.iter().map(|name| format!("header {name}"));
    let json = rule.json.iter().map(|path| format!("json {}", path.0));
    let places: Vec<String> = json.chain(header).collect();
    places.join(" = ")
}

fn dedupe(rule: &DedupeRule) -> String {
    let parts = rule.key.iter().map(|part| match part {
        KeyPart::BodyDigest => "body digest".to_owned(),
        KeyPart::EventId => "event id".to_owned(),
        KeyPart::Form(field) => format!("form {field}"),
        KeyPart::FormDigest => "form digest".to_owned(),
        KeyPart::Header(name) => format!("header {name}"),
        KeyPart::Json(path) => format!("json {}", path.0),
        other => data(other),
    });
    let key = parts.collect::<Vec<_>>().join(" + ");
    let key = if key.is_empty() {
        "never claimed"
    } else {
        &key
    };
    let route = rule.route.as_ref().map(|route| format!(" at {route}"));
    format!(
        "{}{}: {key}; {}",
        rule.name,
        route.unwrap_or_default(),
        rule.reason
    )
}

fn retries(retries: &Retries) -> String {
    let horizon = hours(retries.horizon_s());
    match retries {
        Retries::Never => "never".to_owned(),
        Retries::Schedule { delays_s } => format!("{} over {horizon}", delays_s.len()),
        Retries::Until { .. } => format!("for {horizon}"),
        _ => format!("not documented ({horizon} assumed)"),
    }
}

fn hours(seconds: u32) -> String {
    match seconds {
        0..7200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3600)),
    }
}
