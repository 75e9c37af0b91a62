//! The tables of README.md say what the code says. A failing test prints the
//! text that README.md must hold.

use countersign::scheme::{
    ANY_DELIVERY, Algorithm, Dedupe, DedupeRule, Encoding, EventIdRule, Format, JsonPath, KeyPart,
    Retries, Scheme, SignatureSource, TimestampUnit, Window, catalogue,
};
use countersign::{Answer, Code};

const README: &str = include_str!("../README.md");

/// The five systems that the crate was made for; the catalogue's others follow in a table of their own.
const FOUNDING: [&str; 5] = ["openpoly", "mutopay", "revtain", "debitura", "155io"];

#[test]
fn founding_systems() {
    let schemes = FOUNDING.map(|id| catalogue::find(id).unwrap());
    holds(&scheme_table(schemes.into_iter()));
}

#[test]
fn other_schemes() {
    holds(&scheme_table(
        catalogue::ALL
            .iter()
            .filter(|scheme| !FOUNDING.contains(&scheme.id.as_ref())),
    ));
}

#[test]
fn codes() {
    let rows = Code::ALL.iter().map(|code| {
        [
            format!("`{code}`"),
            code.meaning().into(),
            code.cause().into(),
            code.next_action().into(),
            match code.answer() {
                Answer::None => "–".into(),
                Answer::Retry => "retry".into(),
                Answer::Status(status) => status.to_string(),
                other => format!("{other:?}"),
            },
        ]
    });
    holds(&table(
        ["code", "meaning", "likely cause", "next action", "answer"],
        rows,
    ));
}

/// The two forms of the example scheme agree: the text is the builder's.
#[cfg(feature = "serde")]
#[test]
fn scheme_text() {
    let start = README.find("```toml\nid = ").unwrap() + "```toml\n".len();
    let text = README[start..].split("```").next().unwrap();
    let scheme: Scheme = toml::from_str(text).unwrap();
    let built = Scheme::builder("acme", "Acme")
        .docs("https://docs.acme.example/webhooks")
        .signature_header("x-acme-signature")
        .content("{timestamp}.{body}")
        .timestamp_header("x-acme-timestamp", TimestampUnit::Seconds)
        .window(Window::new(300, 300))
        .event_id(EventIdRule {
            header: None,
            json: Some(JsonPath("id".into())),
            required: true,
        })
        .dedupe(Dedupe::Rules(
            vec![DedupeRule {
                name: "event".into(),
                reason: "the signed body's id is the same on every attempt".into(),
                key: vec![KeyPart::EventId].into(),
                ..ANY_DELIVERY
            }]
            .into(),
        ))
        .build();
    assert_eq!(Ok(scheme), built);
}

#[track_caller]
fn holds(expected: &str) {
    assert!(
        README.contains(expected),
        "README.md must hold this text:\n\n{expected}"
    );
}

fn table<const COLUMNS: usize>(
    head: [&str; COLUMNS],
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let line = |cells: &[String]| {
        let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = line(&head.map(String::from));
    text.push_str(&format!("|{}\n", "---|".repeat(COLUMNS)));
    rows.for_each(|row| text.push_str(&line(&row)));
    text
}

fn scheme_table<'s>(schemes: impl Iterator<Item = &'s Scheme>) -> String {
    let head = [
        "provider",
        "id",
        "signature",
        "algorithm",
        "signed content",
        "window",
        "event id",
        "dedupe key",
        "retries",
    ];
    let rows = schemes.map(|scheme| {
        [
            format!("[{}]({})", scheme.name, scheme.docs),
            format!("`{}`", scheme.id),
            signature(scheme),
            algorithm(scheme.algorithm).into(),
            format!("`{}`", scheme.content),
            window(scheme),
            event_id(scheme),
            dedupe(&scheme.dedupe),
            retries(&scheme.sender.retries),
        ]
    });
    table(head, rows)
}

fn signature(scheme: &Scheme) -> String {
    let header = match &scheme.signature {
        SignatureSource::Header { name, .. } => name.as_ref(),
        _ => "in the body",
    };
    let encoding = match scheme.encoding {
        Encoding::Base64 => "Base64",
        Encoding::Hex => "hex",
        _ => "other",
    };
    let text = match &scheme.format {
        Format::Bare { prefix } if prefix.is_empty() => encoding.into(),
        Format::Bare { prefix } => format!("`{prefix}` and {encoding}"),
        Format::KeyValue { signature_key, .. } => format!("`{signature_key}=` and {encoding}"),
        Format::Tagged {
            tag, tag_separator, ..
        } => format!("`{tag}{tag_separator}` and {encoding}"),
        other => format!("{other:?}"),
    };
    format!("`{header}`: {text}")
}

fn algorithm(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::HmacSha256 => "HMAC-SHA256",
        Algorithm::RsaPkcs1Sha256 => "RSA PKCS#1 v1.5 with SHA-256",
        _ => "other",
    }
}

fn window(scheme: &Scheme) -> String {
    match scheme.window {
        Window {
            past_s: Some(past),
            future_s: Some(future),
        } => format!("{past} s past, {future} s future"),
        Window::OFF if scheme.timestamp.is_empty() => "no signed time".into(),
        other => format!("{other:?}"),
    }
}

fn event_id(scheme: &Scheme) -> String {
    let Some(rule) = &scheme.event_id else {
        return "none".into();
    };
    match (&rule.json, &rule.header) {
        (Some(json), Some(header)) => format!("body `{}`; `{header}` must equal it", json.0),
        (Some(json), None) => format!("body `{}`", json.0),
        (None, Some(header)) => format!("`{header}`"),
        (None, None) => "none".into(),
    }
}

fn dedupe(dedupe: &Dedupe) -> String {
    let Dedupe::Rules(rules) = dedupe else {
        return "none".into();
    };
    let mut text = String::new();
    let mut separator = "";
    let has_routes = rules.iter().any(|rule| rule.route.is_some());
    for rule in rules.iter() {
        text.push_str(separator);
        if has_routes && rule.route.is_none() {
            text.push_str("other bodies: ");
        }
        text.push_str(&key(rule));
        separator = if rule.required { "; " } else { ", else " };
    }
    text
}

fn key(rule: &DedupeRule) -> String {
    let parts: Vec<_> = rule.key.iter().map(part).collect();
    let key = if parts.is_empty() {
        "none".into()
    } else {
        parts.join(" + ")
    };
    match &rule.route {
        Some(route) => format!("`{route}`: {key}"),
        None => key,
    }
}

fn part(part: &KeyPart) -> String {
    match part {
        KeyPart::BodyDigest => "body digest".into(),
        KeyPart::EventId => "event id".into(),
        KeyPart::Form(field) => format!("`{field}`"),
        KeyPart::Header(name) => format!("`{name}`"),
        KeyPart::Json(path) => format!("`{}`", path.0),
        other => format!("{other:?}"),
    }
}

fn retries(retries: &Retries) -> String {
    let horizon = retries.horizon_s();
    let time = match (horizon / 3600, horizon % 3600 / 60) {
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    };
    match retries {
        Retries::Never => "none".into(),
        Retries::Schedule { delays_s } => format!("{} over {time}", delays_s.len()),
        Retries::Unknown => format!("not documented; {time} assumed"),
        _ => format!("over {time}"),
    }
}
