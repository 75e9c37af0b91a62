//! The ways to write each part of a URL: the receiver's own first, then what the sender
//! may have known it as, by the headers of proxies and by the usual differences.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use percent_encoding::percent_decode_str;

use crate::{Head, HeaderName};

/// Bytes of the longest text of a proxy's header that is taken into a URL.
const MAX_TEXT: usize = 2048;

/// One way to write a part: its text, and whether it is the receiver's own.
pub(super) type Way = (String, bool);

/// The ways of each part.
pub(super) struct Ways {
    pub(super) schemes: Vec<Way>,
    pub(super) hosts: Vec<Way>,
    pub(super) ports: Vec<Way>,
    pub(super) paths: Vec<Way>,
    pub(super) queries: Vec<Way>,
}

impl Ways {
    pub(super) fn new(url: &str, head: &Head<'_>) -> Self {
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        let (authority, target) = (authority(url), target(url));
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
        Self {
            schemes,
            hosts,
            ports,
            paths,
            queries,
        }
    }
}

/// Host and port.
pub(super) fn authority(url: &str) -> &str {
    let rest = after_scheme(url);
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// Path and query.
pub(super) fn target(url: &str) -> &str {
    let rest = after_scheme(url);
    rest.strip_prefix(authority(url)).unwrap_or_default()
}

/// All but scheme and fragment.
fn after_scheme(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('#').next().unwrap_or_default()
}

fn choices(own: &str) -> Vec<Way> {
    alloc::vec![(own.to_string(), true)]
}

fn add(choices: &mut Vec<Way>, texts: impl IntoIterator<Item = String>) {
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
