//! In place of the form reader where the feature `form` is off. A verifier that
//! would need it is refused when built, so nothing here is ever asked.

use alloc::borrow::Cow;
use alloc::vec::Vec;

pub(super) fn field<'d>(_: &'d [u8], _: &str) -> Option<Cow<'d, [u8]>> {
    None
}

pub(super) fn sorted(_: &[u8]) -> Vec<u8> {
    Vec::new()
}
