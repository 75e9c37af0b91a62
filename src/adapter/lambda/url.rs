//! Path and query of a request, from what an event has kept of them.

use alloc::string::String;
use alloc::vec::Vec;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

/// The URL without a host. An empty query has no question mark.
pub(super) fn url(path: &str, query: &str) -> String {
    let mut url: String = utf8_percent_encode(path, PATH_ENDS).collect();
    if !query.is_empty() {
        url.push('?');
        url.push_str(query);
    }
    url
}

/// A query of these pairs, as they stand.
pub(super) fn query(pairs: &[(String, String)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(name);
        query.push('=');
        query.push_str(value);
    }
    query
}

/// The pairs, which were decoded, encoded again.
pub(super) fn encoded(pairs: &[(String, String)]) -> Vec<(String, String)> {
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).collect();
    pairs
        .iter()
        .map(|(name, value)| (encode(name), encode(value)))
        .collect()
}

/// Everything but what RFC 3986 calls unreserved.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What would end a path. An escape that stands in it stays as it is.
const PATH_ENDS: &AsciiSet = &CONTROLS.add(b' ').add(b'#').add(b'?');
