//! The mistakes as data: one row per hypothesis. A row says what it changes, which cause a
//! match proves, and how the fix reads. A new mistake is a new row, and an example of it in
//! the file's own test.

pub(super) mod body;
pub(super) mod charset;
pub(super) mod content;
pub(super) mod form;
pub(super) mod json;
pub(super) mod key_form;
pub(super) mod library;
mod printed;
pub(super) mod secret;
pub(super) mod time;
pub(super) mod url;
pub(super) mod wrapping;

use alloc::vec::Vec;

use super::cause::Cause;

/// What rows of bodies change, in the order in which changes are undone: what is around
/// the text, how it is encoded, how it is printed, its edges.
pub(super) mod group {
    pub(in super::super) const MARK: u8 = 1;
    pub(in super::super) const WRAPPING: u8 = 2;
    pub(in super::super) const CHARSET: u8 = 3;
    pub(in super::super) const FORM: u8 = 4;
    pub(in super::super) const LAYOUT: u8 = 5;
    pub(in super::super) const ORDER: u8 = 6;
    pub(in super::super) const SLASHES: u8 = 7;
    pub(in super::super) const UNICODE: u8 = 8;
    pub(in super::super) const HTML: u8 = 9;
    pub(in super::super) const NUMBERS: u8 = 10;
    pub(in super::super) const LIBRARY: u8 = 11;
    pub(in super::super) const LINES: u8 = 12;
    pub(in super::super) const EDGES: u8 = 13;
    pub(in super::super) const DIGEST: u8 = 14;
    pub(in super::super) const NOTHING: u8 = 15;
}

/// A text before, and one of the texts that it may have been for the sender.
pub(super) type Change = fn(&[u8], u16) -> Option<Vec<u8>>;

/// One hypothesis about a text: a secret, a body or a time.
#[derive(Debug)]
pub(super) struct Row {
    /// What a match proves.
    pub(super) cause: Cause,
    /// The form, in the words of the report.
    pub(super) form: &'static str,
    /// Rows of one group change the same thing: no two of them are combined.
    pub(super) group: u8,
    /// How many ways there are; wide rows come last and are not combined.
    pub(super) ways: u16,
    /// Makes way `0..ways`; `None` where there is nothing to change.
    pub(super) change: Change,
    /// What to change.
    pub(super) fix: &'static str,
}

/// Rows of more ways than this are tried alone, after all others.
const WIDE: u16 = 24;

impl Row {
    /// A row of one way.
    pub(super) const fn new(
        cause: Cause,
        form: &'static str,
        fix: &'static str,
        change: Change,
    ) -> Self {
        Self {
            cause,
            form,
            group: 0,
            ways: 1,
            change,
            fix,
        }
    }

    pub(super) const fn ways(mut self, ways: u16) -> Self {
        self.ways = ways;
        self
    }

    pub(super) const fn group(mut self, group: u8) -> Self {
        self.group = group;
        self
    }

    pub(super) const fn is_wide(&self) -> bool {
        self.ways > WIDE
    }

    /// What way `way` makes of `text`, if that is another text.
    pub(super) fn apply(&self, text: &[u8], way: u16) -> Option<Vec<u8>> {
        (self.change)(text, way).filter(|changed| changed != text)
    }
}

/// That each row, in their order, has an example, and makes the signed text of it.
#[cfg(test)]
fn undoes<T: AsRef<[u8]> + ?Sized>(rows: &[Row], examples: &[(&str, &T, &T)]) {
    let named: Vec<&str> = examples.iter().map(|(form, ..)| *form).collect();
    let forms: Vec<&str> = rows.iter().map(|row| row.form).collect();
    assert_eq!(named, forms);
    for ((form, arrived, signed), row) in examples.iter().zip(rows) {
        let mut ways = (0..row.ways).filter_map(|way| row.apply(arrived.as_ref(), way));
        assert!(ways.any(|made| made == signed.as_ref()), "{form}");
    }
}
