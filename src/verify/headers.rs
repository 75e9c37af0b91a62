//! Headers from any map, through one small trait.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

/// A header's name, in lower case, prepared once when a verifier is built.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderName {
    text: String,
    #[cfg(feature = "http")]
    hashed: Option<http::HeaderName>,
}

impl HeaderName {
    pub(crate) fn new(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        Self {
            #[cfg(feature = "http")]
            hashed: http::HeaderName::from_bytes(text.as_bytes()).ok(),
            text,
        }
    }

    /// The name in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `name` is this name in any case.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.text.eq_ignore_ascii_case(name)
    }
}

impl fmt::Debug for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

/// Where headers come from: `http::HeaderMap`, slices and vectors of pairs, maps,
/// closures (through [`header_fn`]).
///
/// A source shows *every* value of a name. One that hides repetitions would let
/// an attacker choose which of two values is judged.
pub trait Headers {
    /// Calls `see` with each value of `name`, in the order of the request.
    fn visit<'h>(&'h self, name: &HeaderName, see: &mut dyn FnMut(&'h [u8]));

    /// Calls `see` with each value of each of `names`, and the name's place among them.
    fn visit_each<'h>(&'h self, names: &[HeaderName], see: &mut dyn FnMut(usize, &'h [u8])) {
        for (place, name) in names.iter().enumerate() {
            self.visit(name, &mut |value| see(place, value));
        }
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Headers for [(N, V)] {
    fn visit<'h>(&'h self, name: &HeaderName, see: &mut dyn FnMut(&'h [u8])) {
        self.iter()
            .filter(|(key, _)| name.matches(key.as_ref()))
            .for_each(|(_, value)| see(value.as_ref()));
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const LENGTH: usize> Headers for [(N, V); LENGTH] {
    fn visit<'h>(&'h self, name: &HeaderName, see: &mut dyn FnMut(&'h [u8])) {
        self.as_slice().visit(name, see);
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Headers for Vec<(N, V)> {
    fn visit<'h>(&'h self, name: &HeaderName, see: &mut dyn FnMut(&'h [u8])) {
        self.as_slice().visit(name, see);
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Headers for BTreeMap<N, V> {
    fn visit<'h>(&'h self, name: &HeaderName, see: &mut dyn FnMut(&'h [u8])) {
        self.iter()
            .filter(|(key, _)| name.matches(key.as_ref()))
            .for_each(|(_, value)| see(value.as_ref()));
    }
}

impl<H: Headers + ?Sized> Headers for Arc<H> {
    fn visit<'h>(&'h self, name: &HeaderName, see: &mut dyn FnMut(&'h [u8])) {
        (**self).visit(name, see);
    }

    fn visit_each<'h>(&'h self, names: &[HeaderName], see: &mut dyn FnMut(usize, &'h [u8])) {
        (**self).visit_each(names, see);
    }
}

#[cfg(feature = "std")]
impl<N: AsRef<str>, V: AsRef<[u8]>, S> Headers for std::collections::HashMap<N, V, S> {
    fn visit<'h>(&'h self, name: &HeaderName, see: &mut dyn FnMut(&'h [u8])) {
        self.iter()
            .filter(|(key, _)| name.matches(key.as_ref()))
            .for_each(|(_, value)| see(value.as_ref()));
    }
}

#[cfg(feature = "http")]
impl Headers for http::HeaderMap {
    fn visit<'h>(&'h self, name: &HeaderName, see: &mut dyn FnMut(&'h [u8])) {
        let Some(hashed) = &name.hashed else { return };
        if self.keys_len() == self.len() {
            // As many names as values: nothing is repeated, and one look-up is enough.
            self.get(hashed)
                .into_iter()
                .for_each(|value| see(value.as_bytes()));
        } else {
            self.get_all(hashed)
                .iter()
                .for_each(|value| see(value.as_bytes()));
        }
    }
}

/// Headers from a closure that is given a name in lower case.
///
/// ```
/// use countersign::{Delivery, header_fn};
///
/// let headers = header_fn(|name| (name == "x-signature").then_some(&b"ab12"[..]));
/// let delivery = Delivery::new(&headers, b"{}");
/// ```
#[derive(Clone)]
pub struct HeaderFn<'v, F> {
    get: F,
    values: PhantomData<&'v [u8]>,
}

/// Headers from a closure that is given a name in lower case and tells its value.
pub const fn header_fn<'v, F: Fn(&str) -> Option<&'v [u8]>>(get: F) -> HeaderFn<'v, F> {
    HeaderFn {
        get,
        values: PhantomData,
    }
}

impl<'v, F: Fn(&str) -> Option<&'v [u8]>> Headers for HeaderFn<'v, F> {
    fn visit<'h>(&'h self, name: &HeaderName, see: &mut dyn FnMut(&'h [u8])) {
        if let Some(value) = (self.get)(name.as_str()) {
            see(value);
        }
    }
}

impl<F> fmt::Debug for HeaderFn<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeaderFn").finish_non_exhaustive()
    }
}
