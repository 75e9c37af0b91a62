//! One HTTP request from a provider.

use core::fmt;

use super::headers::Headers;

/// A delivery: headers and raw body, with method and URL where they matter.
///
/// The body is the bytes from the wire. A body that was parsed and printed again
/// is another body.
#[derive(Clone, Copy)]
#[must_use]
pub struct Delivery<'d> {
    pub(crate) head: Head<'d>,
    pub(crate) body: &'d [u8],
}

/// A delivery without its body, for the streaming entry.
#[derive(Clone, Copy)]
#[must_use]
pub struct Head<'d> {
    pub(crate) headers: &'d dyn Headers,
    pub(crate) method: Option<&'d str>,
    pub(crate) url: Option<&'d str>,
}

impl<'d> Delivery<'d> {
    /// A delivery from its headers and raw body.
    pub fn new(headers: &'d dyn Headers, body: &'d [u8]) -> Self {
        Self {
            head: Head::new(headers),
            body,
        }
    }

    /// The request method.
    pub const fn method(mut self, method: &'d str) -> Self {
        self.head.method = Some(method);
        self
    }

    /// The request's URL, or its path alone. It chooses among rules per route and
    /// serves schemes that sign a query; a scheme that signs the URL takes it as
    /// registered, from the verifier.
    pub const fn url(mut self, url: &'d str) -> Self {
        self.head.url = Some(url);
        self
    }
}

impl<'d> Head<'d> {
    /// A head from its headers.
    pub fn new(headers: &'d dyn Headers) -> Self {
        Self {
            headers,
            method: None,
            url: None,
        }
    }

    /// The request method.
    pub const fn method(mut self, method: &'d str) -> Self {
        self.method = Some(method);
        self
    }

    /// The request's URL, or its path alone.
    pub const fn url(mut self, url: &'d str) -> Self {
        self.url = Some(url);
        self
    }

    /// Whether there is a URL and its path ends in `route`.
    pub(crate) fn is_at(&self, route: &str) -> bool {
        let path = |url: &'d str| url.split(['?', '#']).next().unwrap_or_default();
        self.url
            .is_some_and(|url| path(url).trim_end_matches('/').ends_with(route))
    }

    /// The URL's query, without the question mark.
    pub(crate) fn query(&self) -> &'d str {
        let url = self.url.unwrap_or_default();
        let before_fragment = url.split('#').next().unwrap_or_default();
        before_fragment
            .split_once('?')
            .map_or("", |(_, query)| query)
    }
}

impl fmt::Debug for Delivery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
