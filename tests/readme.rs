//! The tables of README.md say what the code says. A failing test prints the
//! text that README.md must hold.
#![allow(clippy::panic, reason = "a helper stops at what it does not know")]

use countersign::scheme::{
    ANY_DELIVERY, Algorithm, Dedupe, DedupeRule, Encoding, EventIdRule, Format, JsonPath, KeyPart,
    Retries, Scheme, SignatureSource, Template, TimestampUnit, Window, catalogue,
};
use countersign::{Answer, Code};

const README: &str = include_str!("../README.md");

/// The table of schemes on the crate page.
const TABLE: &str = include_str!("../src/scheme/catalogue/table.md");

/// Set, it makes the test write the tables of schemes in place of comparing them.
const RENEW: &str = "RENEW_TABLES";

#[test]
fn schemes() {
    let table = scheme_table(by_name().into_iter());
    if std::env::var_os(RENEW).is_some() {
        let (before, rest) = README.split_once(OPEN).unwrap();
        let (_, after) = rest.split_once(CLOSE).unwrap();
        let readme = format!("{before}{OPEN}{table}{CLOSE}{after}");
        std::fs::write("README.md", readme).unwrap();
        std::fs::write("src/scheme/catalogue/table.md", table).unwrap();
        return;
    }
    let equal = TABLE == table && README.contains(&format!("{OPEN}{table}{CLOSE}"));
    assert!(
        equal,
        "the tables are not what the catalogue says; write them with\n    {RENEW}=1 cargo test --all-features --test readme"
    );
}

const OPEN: &str = "<!-- schemes -->\n\n";
const CLOSE: &str = "\n<!-- /schemes -->";

fn by_name() -> Vec<&'static Scheme> {
    let mut schemes: Vec<_> = catalogue::ALL.iter().collect();
    schemes.sort_by_key(|scheme| scheme.name.to_lowercase());
    schemes
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
            content(scheme),
            window(scheme),
            event_id(scheme),
            dedupe(&scheme.dedupe),
            retries(&scheme.sender.retries),
        ]
    });
    table(head, rows)
}

fn signature(scheme: &Scheme) -> String {
    if scheme.procedure.is_token() {
        return format!("{}: a token (JWT)", place(&scheme.signature));
    }
    let encoding = match scheme.encoding {
        Encoding::Base64 => "Base64",
        Encoding::Base64Url => "Base64url",
        Encoding::Hex => "hex",
        Encoding::Text => "the token",
        other => panic!("{other:?} is new here"),
    };
    let text = match &scheme.format {
        Format::Bare { prefix } if prefix.is_empty() => encoding.into(),
        Format::Bare { prefix } => format!("`{prefix}` and {encoding}"),
        Format::KeyValue { signature_key, .. } => format!("`{signature_key}=` and {encoding}"),
        Format::Pairs { pair_separator, .. } => {
            format!("public key, `{pair_separator}` and {encoding}")
        }
        Format::Tagged {
            tag, tag_separator, ..
        } => format!("`{tag}{tag_separator}` and {encoding}"),
        other => panic!("{other:?} is new here"),
    };
    format!("{}: {text}", place(&scheme.signature))
}

fn place(signature: &SignatureSource) -> String {
    match signature {
        SignatureSource::Form { field } => format!("form field `{field}`"),
        SignatureSource::Header { name, also } => {
            let also = also.iter().map(|name| format!(", `{name}`"));
            format!("`{name}`{}", also.collect::<String>())
        }
        SignatureSource::Json { path } => format!("body field `{}`", path.0),
        SignatureSource::Numbered { prefix, from, to } => {
            format!("`{prefix}{from}` to `{prefix}{to}`")
        }
        other => panic!("{other:?} is new here"),
    }
}

fn algorithm(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::EcdsaP256Sha256 => "ECDSA P-256 with SHA-256",
        Algorithm::Ed25519 => "Ed25519",
        Algorithm::Equals => "a shared token",
        Algorithm::HmacSha1 => "HMAC-SHA1",
        Algorithm::HmacSha256 => "HMAC-SHA256",
        Algorithm::HmacSha512 => "HMAC-SHA512",
        Algorithm::RsaPkcs1Sha256 => "RSA PKCS#1 v1.5 with SHA-256",
        Algorithm::WeakHashSha256 => "SHA-256 of secret and content (weak)",
        other => panic!("{other:?} is new here"),
    }
}

fn content(scheme: &Scheme) -> String {
    if scheme.covers().is_empty() {
        return "nothing".into();
    }
    if !scheme.procedure.is_declared() {
        let covers = scheme.covers();
        let covers: Vec<String> = covers.iter().map(|part| format!("`{part}`")).collect();
        return covers.join(", ");
    }
    let others = scheme
        .other_contents
        .iter()
        .map(|other| format!(" or {}", code(other)));
    format!("{}{}", code(&scheme.content), others.collect::<String>())
}

/// A template as code, on one line.
fn code(template: &Template) -> String {
    format!("`{}`", template.to_string().replace('\n', "\\n"))
}

fn window(scheme: &Scheme) -> String {
    match scheme.window {
        Window {
            past_s: Some(past),
            future_s: Some(future),
        } => format!("{} past, {} future", seconds(past), seconds(future)),
        Window::OFF if scheme.timestamp.is_empty() => "no signed time".into(),
        other => panic!("{other:?} is new here"),
    }
}

fn seconds(seconds: u32) -> String {
    match seconds {
        7200.. if seconds.is_multiple_of(3600) => format!("{} h", seconds / 3600),
        _ => format!("{seconds} s"),
    }
}

fn event_id(scheme: &Scheme) -> String {
    let Some(rule) = &scheme.event_id else {
        return "none".into();
    };
    match (&rule.json, &rule.header) {
        (Some(json), _) if scheme.procedure.is_token() => format!("claim `{}`", json.0),
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
        for path in rule.has.iter().filter(|_| !has_routes) {
            text.push_str(&format!("with `{}`: ", path.0));
        }
        for field in rule.equals.iter() {
            text.push_str(&format!("`{}` is `{}`: ", field.json.0, field.value));
        }
        if has_routes && rule.route.is_none() {
            text.push_str("other bodies: ");
        }
        text.push_str(&key(rule));
        let is_certain = rule.required || !rule.equals.is_empty();
        separator = if is_certain { "; " } else { ", else " };
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
        KeyPart::FormDigest => "form digest".into(),
        KeyPart::Header(name) => format!("`{name}`"),
        KeyPart::Json(path) => format!("`{}`", path.0),
        other => panic!("{other:?} is new here"),
    }
}

fn retries(retries: &Retries) -> String {
    let horizon = retries.horizon_s();
    let time = match (horizon / 3600, horizon % 3600 / 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) if hours.is_multiple_of(24) && hours > 72 => format!("{} days", hours / 24),
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
