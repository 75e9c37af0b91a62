//! Twilio: HMAC-SHA1 over the URL and the sorted form fields; for other bodies over the
//! URL alone, to which Twilio adds the body's SHA-256.
//!
//! An attacker controls the request, never the registered URL. That is tried with and
//! without its port, since Twilio signs either, and the body's hash is computed rather
//! than read from the request. `Content-Type` only says which of the two was signed.

use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use super::super::fields::one_value;
use super::super::form;
use super::super::headers::HeaderName;
use super::{Outsider, Proof, Request, signature};
use crate::scheme::Encoding;
use crate::{EventIdProblem, HeaderSet, Rejection};

#[derive(Debug)]
pub(super) struct Twilio {
    content_type: HeaderName,
}

impl Twilio {
    pub(super) fn new() -> Self {
        Self {
            content_type: HeaderName::new("content-type"),
        }
    }

    /// Whether the body is a form, as far as the request says what it is.
    fn is_form(&self, request: &Request<'_, '_>) -> Result<bool, Rejection> {
        let media_type = one_value(request.head.headers, &self.content_type).map_err(|_| {
            Rejection::AmbiguousHeader {
                header: HeaderSet::default(),
            }
        })?;
        Ok(media_type.is_none_or(|media_type| {
            let essence = media_type.split(|byte| *byte == b';').next();
            essence.is_some_and(|text| text.trim_ascii().eq_ignore_ascii_case(FORM))
        }))
    }
}

impl Outsider for Twilio {
    fn prove<'d>(&self, request: &Request<'_, 'd>) -> Result<Proof<'d>, Rejection> {
        let text = request.header("x-twilio-signature").unwrap_or_default();
        let signature = signature::<20>(Encoding::Base64, text)?;
        let is_form = self.is_form(request)?;
        request.within_cap()?;

        let url = Url::of(request.url.unwrap_or_default());
        let hash = hex::encode(Sha256::digest(request.body));
        let mut hashes = url.hashes().peekable();
        let mut reads_like_hash = false;
        let proven = if hashes.peek().is_some() {
            // The URL came with the hash: from the request, by waiver.
            let is_of_body = hashes.all(|given| given.eq_ignore_ascii_case(&hash));
            url.matching(request, &signature, b"")
                .filter(|_| is_of_body)
        } else {
            let hash = [if url.query().is_some() { "&" } else { "?" }, HASH, &hash].concat();
            // An empty body has no hash, whatever its type.
            let by_form = (is_form || request.body.is_empty()).then(|| form::sorted(request.body));
            let by_hash = (!is_form).then(|| hash.into_bytes());
            reads_like_hash = by_form.as_deref().is_some_and(is_hash);
            let mut suffixes = by_form.into_iter().chain(by_hash);
            suffixes.find_map(|suffix| url.matching(request, &signature, &suffix))
        };
        let key = proven.ok_or_else(|| request.no_match(1))?;
        if reads_like_hash {
            return Err(Rejection::InvalidEventId {
                problem: EventIdProblem::Ambiguous,
            });
        }
        Ok(Proof {
            key,
            time: None,
            claimed_id: None,
        })
    }
}

/// Whether sorted fields read like the hash that Twilio adds to a URL: the signature of
/// another body could then pass for one of these fields.
fn is_hash(fields: &[u8]) -> bool {
    let rest = fields
        .strip_prefix(b"?")
        .or_else(|| fields.strip_prefix(b"&"));
    rest.is_some_and(|rest| rest.starts_with(HASH.as_bytes()))
}

/// A URL, cut where Twilio's own text may differ from it.
struct Url<'u> {
    /// Up to the host's end.
    host: &'u str,
    /// The port with its colon, as written or else the scheme's own.
    port: &'u str,
    /// Path and query.
    path: &'u str,
    /// The fragment with its `#`, where Twilio takes how to connect; no request has it.
    fragment: &'u str,
}

impl<'u> Url<'u> {
    fn of(url: &'u str) -> Self {
        let (url, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
        let scheme = url.find("://").map_or(0, |at| at.saturating_add(3));
        let (scheme, rest) = url.split_at(scheme);
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let colon = authority
            .rfind(':')
            .filter(|at| {
                let port = authority.get(at.saturating_add(1)..).unwrap_or_default();
                !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
            })
            .unwrap_or(authority.len());
        let (_, port) = authority.split_at(colon);
        let host = url.get(..scheme.len().saturating_add(colon));
        Self {
            host: host.unwrap_or_default(),
            port: match port {
                "" if scheme.eq_ignore_ascii_case("https://") => ":443",
                "" => ":80",
                port => port,
            },
            path,
            fragment,
        }
    }

    fn query(&self) -> Option<&'u str> {
        self.path.split_once('?').map(|(_, query)| query)
    }

    /// The hashes of a body that the query holds.
    fn hashes(&self) -> impl Iterator<Item = &'u str> {
        let pairs = self.query().unwrap_or_default().split('&');
        pairs.filter_map(|pair| pair.strip_prefix(HASH))
    }

    /// The key under which `signature` is over this URL, in any of Twilio's ways to
    /// write it, and `suffix`.
    fn matching(
        &self,
        request: &Request<'_, '_>,
        signature: &[u8],
        suffix: &[u8],
    ) -> Option<usize> {
        let mut ways: Vec<[&str; 2]> = alloc::vec![["", ""], [self.port, ""]];
        if !self.fragment.is_empty() {
            ways.extend([["", self.fragment], [self.port, self.fragment]]);
        }
        ways.iter().find_map(|[port, fragment]| {
            let message = [self.host, port, self.path, fragment].map(str::as_bytes);
            let [host, port, path, fragment] = message;
            let message = [host, port, path, fragment, suffix];
            request.keys.matching(&message, &[signature])
        })
    }
}

const FORM: &[u8] = b"application/x-www-form-urlencoded";
const HASH: &str = "bodySHA256=";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_cut_at_port_path_and_fragment() {
        for (text, parts) in [
            (
                "https://u:1@h.test:8443/a?b=:1#rc=3",
                ["https://u:1@h.test", ":8443", "/a?b=:1", "#rc=3"],
            ),
            (
                "https://u:pw@h.test/a",
                ["https://u:pw@h.test", ":443", "/a", ""],
            ),
            ("http://[::1]?x", ["http://[::1]", ":80", "?x", ""]),
            ("http://[::1]:81", ["http://[::1]", ":81", "", ""]),
            ("", ["", ":80", "", ""]),
        ] {
            let url = Url::of(text);
            assert_eq!([url.host, url.port, url.path, url.fragment], parts);
        }
    }
}
