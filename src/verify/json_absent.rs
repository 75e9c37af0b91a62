//! In place of the JSON reader where the feature `json` is off. A verifier that
//! would need it is refused when built, so nothing here is ever asked.

use super::values::Value;
use crate::scheme::JsonPath;

#[derive(Clone, Copy, Debug)]
pub(super) struct NotJson;

pub(super) fn read<'d>(_: &'d [u8], _: &[JsonPath], _: &mut [Value<'d>]) -> Result<(), NotJson> {
    Err(NotJson)
}

pub(super) fn objects<'d>(_: &'d [u8], _: &JsonPath) -> Option<alloc::vec::Vec<&'d str>> {
    None
}

pub(super) fn read_items<'d>(
    _: &'d [u8],
    _: &JsonPath,
) -> Option<alloc::vec::Vec<alloc::borrow::Cow<'d, str>>> {
    None
}
