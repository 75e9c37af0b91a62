//! How the body may have been printed before it was parsed and printed again: one part of
//! the style at a time.

use super::super::cause::Cause;
use super::super::reprint::{Numbers, Order, Slash, Space, Strings, Style, Text, Unicode};
use super::Row;
use super::group::{HTML, LAYOUT, NUMBERS, ORDER, SLASHES, UNICODE};
use super::printed::{
    COMPACT, GO, GSON, LAYOUTS, PYTHON, layout, line, lines, numbers, printed, strings,
};

const FIX: &str = "The body that was verified is JSON parsed and printed again. Hash the raw bytes of the request, before any JSON middleware: keep them beside the parsed body (a `verify` hook, a raw-body reader, a bytes extractor in place of a JSON one).";

/// The rows; guesses at numbers come last.
pub(in super::super) const ROWS: &[Row] = &[
    row("compact", LAYOUT, |body, _| layout(body, COMPACT)),
    row(
        "blanks after commas and colons (Python)",
        LAYOUT,
        |body, _| layout(body, PYTHON),
    ),
    row("2 spaces a level", LAYOUT, |body, _| {
        layout(body, lines("\n", "  "))
    }),
    row("4 spaces a level", LAYOUT, |body, _| {
        layout(body, lines("\n", "    "))
    }),
    row("a tab a level", LAYOUT, |body, _| {
        layout(body, lines("\n", "\t"))
    }),
    row("2 spaces a level, CRLF", LAYOUT, |body, _| {
        layout(body, lines("\r\n", "  "))
    }),
    row("blanks after colons only", LAYOUT, |body, _| {
        layout(body, line("", ": "))
    }),
    row("blanks after commas only", LAYOUT, |body, _| {
        layout(body, line(" ", ":"))
    }),
    row(
        "2 spaces a level, blanks on both sides of colons",
        LAYOUT,
        |body, _| {
            layout(
                body,
                Space::Lines {
                    newline: "\n",
                    indent: "  ",
                    colon: " : ",
                },
            )
        },
    ),
    row("slashes escaped", SLASHES, |body, _| {
        strings(
            body,
            Strings {
                slash: Slash::Escaped,
                ..Strings::KEEP
            },
        )
    }),
    row("slashes plain", SLASHES, |body, _| {
        strings(
            body,
            Strings {
                slash: Slash::Plain,
                ..Strings::KEEP
            },
        )
    }),
    row("other than ASCII escaped", UNICODE, |body, way| {
        let unicode = if way == 0 {
            Unicode::EscapedLower
        } else {
            Unicode::EscapedUpper
        };
        strings(
            body,
            Strings {
                unicode,
                ..Strings::KEEP
            },
        )
    })
    .ways(2),
    row("other than ASCII plain", UNICODE, |body, _| {
        strings(
            body,
            Strings {
                unicode: Unicode::Plain,
                ..Strings::KEEP
            },
        )
    }),
    row("HTML characters escaped (Go)", HTML, |body, _| {
        strings(
            body,
            Strings {
                html: Some(GO),
                ..Strings::KEEP
            },
        )
    }),
    row("HTML characters escaped (Gson)", HTML, |body, _| {
        strings(
            body,
            Strings {
                html: Some(GSON),
                ..Strings::KEEP
            },
        )
    }),
    row("the shortest escapes", HTML, |body, _| {
        strings(
            body,
            Strings {
                shortest: true,
                ..Strings::KEEP
            },
        )
    }),
    row("numbers as JavaScript", NUMBERS, |body, _| {
        numbers(body, Numbers::Shortest)
    }),
    row("numbers as Python", NUMBERS, |body, _| {
        numbers(body, Numbers::Float)
    }),
    row("numbers with two decimals", NUMBERS, |body, way| {
        numbers(body, Numbers::Decimals(if way == 0 { 2 } else { 1 }))
    })
    .ways(2),
    row("every whole number with decimals", NUMBERS, |body, way| {
        let end = if way == 0 { ".00" } else { ".0" };
        numbers(
            body,
            Numbers::Ended {
                end,
                names: u16::MAX,
            },
        )
    })
    .ways(2),
    row("keys sorted", ORDER, |body, way| {
        let space = *LAYOUTS.get(usize::from(way))?;
        printed(
            body,
            &Style {
                space,
                order: Order::Sorted,
                ..Style::KEEP
            },
        )
    })
    .ways(4),
    row("keys as PostgreSQL's jsonb", ORDER, |body, way| {
        let space = [PYTHON, COMPACT].get(usize::from(way)).copied()?;
        printed(
            body,
            &Style {
                space,
                order: Order::ShortFirst,
                ..Style::KEEP
            },
        )
    })
    .ways(2),
    row(
        "keys that are numbers first (JavaScript)",
        ORDER,
        |body, way| {
            let space = *LAYOUTS.get(usize::from(way))?;
            printed(
                body,
                &Style {
                    space,
                    order: Order::NumbersFirst,
                    ..Style::KEEP
                },
            )
        },
    )
    .ways(4),
    row("whole numbers that had decimals", NUMBERS, |body, way| {
        let (end, names) = if way < 1024 {
            (".00", way)
        } else {
            (".0", way.checked_sub(1024)?)
        };
        let text = Text::parse(body)?;
        let used = u32::try_from(text.counted().min(10)).ok()?;
        // Bits beyond the names would make the same text again; all were tried before.
        let most = 1_u16.checked_shl(used)?.checked_sub(1)?;
        if names == 0 || names >= most {
            return None;
        }
        Some(
            text.print(&Style {
                numbers: Numbers::Ended { end, names },
                ..Style::KEEP
            })?
            .into_bytes(),
        )
    })
    .ways(2048),
];

pub(super) const fn row(form: &'static str, group: u8, change: super::Change) -> Row {
    Row::new(Cause::BodyReserialized, form, FIX, change).group(group)
}

#[cfg(test)]
mod tests {
    use super::super::undoes;
    use super::*;

    /// Every row, by an example of its mistake: the body that arrived, and the signed one.
    #[test]
    fn each_row_undoes_its_mistake() {
        undoes::<str>(
            ROWS,
            &[
                ("compact", "{ \"a\": 1.00 }", r#"{"a":1.00}"#),
                (
                    "blanks after commas and colons (Python)",
                    r#"{"a":1,"b":[2,3]}"#,
                    r#"{"a": 1, "b": [2, 3]}"#,
                ),
                ("2 spaces a level", r#"{"a":1}"#, "{\n  \"a\": 1\n}"),
                ("4 spaces a level", r#"{"a":1}"#, "{\n    \"a\": 1\n}"),
                ("a tab a level", r#"{"a":1}"#, "{\n\t\"a\": 1\n}"),
                (
                    "2 spaces a level, CRLF",
                    r#"{"a":1}"#,
                    "{\r\n  \"a\": 1\r\n}",
                ),
                (
                    "blanks after colons only",
                    r#"{"a":1,"b":2}"#,
                    r#"{"a": 1,"b": 2}"#,
                ),
                (
                    "blanks after commas only",
                    r#"{"a":1,"b":2}"#,
                    r#"{"a":1, "b":2}"#,
                ),
                (
                    "2 spaces a level, blanks on both sides of colons",
                    r#"{"a":1}"#,
                    "{\n  \"a\" : 1\n}",
                ),
                ("slashes escaped", r#"{"a": "b/c"}"#, r#"{"a": "b\/c"}"#),
                ("slashes plain", r#"{"a": "b\/c"}"#, r#"{"a": "b/c"}"#),
                (
                    "other than ASCII escaped",
                    r#"{"a": "é"}"#,
                    r#"{"a": "\u00e9"}"#,
                ),
                (
                    "other than ASCII plain",
                    r#"{"a": "\u00e9"}"#,
                    r#"{"a": "é"}"#,
                ),
                (
                    "HTML characters escaped (Go)",
                    r#"{"a": "<&="}"#,
                    r#"{"a": "\u003c\u0026="}"#,
                ),
                (
                    "HTML characters escaped (Gson)",
                    r#"{"a": "<='"}"#,
                    r#"{"a": "\u003c\u003d\u0027"}"#,
                ),
                (
                    "the shortest escapes",
                    r#"{"a": "\u003c\u0041\u000a"}"#,
                    r#"{"a": "<A\n"}"#,
                ),
                (
                    "numbers as JavaScript",
                    r#"{"a": 1000.00}"#,
                    r#"{"a": 1000}"#,
                ),
                (
                    "numbers as Python",
                    r#"{"a": 1000.00, "b": 1}"#,
                    r#"{"a": 1000.0, "b": 1}"#,
                ),
                (
                    "numbers with two decimals",
                    r#"{"a": 1000.5}"#,
                    r#"{"a": 1000.50}"#,
                ),
                (
                    "every whole number with decimals",
                    r#"{"a": 1000}"#,
                    r#"{"a": 1000.00}"#,
                ),
                ("keys sorted", r#"{"b":1,"a":2}"#, r#"{"a":2,"b":1}"#),
                (
                    "keys as PostgreSQL's jsonb",
                    r#"{"bb":1,"a":2}"#,
                    r#"{"a": 2, "bb": 1}"#,
                ),
                (
                    "keys that are numbers first (JavaScript)",
                    r#"{"b":1,"1":2}"#,
                    r#"{"1":2,"b":1}"#,
                ),
                (
                    "whole numbers that had decimals",
                    r#"{"n":7,"amount":1000,"m":1}"#,
                    r#"{"n":7,"amount":1000.00,"m":1}"#,
                ),
            ],
        );
    }
}
