//! JSON printed again, as the libraries of other languages print it.
//!
//! A walk over the tokens of the text, not over values: what a style does not change keeps
//! the text that it had, down to the last digit.

mod number;
mod printer;
mod string;
mod text;

pub(super) use self::text::Text;

/// What a style changes; the rest is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) space: Space,
    pub(super) order: Order,
    pub(super) strings: Strings,
    pub(super) numbers: Numbers,
}

/// What stands between tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    Keep,
    /// On one line, with these after commas and colons.
    Line {
        comma: &'static str,
        colon: &'static str,
    },
    /// A line per value: newline, indentation, what stands around a colon.
    Lines {
        newline: &'static str,
        indent: &'static str,
        colon: &'static str,
    },
}

/// In which order members stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Keep,
    /// By name.
    Sorted,
    /// Shorter names first, equally long ones by name (PostgreSQL's `jsonb`).
    ShortFirst,
    /// Names that are whole numbers first, in their order (JavaScript).
    NumbersFirst,
}

/// How characters of texts are written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strings {
    pub(super) slash: Slash,
    pub(super) unicode: Unicode,
    /// Characters written as `\u…` beside those that must be; `None`: as they stand.
    pub(super) html: Option<&'static str>,
    /// Whether control characters and quotes get their shortest escape.
    pub(super) shortest: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slash {
    Keep,
    Escaped,
    Plain,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unicode {
    Keep,
    EscapedLower,
    EscapedUpper,
    Plain,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbers {
    Keep,
    /// As JavaScript and Go do: `1000.00` is `1000`.
    Shortest,
    /// As Python, Java and Rust do: `1000.00` is `1000.0`, whole numbers stay.
    Float,
    /// Every whole number gets this end; of several names those whose bit is set.
    Ended {
        end: &'static str,
        names: u16,
    },
    /// Numbers with decimals get exactly so many.
    Decimals(u8),
}

impl Strings {
    pub(super) const KEEP: Self = Self {
        slash: Slash::Keep,
        unicode: Unicode::Keep,
        html: None,
        shortest: false,
    };
}

impl Style {
    pub(super) const KEEP: Self = Self {
        space: Space::Keep,
        order: Order::Keep,
        strings: Strings::KEEP,
        numbers: Numbers::Keep,
    };
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn print(body: &str, style: Style) -> String {
        Text::parse(body.as_bytes()).unwrap().print(&style).unwrap()
    }

    const LINE: Space = Space::Line {
        comma: "",
        colon: ":",
    };

    #[test]
    fn what_a_style_does_not_change_stays() {
        let body = "{ \"a\" : [1.00, -0, 1E5 , {}, []], \"\\u0041\\/\\ud800\":\"\u{e9}\\n\" }\n";
        assert_eq!(print(body, Style::KEEP), body);
        assert_eq!(
            print(
                body,
                Style {
                    space: LINE,
                    ..Style::KEEP
                }
            ),
            "{\"a\":[1.00,-0,1E5,{},[]],\"\\u0041\\/\\ud800\":\"\u{e9}\\n\"}"
        );
    }

    #[test]
    fn layouts_are_those_of_the_libraries() {
        let body = r#"{"b":[1,{"c":2}],"a":{},"d":[]}"#;
        let lines = Space::Lines {
            newline: "\n",
            indent: "  ",
            colon: ": ",
        };
        assert_eq!(
            print(
                body,
                Style {
                    space: lines,
                    ..Style::KEEP
                }
            ),
            "{\n  \"b\": [\n    1,\n    {\n      \"c\": 2\n    }\n  ],\n  \"a\": {},\n  \"d\": []\n}"
        );
        let python = Space::Line {
            comma: " ",
            colon: ": ",
        };
        assert_eq!(
            print(
                body,
                Style {
                    space: python,
                    order: Order::Sorted,
                    ..Style::KEEP
                }
            ),
            r#"{"a": {}, "b": [1, {"c": 2}], "d": []}"#
        );
        let short = Style {
            space: LINE,
            order: Order::ShortFirst,
            ..Style::KEEP
        };
        assert_eq!(
            print(r#"{"bb":1,"c":2,"a":3}"#, short),
            r#"{"a":3,"c":2,"bb":1}"#
        );
        let first = Style {
            space: LINE,
            order: Order::NumbersFirst,
            ..Style::KEEP
        };
        assert_eq!(
            print(r#"{"b":1,"10":2,"9":3,"01":4,"a":5}"#, first),
            r#"{"9":3,"10":2,"b":1,"01":4,"a":5}"#
        );
    }

    #[test]
    fn texts_are_written_in_each_way() {
        let strings = |strings| Style {
            strings,
            ..Style::KEEP
        };
        let body = "{\"a\":\"/\\/\u{e9}\\u00e9<\\u003c\u{1f600}\\\"\"}";
        let slash = |slash| {
            strings(Strings {
                slash,
                ..Strings::KEEP
            })
        };
        assert_eq!(
            print(body, slash(Slash::Escaped)),
            "{\"a\":\"\\/\\/\u{e9}\\u00e9<\\u003c\u{1f600}\\\"\"}"
        );
        assert_eq!(
            print(body, slash(Slash::Plain)),
            "{\"a\":\"//\u{e9}\\u00e9<\\u003c\u{1f600}\\\"\"}"
        );
        let unicode = |unicode| {
            strings(Strings {
                unicode,
                ..Strings::KEEP
            })
        };
        assert_eq!(
            print(body, unicode(Unicode::EscapedLower)),
            "{\"a\":\"/\\/\\u00e9\\u00e9<\\u003c\\ud83d\\ude00\\\"\"}"
        );
        assert_eq!(
            print(body, unicode(Unicode::EscapedUpper)),
            "{\"a\":\"/\\/\\u00E9\\u00E9<\\u003c\\uD83D\\uDE00\\\"\"}"
        );
        assert_eq!(
            print(body, unicode(Unicode::Plain)),
            "{\"a\":\"/\\/\u{e9}\u{e9}<\\u003c\u{1f600}\\\"\"}"
        );
        let html = strings(Strings {
            html: Some("<"),
            ..Strings::KEEP
        });
        assert_eq!(
            print(body, html),
            "{\"a\":\"/\\/\u{e9}\\u00e9\\u003c\\u003c\u{1f600}\\\"\"}"
        );
        let shortest = strings(Strings {
            shortest: true,
            unicode: Unicode::Plain,
            ..Strings::KEEP
        });
        assert_eq!(
            print(body, shortest),
            "{\"a\":\"/\\/\u{e9}\u{e9}<<\u{1f600}\\\"\"}"
        );
    }

    #[test]
    fn numbers_are_written_in_each_way() {
        let body = "[1000.00,1000,1.50,1e21,0.0000001,123456789012345678]";
        let numbers = |numbers| Style {
            numbers,
            ..Style::KEEP
        };
        assert_eq!(
            print(body, numbers(Numbers::Shortest)),
            "[1000,1000,1.5,1e+21,1e-7,123456789012345680]"
        );
        assert_eq!(
            print(body, numbers(Numbers::Float)),
            "[1000.0,1000,1.5,1e+21,1e-07,123456789012345678]"
        );
        assert_eq!(
            print("[1000.00,1,2.5]", numbers(Numbers::Decimals(1))),
            "[1000.0,1,2.5]"
        );
        assert_eq!(
            print("[1000.0,1,2.5,2.555]", numbers(Numbers::Decimals(2))),
            "[1000.00,1,2.50,2.555]"
        );
        let ended = |names| numbers(Numbers::Ended { end: ".00", names });
        let body = r#"{"a":1,"b":2,"c":[{"a":3}]}"#;
        assert_eq!(
            print(body, ended(1)),
            r#"{"a":1.00,"b":2,"c":[{"a":3.00}]}"#
        );
        assert_eq!(print(body, ended(2)), r#"{"a":1,"b":2.00,"c":[{"a":3}]}"#);
    }

    #[test]
    fn deep_and_broken_texts_are_left_alone() {
        let deep = "[".repeat(500) + &"]".repeat(500);
        let text = Text::parse(deep.as_bytes()).unwrap();
        assert_eq!(
            text.print(&Style {
                space: LINE,
                ..Style::KEEP
            }),
            None
        );
        assert_eq!(text.print(&Style::KEEP).unwrap(), deep);
        for body in ["", "1", "\"a\"", "{", "{\"a\":1,}", "[1] x"] {
            assert!(Text::parse(body.as_bytes()).is_none(), "{body}");
        }
    }
}
