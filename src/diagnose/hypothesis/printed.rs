//! JSON text, printed in the styles of languages.

use alloc::vec::Vec;

use super::super::reprint::{Numbers, Space, Strings, Style, Text};

pub(super) const fn line(comma: &'static str, colon: &'static str) -> Space {
    Space::Line { comma, colon }
}

pub(super) const fn lines(newline: &'static str, indent: &'static str) -> Space {
    Space::Lines {
        newline,
        indent,
        colon: ": ",
    }
}

pub(super) const COMPACT: Space = line("", ":");
pub(super) const PYTHON: Space = line(" ", ": ");
pub(super) const LAYOUTS: [Space; 4] = [COMPACT, PYTHON, lines("\n", "  "), lines("\n", "    ")];
/// What Go and Rails write as codes, so that a page can hold the JSON.
pub(super) const GO: &str = "<>&\u{2028}\u{2029}";
pub(super) const GSON: &str = "<>&='\u{2028}\u{2029}";

pub(super) fn printed(body: &[u8], style: &Style) -> Option<Vec<u8>> {
    Some(Text::parse(body)?.print(style)?.into_bytes())
}

pub(super) fn layout(body: &[u8], space: Space) -> Option<Vec<u8>> {
    printed(
        body,
        &Style {
            space,
            ..Style::KEEP
        },
    )
}

pub(super) fn strings(body: &[u8], strings: Strings) -> Option<Vec<u8>> {
    printed(
        body,
        &Style {
            strings,
            ..Style::KEEP
        },
    )
}

pub(super) fn numbers(body: &[u8], numbers: Numbers) -> Option<Vec<u8>> {
    printed(
        body,
        &Style {
            numbers,
            ..Style::KEEP
        },
    )
}
