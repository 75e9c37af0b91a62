//! What the signed URL may be, behind proxies and after rewriting.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use percent_encoding::percent_decode_str;

use super::super::cause::Cause;
use super::super::finding::Mistake;
use crate::{Head, HeaderName};

/// URLs that are tried: each is one MAC by itself.
const MAX_URLS: usize = 256;
/// Bytes of the longest text of a proxy's header that is taken into a URL.
const MAX_TEXT: usize = 2048;

/// A URL that the sender may have signed, and the parts that differ from the receiver's.
#[derive(Clone, Debug)]
pub(in super::super) struct Other {
    pub(in super::super) url: String,
    parts: Vec<&'static str>,
}

impl Other {
    /// What a match under it says. The parts are named, and not what stands in them: a
    /// query may hold a password.
    pub(in super::super) fn mistake(&self) -> Mistake {
        let parts = self.parts.join(", ");
        Mistake {
            cause: Cause::UrlChanged,
            detail: alloc::vec![(
                "parts",
                self.parts
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .into()
            )],
            fix: alloc::format!(
                "The sender signs the URL as it knows it, and the receiver's differs in: {parts}. Register and configure one and the same public URL (a proxy changes what the request says of itself): give it to the verifier as registered."
            ),
        }
    }
}

/// One way to write a part: its text, and whether it is the receiver's own.
type Choice = (String, bool);

/// The URLs, those with the fewest parts changed first.
pub(in super::super) fn others(url: &str, head: &Head<'_>) -> Vec<Other> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let rest = rest.split('#').next().unwrap_or_default();
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port))
            if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            (host, port)
        }
        _ => (authority, ""),
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));

    let mut schemes = choices(scheme);
    add(&mut schemes, ["https", "http"].map(str::to_string));
    let mut hosts = choices(host);
    let mut ports = choices(port);
    let mut paths = choices(path);
    let mut queries = choices(query);
    for name in ["x-forwarded-host", "x-original-host", "host", ":authority"] {
        for value in values(head, name) {
            let (own, port) = match value.rsplit_once(':') {
                Some((own, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                    (own.to_string(), port.to_string())
                }
                _ => (value.clone(), String::new()),
            };
            add(&mut hosts, [own]);
            add(&mut ports, [port]);
        }
    }
    add(&mut hosts, [host.to_ascii_lowercase()]);
    add(
        &mut hosts,
        [host
            .strip_prefix("www.")
            .map_or_else(|| alloc::format!("www.{host}"), ToString::to_string)],
    );
    add(&mut ports, [String::new()]);
    add(&mut ports, values(head, "x-forwarded-port"));
    add(
        &mut ports,
        ["443", "80", "8080", "8443", "3000", "8000"].map(str::to_string),
    );
    add(
        &mut paths,
        [match path.strip_suffix('/') {
            Some(cut) => cut.to_string(),
            None => alloc::format!("{path}/"),
        }],
    );
    let targets = [
        "x-original-uri",
        "x-original-url",
        "x-rewrite-url",
        "x-forwarded-uri",
        "x-envoy-original-path",
    ];
    let told = targets
        .iter()
        .flat_map(|name| values(head, name))
        .chain(head.url.map(ToString::to_string));
    for target in told {
        let target = target
            .split_once("://")
            .map_or(target.as_str(), |(_, rest)| {
                rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
            })
            .to_string();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        add(&mut paths, [path.to_string()]);
        add(&mut queries, [query.to_string()]);
    }
    for prefix in values(head, "x-forwarded-prefix") {
        let prefix = prefix.trim_end_matches('/');
        add(&mut paths, [alloc::format!("{prefix}{path}")]);
        add(
            &mut paths,
            path.strip_prefix(prefix).map(ToString::to_string),
        );
    }
    add(
        &mut paths,
        [
            percent_decode_str(path).decode_utf8_lossy().into_owned(),
            path.to_ascii_lowercase(),
        ],
    );
    add(&mut queries, [String::new()]);
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_unstable();
    add(&mut queries, [pairs.join("&")]);
    pairs.reverse();
    add(
        &mut queries,
        [
            pairs.join("&"),
            query.replace('+', "%20"),
            query.replace("%20", "+"),
            percent_decode_str(query).decode_utf8_lossy().into_owned(),
        ],
    );

    let mut found: Vec<Other> = Vec::new();
    let parts: [(&str, &[Choice]); 5] = [
        ("scheme", &schemes),
        ("host", &hosts),
        ("port", &ports),
        ("path", &paths),
        ("query", &queries),
    ];
    for changed in 1..=4 {
        combine(&parts, changed, &mut found, url);
    }
    let alone = [
        ("scheme and host missing", target.to_string()),
        ("scheme missing", alloc::format!("{authority}{target}")),
        ("scheme, host and query missing", path.to_string()),
    ];
    for (part, text) in alone {
        if text != url && !text.is_empty() && found.iter().all(|known| known.url != text) {
            found.push(Other {
                url: text,
                parts: alloc::vec![part],
            });
        }
    }
    found
}

/// Adds the URLs in which exactly `changed` parts are not the receiver's.
fn combine(
    parts: &[(&'static str, &[Choice]); 5],
    changed: usize,
    found: &mut Vec<Other>,
    own: &str,
) {
    let lengths = parts.map(|(_, choices)| choices.len());
    let mut places = [0_usize; 5];
    loop {
        let chosen: Vec<(&'static str, &Choice)> = parts
            .iter()
            .zip(places)
            .filter_map(|((name, choices), place)| Some((*name, choices.get(place)?)))
            .collect();
        let others: Vec<&'static str> = chosen
            .iter()
            .filter(|(_, choice)| !choice.1)
            .map(|(name, _)| *name)
            .collect();
        if others.len() == changed && found.len() < MAX_URLS {
            let text = |index: usize| {
                chosen
                    .get(index)
                    .map_or("", |(_, choice)| choice.0.as_str())
            };
            let url = write(text(0), text(1), text(2), text(3), text(4));
            if url != own && found.iter().all(|known| known.url != url) {
                found.push(Other { url, parts: others });
            }
        }
        // The next combination, the last part turning first.
        let mut turned = false;
        for (place, length) in places.iter_mut().zip(lengths).rev() {
            *place = place.saturating_add(1);
            if *place < length {
                turned = true;
                break;
            }
            *place = 0;
        }
        if !turned {
            return;
        }
    }
}

fn write(scheme: &str, host: &str, port: &str, path: &str, query: &str) -> String {
    let mut url = String::new();
    if !scheme.is_empty() {
        url.push_str(scheme);
        url.push_str("://");
    }
    url.push_str(host);
    if !port.is_empty() {
        url.push(':');
        url.push_str(port);
    }
    url.push_str(path);
    if !query.is_empty() {
        url.push('?');
        url.push_str(query);
    }
    url
}

fn choices(own: &str) -> Vec<Choice> {
    alloc::vec![(own.to_string(), true)]
}

fn add(choices: &mut Vec<Choice>, texts: impl IntoIterator<Item = String>) {
    for text in texts {
        if choices.len() < 10 && choices.iter().all(|(known, _)| *known != text) {
            choices.push((text, false));
        }
    }
}

/// A header's values, each of a comma-separated list by itself.
fn values(head: &Head<'_>, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    head.headers.visit(&HeaderName::new(name), &mut |value| {
        if let Ok(text) = core::str::from_utf8(value)
            && text.len() <= MAX_TEXT
        {
            found.extend(text.split(',').map(|part| part.trim().to_string()).take(4));
        }
    });
    found.retain(|text| !text.is_empty());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(url: &str, headers: &[(&str, &str)], path: &str, signed: &str) -> Vec<&'static str> {
        let headers = headers.to_vec();
        let head = Head::new(&headers).url(path);
        let others = others(url, &head);
        assert!(others.len() <= MAX_URLS + 3);
        let other = others.into_iter().find(|other| other.url == signed);
        other.unwrap_or_else(|| panic!("{signed}")).parts
    }

    #[test]
    fn what_a_proxy_changes_is_undone() {
        let own = "http://10.0.0.7:3000/hooks?b=2&a=1";
        let behind = [
            ("Host", "10.0.0.7:3000"),
            ("X-Forwarded-Host", "shop.example"),
            ("X-Forwarded-Prefix", "/api"),
        ];
        for (signed, parts) in [
            ("https://10.0.0.7:3000/hooks?b=2&a=1", &["scheme"][..]),
            ("http://10.0.0.7/hooks?b=2&a=1", &["port"]),
            ("http://10.0.0.7:3000/hooks/?b=2&a=1", &["path"]),
            ("http://10.0.0.7:3000/hooks?a=1&b=2", &["query"]),
            ("http://10.0.0.7:3000/hooks", &["query"]),
            ("http://10.0.0.7:3000/api/hooks?b=2&a=1", &["path"]),
            (
                "https://shop.example/hooks?b=2&a=1",
                &["scheme", "host", "port"],
            ),
            ("/hooks?b=2&a=1", &["scheme and host missing"]),
        ] {
            assert_eq!(
                found(own, &behind, "/hooks?b=2&a=1", signed),
                parts,
                "{signed}"
            );
        }
    }
}
