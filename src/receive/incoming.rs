//! A delivery that owns its parts.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::{Delivery, Headers};

/// One HTTP request from a provider, owned: what an adapter hands to a receiver.
///
/// The body is the bytes from the wire. A body that was parsed and printed again is
/// another body.
#[must_use]
pub struct Incoming {
    headers: Box<dyn Headers + Send>,
    method: Option<String>,
    url: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Incoming {
    /// A delivery from its headers and raw body.
    pub fn new(headers: impl Headers + Send + 'static, body: impl Into<Vec<u8>>) -> Self {
        Self {
            headers: Box::new(headers),
            method: None,
            url: None,
            body: body.into(),
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

    pub(super) fn as_delivery(&self) -> Delivery<'_> {
        let mut delivery = Delivery::new(&*self.headers, &self.body);
        if let Some(method) = &self.method {
            delivery = delivery.method(method);
        }
        if let Some(url) = &self.url {
            delivery = delivery.url(url);
        }
        delivery
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("method", &self.method)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
