//! What the signed URL may be, behind proxies and after rewriting.

mod ways;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use self::ways::{Way, Ways, authority, target};
use super::super::cause::Cause;
use super::super::finding::Mistake;
use crate::Head;

/// URLs that are tried: each is one MAC by itself.
const MAX_URLS: usize = 256;

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

/// The URLs, those with the fewest parts changed first.
pub(in super::super) fn others(url: &str, head: &Head<'_>) -> Vec<Other> {
    let ways = Ways::new(url, head);
    let mut found: Vec<Other> = Vec::new();
    let parts: [(&str, &[Way]); 5] = [
        ("scheme", &ways.schemes),
        ("host", &ways.hosts),
        ("port", &ways.ports),
        ("path", &ways.paths),
        ("query", &ways.queries),
    ];
    for changed in 1..=4 {
        combine(&parts, changed, &mut found, url);
    }
    let target = target(url);
    let authority = authority(url);
    let path = target.split('?').next().unwrap_or_default();
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
fn combine(parts: &[(&'static str, &[Way]); 5], changed: usize, found: &mut Vec<Other>, own: &str) {
    let lengths = parts.map(|(_, choices)| choices.len());
    let mut places = [0_usize; 5];
    loop {
        let chosen: Vec<(&'static str, &Way)> = parts
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
