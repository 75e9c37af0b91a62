//! How the body may have been printed before it was parsed and printed again: as whole
//! libraries print it.

use alloc::vec::Vec;

use super::super::reprint::{Numbers, Order, Slash, Space, Strings, Style, Unicode};
use super::Row;
use super::group::LIBRARY;
use super::json::row;
use super::printed::{COMPACT, GO, GSON, LAYOUTS, lines, printed};

/// The rows.
pub(in super::super) const ROWS: &[Row] = &[
    row("JavaScript's JSON.stringify", LIBRARY, |body, way| {
        library(
            body,
            *JAVASCRIPT_LAYOUTS.get(usize::from(way))?,
            Order::NumbersFirst,
            PLAIN,
            Numbers::Shortest,
        )
    })
    .ways(4),
    row("Python's json.dumps", LIBRARY, |body, way| {
        library(
            body,
            *LAYOUTS.get(usize::from(way))?,
            Order::Keep,
            ASCII,
            Numbers::Float,
        )
    })
    .ways(4),
    row("Python's json.dumps, keys sorted", LIBRARY, |body, way| {
        library(
            body,
            *LAYOUTS.get(usize::from(way))?,
            Order::Sorted,
            ASCII,
            Numbers::Float,
        )
    })
    .ways(4),
    row(
        "Python's json.dumps, ensure_ascii off",
        LIBRARY,
        |body, way| {
            library(
                body,
                *LAYOUTS.get(usize::from(way))?,
                Order::Keep,
                PLAIN,
                Numbers::Float,
            )
        },
    )
    .ways(4),
    row("PHP's json_encode", LIBRARY, |body, way| {
        let space = [COMPACT, lines("\n", "    ")]
            .get(usize::from(way))
            .copied()?;
        library(
            body,
            space,
            Order::Keep,
            Strings {
                slash: Slash::Escaped,
                ..ASCII
            },
            Numbers::Float,
        )
    })
    .ways(2),
    row(
        "PHP's json_encode, JSON_UNESCAPED_SLASHES",
        LIBRARY,
        |body, way| {
            let space = [COMPACT, lines("\n", "    ")]
                .get(usize::from(way))
                .copied()?;
            library(body, space, Order::Keep, ASCII, Numbers::Float)
        },
    )
    .ways(2),
    row(
        "PHP's json_encode, JSON_UNESCAPED_UNICODE",
        LIBRARY,
        |body, way| {
            let space = [COMPACT, lines("\n", "    ")]
                .get(usize::from(way))
                .copied()?;
            library(
                body,
                space,
                Order::Keep,
                Strings {
                    slash: Slash::Escaped,
                    ..PLAIN
                },
                Numbers::Float,
            )
        },
    )
    .ways(2),
    row("Go's json.Marshal", LIBRARY, |body, way| {
        let order = if way & 1 == 0 {
            Order::Sorted
        } else {
            Order::Keep
        };
        let space = if way & 2 == 0 {
            COMPACT
        } else {
            lines("\n", "  ")
        };
        library(
            body,
            space,
            order,
            Strings {
                html: Some(GO),
                ..PLAIN
            },
            Numbers::Shortest,
        )
    })
    .ways(4),
    row("Ruby on Rails' to_json", LIBRARY, |body, _| {
        library(
            body,
            COMPACT,
            Order::Keep,
            Strings {
                html: Some(GO),
                ..PLAIN
            },
            Numbers::Float,
        )
    }),
    row("Java's Gson", LIBRARY, |body, _| {
        library(
            body,
            COMPACT,
            Order::Keep,
            Strings {
                html: Some(GSON),
                ..PLAIN
            },
            Numbers::Float,
        )
    }),
    row("Java's Jackson", LIBRARY, |body, way| {
        let space = if way == 0 {
            COMPACT
        } else {
            Space::Lines {
                newline: "\n",
                indent: "  ",
                colon: " : ",
            }
        };
        library(body, space, Order::Keep, PLAIN, Numbers::Float)
    })
    .ways(2),
    row(".NET's System.Text.Json", LIBRARY, |body, way| {
        let space = [COMPACT, lines("\n", "  "), lines("\r\n", "  ")]
            .get(usize::from(way))
            .copied()?;
        let strings = Strings {
            unicode: Unicode::EscapedUpper,
            html: Some(DOT_NET),
            ..PLAIN
        };
        library(body, space, Order::Keep, strings, Numbers::Keep)
    })
    .ways(3),
    row("Rust's serde_json, keys sorted", LIBRARY, |body, way| {
        let space = if way == 0 { COMPACT } else { lines("\n", "  ") };
        library(body, space, Order::Sorted, PLAIN, Numbers::Float)
    })
    .ways(2),
];

const JAVASCRIPT_LAYOUTS: [Space; 4] = [
    COMPACT,
    lines("\n", "  "),
    lines("\n", "    "),
    lines("\n", "\t"),
];
const DOT_NET: &str = "<>&'\"+`\u{7f}";
/// Everything as plain as JSON allows.
const PLAIN: Strings = Strings {
    slash: Slash::Plain,
    unicode: Unicode::Plain,
    html: None,
    shortest: true,
};
/// The same, but other than ASCII as codes.
const ASCII: Strings = Strings {
    unicode: Unicode::EscapedLower,
    ..PLAIN
};

fn library(
    body: &[u8],
    space: Space,
    order: Order,
    strings: Strings,
    numbers: Numbers,
) -> Option<Vec<u8>> {
    printed(
        body,
        &Style {
            space,
            order,
            strings,
            numbers,
        },
    )
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
                (
                    "JavaScript's JSON.stringify",
                    r#"{"a": "\/\u00e9", "b": 1.0}"#,
                    r#"{"a":"/é","b":1}"#,
                ),
                (
                    "Python's json.dumps",
                    r#"{"a":"\/é","b":1.00}"#,
                    r#"{"a": "/\u00e9", "b": 1.0}"#,
                ),
                (
                    "Python's json.dumps, keys sorted",
                    r#"{"b":"é","a":1.00}"#,
                    r#"{"a": 1.0, "b": "\u00e9"}"#,
                ),
                (
                    "Python's json.dumps, ensure_ascii off",
                    r#"{"a":"\u00e9","b":1.00}"#,
                    r#"{"a": "é", "b": 1.0}"#,
                ),
                ("PHP's json_encode", r#"{"a": "/é"}"#, r#"{"a":"\/\u00e9"}"#),
                (
                    "PHP's json_encode, JSON_UNESCAPED_SLASHES",
                    r#"{"a": "\/é"}"#,
                    r#"{"a":"/\u00e9"}"#,
                ),
                (
                    "PHP's json_encode, JSON_UNESCAPED_UNICODE",
                    r#"{"a": "/\u00e9"}"#,
                    r#"{"a":"\/é"}"#,
                ),
                (
                    "Go's json.Marshal",
                    r#"{"b": "<", "a": 1.0}"#,
                    r#"{"a":1,"b":"\u003c"}"#,
                ),
                (
                    "Ruby on Rails' to_json",
                    r#"{"b": "<", "a": 1.00}"#,
                    r#"{"b":"\u003c","a":1.0}"#,
                ),
                (
                    "Java's Gson",
                    r#"{"b": "=", "a": 1.00}"#,
                    r#"{"b":"\u003d","a":1.0}"#,
                ),
                (
                    "Java's Jackson",
                    r#"{"b": "\/", "a": 1.00}"#,
                    r#"{"b":"/","a":1.0}"#,
                ),
                (
                    ".NET's System.Text.Json",
                    r#"{"b": "é+\""}"#,
                    r#"{"b":"\u00E9\u002B\u0022"}"#,
                ),
                (
                    "Rust's serde_json, keys sorted",
                    r#"{"b": "\/", "a": 1.00}"#,
                    r#"{"a":1.0,"b":"/"}"#,
                ),
            ],
        );
    }
}
