//! A delivery that owns its parts.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::{Delivery, Head, Headers};

/// One HTTP request from a provider, owned: what an adapter hands to a receiver.
///
/// The body is the bytes from the wire. A body that was parsed and printed again is
/// another body.
#[must_use]
pub struct Incoming {
    pub(super) head: IncomingHead,
    pub(super) body: Vec<u8>,
}

/// A delivery without its body, owned: for a body that is still to come.
#[must_use]
pub struct IncomingHead {
    headers: Box<dyn Headers + Send>,
    method: Option<String>,
    url: Option<String>,
}

impl Incoming {
    /// A delivery from its headers and raw body.
    pub fn new(headers: impl Headers + Send + 'static, body: impl Into<Vec<u8>>) -> Self {
        Self {
            head: IncomingHead::new(headers),
            body: body.into(),
        }
    }

    /// The request method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.head = self.head.method(method);
        self
    }

    /// The request's URL, or its path alone.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.head = self.head.url(url);
        self
    }
}

impl IncomingHead {
    /// A head from its headers.
    pub fn new(headers: impl Headers + Send + 'static) -> Self {
        Self {
            headers: Box::new(headers),
            method: None,
            url: None,
        }
    }

    /// The request method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// The request's URL, or its path alone.
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    pub(super) fn as_head(&self) -> Head<'_> {
        let mut head = Head::new(&*self.headers);
        if let Some(method) = &self.method {
            head = head.method(method);
        }
        if let Some(url) = &self.url {
            head = head.url(url);
        }
        head
    }

    pub(super) fn with_body<'d>(&'d self, body: &'d [u8]) -> Delivery<'d> {
        Delivery {
            head: self.as_head(),
            body,
        }
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("method", &self.head.method)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for IncomingHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingHead")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}
