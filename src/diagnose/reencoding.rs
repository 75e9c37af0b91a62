//! The forms that a body is usually written in again: those rows of bodies that keep what it
//! says, one at a time.

use alloc::vec::Vec;

use super::cause::Cause;
use super::hypothesis::{Row, group};
use super::search::rows;

/// Longest body that is written in other forms, in bytes: longer JSON is not printed.
const MAX_BODY: usize = 2 * 1024 * 1024;

/// A body in another form.
#[derive(Debug)]
pub(crate) struct Reencoded {
    pub(crate) form: &'static str,
    pub(crate) text: Vec<u8>,
}

/// The body in each form that is another text; `None` if it is too long.
pub(crate) fn reencodings(body: &[u8]) -> Option<impl Iterator<Item = Reencoded>> {
    let made = usual().filter_map(|(row, way)| {
        let text = row.apply(body, way)?;
        (!text.is_empty()).then_some(Reencoded {
            form: row.form,
            text,
        })
    });
    (body.len() <= MAX_BODY).then_some(made)
}

/// Whether two bodies that are equal in this form say the same: character sets lose what
/// they cannot write.
pub(crate) fn keeps_text(form: &str) -> bool {
    usual().any(|(row, _)| row.form == form && row.cause != Cause::BodyCharset)
}

fn usual() -> impl Iterator<Item = (&'static Row, u16)> {
    rows(false).filter(|(row, _)| row.group < group::DIGEST)
}
