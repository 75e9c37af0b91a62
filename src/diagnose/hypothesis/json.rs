//! How the body may have been printed before it was parsed and printed again.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use super::super::cause::Cause;
use super::super::reprint::{Numbers, Order, Slash, Space, Strings, Style, Text, Unicode};
use super::Row;

const FIX: &str = "The body that was verified is JSON parsed and printed again. Hash the raw bytes of the request, before any JSON middleware: keep them beside the parsed body (a `verify` hook, a raw-body reader, a bytes extractor in place of a JSON one).";

/// Groups of rows that change the same part of the text.
const LAYOUT: u8 = 21;
const ORDER: u8 = 22;
const SLASHES: u8 = 23;
const UNICODE: u8 = 24;
const HTML: u8 = 25;
const NUMBERS: u8 = 26;
const LIBRARY: u8 = 27;

/// The rows: one part of the style first, then whole libraries, then guesses at numbers.
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

const fn row(form: &'static str, group: u8, change: super::Change) -> Row {
    Row::new(Cause::BodyReserialized, form, FIX, change).group(group)
}

/// Whether rows of this group print JSON.
pub(in super::super) const fn is_whole_library(group: u8) -> bool {
    group == LIBRARY
}

const fn line(comma: &'static str, colon: &'static str) -> Space {
    Space::Line { comma, colon }
}

const fn lines(newline: &'static str, indent: &'static str) -> Space {
    Space::Lines {
        newline,
        indent,
        colon: ": ",
    }
}

const COMPACT: Space = line("", ":");
const PYTHON: Space = line(" ", ": ");
const LAYOUTS: [Space; 4] = [COMPACT, PYTHON, lines("\n", "  "), lines("\n", "    ")];
const JAVASCRIPT_LAYOUTS: [Space; 4] = [
    COMPACT,
    lines("\n", "  "),
    lines("\n", "    "),
    lines("\n", "\t"),
];
/// What Go and Rails write as codes, so that a page can hold the JSON.
const GO: &str = "<>&\u{2028}\u{2029}";
const GSON: &str = "<>&='\u{2028}\u{2029}";
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

fn printed(body: &[u8], style: &Style) -> Option<Vec<u8>> {
    Some(Text::parse(body)?.print(style)?.into_bytes())
}

fn layout(body: &[u8], space: Space) -> Option<Vec<u8>> {
    printed(
        body,
        &Style {
            space,
            ..Style::KEEP
        },
    )
}

fn strings(body: &[u8], strings: Strings) -> Option<Vec<u8>> {
    printed(
        body,
        &Style {
            strings,
            ..Style::KEEP
        },
    )
}

fn numbers(body: &[u8], numbers: Numbers) -> Option<Vec<u8>> {
    printed(
        body,
        &Style {
            numbers,
            ..Style::KEEP
        },
    )
}

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

/// Names and values of a JSON object of texts, numbers and booleans.
pub(super) fn pairs(body: &[u8]) -> Option<Vec<(String, String)>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Value<'v> {
        #[serde(borrow)]
        Text(Cow<'v, str>),
        Whole(i64),
        Part(f64),
        Truth(bool),
    }
    let text = core::str::from_utf8(body).ok()?;
    if !text.trim_start().starts_with('{') {
        return None;
    }
    struct Members(Vec<(String, String)>);
    impl<'de> Deserialize<'de> for Members {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> serde::de::Visitor<'de> for Visitor {
                type Value = Members;
                fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<M: serde::de::MapAccess<'de>>(
                    self,
                    mut map: M,
                ) -> Result<Members, M::Error> {
                    let mut members = Vec::new();
                    while let Some((name, value)) = map.next_entry::<String, Value<'de>>()? {
                        let value = match value {
                            Value::Text(text) => text.into_owned(),
                            Value::Whole(number) => alloc::format!("{number}"),
                            Value::Part(number) => alloc::format!("{number}"),
                            Value::Truth(truth) => alloc::format!("{truth}"),
                        };
                        members.push((name, value));
                    }
                    Ok(Members(members))
                }
            }
            deserializer.deserialize_map(Visitor)
        }
    }
    serde_json::from_str::<Members>(text)
        .ok()
        .map(|members| members.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row, by an example: the body that arrived, and the signed one.
    #[test]
    fn each_row_undoes_its_mistake() {
        let examples: &[(&str, &str, &str)] = &[
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
            (
                "whole numbers that had decimals",
                r#"{"n":7,"amount":1000,"m":1}"#,
                r#"{"n":7,"amount":1000.00,"m":1}"#,
            ),
        ];
        let named: Vec<&str> = examples.iter().map(|(form, ..)| *form).collect();
        let rows: Vec<&str> = ROWS.iter().map(|row| row.form).collect();
        assert_eq!(named, rows);
        for ((form, arrived, signed), row) in examples.iter().zip(ROWS) {
            let mut ways = (0..row.ways).filter_map(|way| row.apply(arrived.as_bytes(), way));
            assert!(ways.any(|made| made == signed.as_bytes()), "{form}");
        }
    }

    #[test]
    fn pairs_are_those_of_a_flat_object() {
        let found = pairs(br#"{"a":"x","b":2,"c":true,"d":1.5}"#).unwrap();
        let found: Vec<String> = found
            .iter()
            .map(|(name, value)| alloc::format!("{name}={value}"))
            .collect();
        assert_eq!(found, ["a=x", "b=2", "c=true", "d=1.5"]);
        assert!(pairs(br#"{"a":{}}"#).is_none());
        assert!(pairs(b"[]").is_none());
    }
}
