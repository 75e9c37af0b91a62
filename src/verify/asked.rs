//! What a challenge needs of the verifier: fields of a body or a query, and the MAC that
//! some are answered with.
//!
//! A body comes in as [`Authentic`], so nothing of one that the provider signs is read
//! before the signature has matched.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::headers::HeaderName;
use super::{Authentic, Head, Verifier, form, json};

impl Verifier {
    /// The public id of a key, where it has one, and the MAC of a token under it. `None`
    /// for keys that make no MAC.
    pub(crate) fn answer(&self, key: usize, token: &[u8]) -> Option<(&[u8], Vec<u8>)> {
        self.keys.answer(key, token)
    }
}

impl<'d> Authentic<'d> {
    pub(crate) const fn verifier(&self) -> &'d Verifier {
        self.verifier
    }

    pub(crate) const fn body(&self) -> &'d [u8] {
        self.body
    }

    /// The place in the ring of the key that matched.
    pub(crate) const fn key(&self) -> usize {
        self.key
    }

    /// Whether it is a batch without items.
    pub(crate) fn is_empty_batch(&self) -> bool {
        let batch = self.verifier.scheme.batch.as_ref();
        batch
            .and_then(|batch| json::read_items(self.body, &batch.items))
            .is_some_and(|items| items.is_empty())
    }
}

impl<'d> Head<'d> {
    /// The value of a header that the request has once.
    pub(crate) fn header(&self, name: &str) -> Option<&'d [u8]> {
        let name = HeaderName::new(name);
        let (mut value, mut count) = (None, 0_usize);
        self.headers.visit(&name, &mut |seen| {
            value = Some(seen);
            count = count.saturating_add(1);
        });
        value.filter(|_| count == 1)
    }

    /// The value of a parameter that the query has once, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<Cow<'d, [u8]>> {
        let query = Some(self.query()).filter(|query| query.len() <= MAX_QUERY)?;
        form::field(query.as_bytes(), name)
    }

    /// The path of the request's URL.
    pub(crate) fn path(&self) -> Option<&'d str> {
        let target = self.url?.split(['?', '#']).next()?;
        if target.starts_with('/') {
            return Some(target);
        }
        let (_, rest) = target.split_once("://")?;
        rest.get(rest.find('/')?..)
    }
}

/// Longest query that is read, in bytes: no challenge's comes near it.
const MAX_QUERY: usize = 4096;
