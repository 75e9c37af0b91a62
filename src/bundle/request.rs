//! Method, path and names of query parameters. Values of parameters are often tokens, and
//! so are long segments of a path: they are not shown.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::shape::shape;
use super::shown::Shown;
use crate::Head;

/// Longest method that is shown, in bytes.
const MAX_METHOD: usize = 16;
/// Longest path that is shown, in bytes.
const MAX_PATH: usize = 512;
/// A segment of a path with a digit in it and this many bytes may be a token.
const TOKEN: usize = 20;
/// Parameters that are named, and the longest name in bytes.
const MAX_PARAMETERS: usize = 32;
const MAX_NAME: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
    /// Names of query parameters, in their order.
    pub(super) query: Vec<String>,
}

impl Request {
    pub(super) fn new(head: &Head<'_>, shown: &Shown<'_>) -> Self {
        let names = head.query().split('&').filter(|item| !item.is_empty());
        Self {
            method: head.method.map(|method| shown.text(method, MAX_METHOD)),
            path: head.url.map(|url| path(url, shown)),
            query: names
                .take(MAX_PARAMETERS)
                .map(|item| match item.split_once('=') {
                    Some((name, _)) => shown.text(name, MAX_NAME),
                    // Without a value it may be one itself.
                    None => shown.text(item, 0),
                })
                .collect(),
        }
    }
}

/// The path of a URL, without user, host and query.
fn path(url: &str, shown: &Shown<'_>) -> String {
    let target = url.split(['?', '#']).next().unwrap_or_default();
    let rest = target.split_once("//").map_or(target, |(before, rest)| {
        let is_scheme = before.ends_with(':') && !before.contains('/');
        if before.is_empty() || is_scheme {
            rest
        } else {
            target
        }
    });
    let path = rest.find('/').and_then(|start| rest.get(start..));
    let segments: Vec<String> = path.unwrap_or("/").split('/').map(segment).collect();
    shown.text(&segments.join("/"), MAX_PATH)
}

/// A segment, or its shape if it may be a token.
fn segment(segment: &str) -> String {
    let may_be_token = segment.len() >= TOKEN && segment.bytes().any(|byte| byte.is_ascii_digit());
    if may_be_token {
        return alloc::format!("({})", shape(segment.as_bytes()));
    }
    segment.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::catalogue::GITHUB;
    use crate::{Delivery, KeyRing};

    #[test]
    fn only_the_path_and_names_are_shown() {
        let ring = KeyRing::new().with("k", "the secret of this test").unwrap();
        let shown = Shown::new(&GITHUB, &ring);
        for (url, path, query) in [
            ("/in?token=abc&z", "/in", &["token", "(alphanumeric 1)"][..]),
            ("https://user:pass@host:8443/a/b?x=1#f", "/a/b", &["x"]),
            ("https://user:pass@host", "/", &[]),
            ("//user:pass@host/a", "/a", &[]),
            ("user:pass@host/a", "/a", &[]),
            ("/hooks/9f8e7d6c5b4a39281706", "/hooks/(hex 20)", &[]),
            ("/in/the secret of this test", "(text 27)", &[]),
            ("/a//b?u=http://c//d", "/a//b", &["u"]),
            ("/a://b", "/a://b", &[]),
        ] {
            let query = query.iter().map(ToString::to_string).collect();
            let headers: [(&str, &str); 0] = [];
            let delivery = Delivery::new(&headers, b"").url(url);
            assert_eq!(
                Request::new(&delivery.head, &shown),
                Request {
                    method: None,
                    path: Some(path.into()),
                    query
                },
                "{url}"
            );
        }
    }
}
