//! JSON printed again, as the libraries of other languages print it.
//!
//! A walk over the tokens of the text, not over values: what a style does not change keeps
//! the text that it had, down to the last digit.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use serde::de::IgnoredAny;

/// Longest text that is walked: its tokens take twelve times its room at worst.
const MAX_TEXT: usize = 2 * 1024 * 1024;
/// Deepest text that is laid out or sorted anew: a level takes a call.
const MAX_DEPTH: u16 = 128;

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

/// A JSON text as tokens.
#[derive(Debug)]
pub(super) struct Text<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    /// Names of members whose value is a whole number, in the order of the text.
    counted: Vec<&'t str>,
}

#[derive(Clone, Copy, Debug)]
struct Token {
    kind: Kind,
    start: u32,
    end: u32,
    /// Of an opening bracket: the place of its closing one.
    close: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Open(u8),
    Close(u8),
    Comma,
    Colon,
    Text,
    Number,
    Word,
}

impl<'t> Text<'t> {
    /// The tokens of a text that is JSON, an object or an array.
    pub(super) fn parse(body: &'t [u8]) -> Option<Self> {
        if body.len() > MAX_TEXT || !matches!(body.trim_ascii_start().first(), Some(b'{' | b'[')) {
            return None;
        }
        let text = core::str::from_utf8(body).ok()?;
        serde_json::from_str::<IgnoredAny>(text).ok()?;
        let mut tokens: Vec<Token> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut at = 0;
        while let Some(byte) = body.get(at) {
            let (kind, length) = match byte {
                b' ' | b'\t' | b'\n' | b'\r' => {
                    at = at.saturating_add(1);
                    continue;
                }
                b'{' | b'[' => (Kind::Open(*byte), 1),
                b'}' | b']' => (Kind::Close(*byte), 1),
                b',' => (Kind::Comma, 1),
                b':' => (Kind::Colon, 1),
                b'"' => (Kind::Text, text_length(body.get(at..)?)),
                b'-' | b'0'..=b'9' => (Kind::Number, word_length(body.get(at..)?)),
                _ => (Kind::Word, word_length(body.get(at..)?)),
            };
            let end = at.saturating_add(length.max(1));
            if let Kind::Close(_) = kind
                && let Some(opened) = open.pop()
            {
                let place = u32::try_from(tokens.len()).ok()?;
                tokens.get_mut(opened)?.close = place;
            }
            if let Kind::Open(_) = kind {
                open.push(tokens.len());
            }
            tokens.push(Token {
                kind,
                start: u32::try_from(at).ok()?,
                end: u32::try_from(end).ok()?,
                close: 0,
            });
            at = end;
        }
        let mut parsed = Self {
            text,
            tokens,
            counted: Vec::new(),
        };
        parsed.counted = parsed.counted_names();
        Some(parsed)
    }

    /// How many names have whole numbers.
    pub(super) fn counted(&self) -> usize {
        self.counted.len()
    }

    /// The text in another style; `None` if it is too deep for it.
    pub(super) fn print(&self, style: &Style) -> Option<String> {
        let mut printer = Printer {
            text: self,
            style,
            made: String::with_capacity(self.text.len()),
        };
        if style.order == Order::Keep && style.space == Space::Keep {
            printer.in_place()?;
        } else {
            printer.value(0, 0)?;
        }
        Some(printer.made)
    }

    fn slice(&self, token: &Token) -> &'t str {
        let (start, end) = (usize::try_from(token.start), usize::try_from(token.end));
        match (start, end) {
            (Ok(start), Ok(end)) => self.text.get(start..end).unwrap_or_default(),
            _ => "",
        }
    }

    fn token(&self, place: usize) -> Option<&Token> {
        self.tokens.get(place)
    }

    fn close(&self, place: usize) -> Option<usize> {
        usize::try_from(self.token(place)?.close).ok()
    }

    /// The place after the value at `place`.
    fn after(&self, place: usize) -> Option<usize> {
        let last = match self.token(place)?.kind {
            Kind::Open(_) => self.close(place)?,
            _ => place,
        };
        last.checked_add(1)
    }

    /// The name of the member whose value stands at `place`.
    fn name_before(&self, place: usize) -> Option<&'t str> {
        let colon = self.token(place.checked_sub(1)?)?;
        let name = self.token(place.checked_sub(2)?)?;
        (colon.kind == Kind::Colon).then(|| self.slice(name))
    }

    fn counted_names(&self) -> Vec<&'t str> {
        let mut names = Vec::new();
        for (place, token) in self.tokens.iter().enumerate() {
            if token.kind == Kind::Number && is_whole(self.slice(token)) {
                let name = self.name_before(place).unwrap_or("");
                if !names.contains(&name) && names.len() < 16 {
                    names.push(name);
                }
            }
        }
        names
    }
}

struct Printer<'p, 't> {
    text: &'p Text<'t>,
    style: &'p Style,
    made: String,
}

impl Printer<'_, '_> {
    /// Prints with the space that was there.
    fn in_place(&mut self) -> Option<()> {
        let mut end = 0;
        for (place, token) in self.text.tokens.iter().enumerate() {
            let start = usize::try_from(token.start).ok()?;
            self.made.push_str(self.text.text.get(end..start)?);
            self.atom(place);
            end = usize::try_from(token.end).ok()?;
        }
        self.made.push_str(self.text.text.get(end..)?);
        Some(())
    }

    /// Prints the value at `place`.
    fn value(&mut self, place: usize, depth: u16) -> Option<()> {
        let Kind::Open(bracket) = self.text.token(place)?.kind else {
            self.atom(place);
            return Some(());
        };
        if depth >= MAX_DEPTH {
            return None;
        }
        let close = self.text.close(place)?;
        let mut items = Vec::new();
        let mut at = place.checked_add(1)?;
        while at < close {
            let value = if bracket == b'{' {
                at.checked_add(2)?
            } else {
                at
            };
            items.push((at, value));
            at = self.text.after(value)?.checked_add(1)?;
        }
        if bracket == b'{' {
            self.sort(&mut items);
        }
        self.made.push(char::from(bracket));
        let inner = depth.saturating_add(1);
        for (index, (name, value)) in items.iter().enumerate() {
            if index > 0 {
                self.made.push(',');
                if let Space::Line { comma, .. } = self.style.space {
                    self.made.push_str(comma);
                }
            }
            self.line(inner);
            if bracket == b'{' {
                self.atom(*name);
                let colon = match self.style.space {
                    Space::Line { colon, .. } | Space::Lines { colon, .. } => colon,
                    Space::Keep => ":",
                };
                self.made.push_str(colon);
            }
            self.value(*value, inner)?;
        }
        if !items.is_empty() {
            self.line(depth);
        }
        self.made.push(if bracket == b'{' { '}' } else { ']' });
        Some(())
    }

    fn line(&mut self, depth: u16) {
        if let Space::Lines {
            newline, indent, ..
        } = self.style.space
        {
            self.made.push_str(newline);
            for _ in 0..depth {
                self.made.push_str(indent);
            }
        }
    }

    fn sort(&self, items: &mut [(usize, usize)]) {
        let name = |(name, _): &(usize, usize)| {
            let raw = self
                .text
                .token(*name)
                .map_or("", |token| self.text.slice(token));
            serde_json::from_str::<String>(raw).unwrap_or_default()
        };
        match self.style.order {
            Order::Keep => {}
            Order::Sorted => items.sort_by_cached_key(name),
            Order::ShortFirst => items.sort_by_cached_key(|item| {
                let name = name(item);
                (name.len(), name)
            }),
            Order::NumbersFirst => items.sort_by_cached_key(|item| {
                let name = name(item);
                let is_plain = name == "0" || !name.starts_with('0');
                let number = if is_plain {
                    name.parse::<u32>().ok()
                } else {
                    None
                };
                number.map_or(u64::MAX, u64::from)
            }),
        }
    }

    /// Prints a token that is no bracket.
    fn atom(&mut self, place: usize) {
        let Some(token) = self.text.token(place) else {
            return;
        };
        let raw = self.text.slice(token);
        match token.kind {
            Kind::Text => self.string(raw),
            Kind::Number => self.number(raw, place),
            _ => self.made.push_str(raw),
        }
    }

    fn string(&mut self, raw: &str) {
        let strings = &self.style.strings;
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        self.made.push('"');
        for unit in Units(inner) {
            let shown = match unit.character {
                Ok('/') => match strings.slash {
                    Slash::Keep => None,
                    Slash::Escaped => Some(Shown::Short('/')),
                    Slash::Plain => Some(Shown::Plain('/')),
                },
                Ok(c) if strings.html.is_some_and(|set| set.contains(c)) => {
                    Some(Shown::Code(c, strings.unicode == Unicode::EscapedUpper))
                }
                Ok(c) if u32::from(c) >= 0x80 => match strings.unicode {
                    Unicode::Keep => None,
                    Unicode::EscapedLower => Some(Shown::Code(c, false)),
                    Unicode::EscapedUpper => Some(Shown::Code(c, true)),
                    Unicode::Plain => Some(Shown::Plain(c)),
                },
                Ok(c) if strings.shortest || strings.html.is_some() => Some(shortest(c)),
                _ => None,
            };
            match shown {
                None => self.made.push_str(unit.raw),
                Some(Shown::Plain(c)) => self.made.push(c),
                Some(Shown::Short(c)) => self.made.extend(['\\', c]),
                Some(Shown::Code(c, is_upper)) => {
                    for code in c.encode_utf16(&mut [0; 2]) {
                        // Writing to a String cannot fail.
                        let _ = if is_upper {
                            write!(self.made, "\\u{code:04X}")
                        } else {
                            write!(self.made, "\\u{code:04x}")
                        };
                    }
                }
            }
        }
        self.made.push('"');
    }

    fn number(&mut self, raw: &str, place: usize) {
        let value = || raw.parse::<f64>().ok().filter(|value| value.is_finite());
        let shown = match self.style.numbers {
            Numbers::Keep => None,
            Numbers::Shortest if is_whole(raw) && raw.len() <= 15 => None,
            Numbers::Shortest => value().map(|value| float(value, false)),
            Numbers::Float if is_whole(raw) => None,
            Numbers::Float => value().map(|value| float(value, true)),
            Numbers::Ended { end, names } if is_whole(raw) => {
                let name = self.text.name_before(place).unwrap_or("");
                let index = self.text.counted.iter().position(|known| *known == name);
                let is_chosen = index.is_some_and(|index| {
                    names
                        .checked_shr(u32::try_from(index).unwrap_or(u32::MAX))
                        .unwrap_or(0)
                        & 1
                        == 1
                });
                is_chosen.then(|| alloc::format!("{raw}{end}"))
            }
            Numbers::Ended { .. } => None,
            Numbers::Decimals(_) if is_whole(raw) || raw.contains(['e', 'E']) => None,
            Numbers::Decimals(count) => Some(decimals(raw, usize::from(count))),
        };
        self.made.push_str(shown.as_deref().unwrap_or(raw));
    }
}

enum Shown {
    Plain(char),
    Short(char),
    Code(char, bool),
}

/// A character as every library writes it that escapes only what must be.
fn shortest(c: char) -> Shown {
    match c {
        '"' | '\\' => Shown::Short(c),
        '\u{8}' => Shown::Short('b'),
        '\u{c}' => Shown::Short('f'),
        '\n' => Shown::Short('n'),
        '\r' => Shown::Short('r'),
        '\t' => Shown::Short('t'),
        c if u32::from(c) < 0x20 => Shown::Code(c, false),
        c => Shown::Plain(c),
    }
}

/// The characters of a text, each with the way it is written.
struct Units<'t>(&'t str);

struct Unit<'t> {
    /// Half a surrogate pair is no character and stays as it is.
    character: Result<char, ()>,
    raw: &'t str,
}

impl<'t> Iterator for Units<'t> {
    type Item = Unit<'t>;

    fn next(&mut self) -> Option<Unit<'t>> {
        let first = self.0.chars().next()?;
        let (character, length) = if first == '\\' {
            escape(self.0)
        } else {
            (Ok(first), first.len_utf8())
        };
        let (raw, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(Unit { character, raw })
    }
}

/// What an escape at the beginning of `text` stands for, and its length.
fn escape(text: &str) -> (Result<char, ()>, usize) {
    let code = |at: usize| {
        let digits = text.get(at..at.saturating_add(6))?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let plain = match text.as_bytes().get(1) {
        Some(b'u') => {
            let Some(first) = code(0) else {
                return (Err(()), text.len().min(2));
            };
            let units = [Some(first), code(6)].into_iter().flatten();
            return match char::decode_utf16(units).next() {
                Some(Ok(c)) if c.len_utf16() == 2 => (Ok(c), 12),
                Some(Ok(c)) => (Ok(c), 6),
                _ => (Err(()), 6),
            };
        }
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(other) => char::from(*other),
        None => return (Err(()), 1),
    };
    (Ok(plain), 2)
}

fn is_whole(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number's shortest text that reads back as the same: `1e21` and beyond, and below
/// `1e-6`, with an exponent, as JavaScript and Go; or as Python, with decimals always and
/// an exponent from `1e16` on and below `1e-4`.
fn float(value: f64, with_point: bool) -> String {
    let text = alloc::format!("{value:e}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (least, most) = if with_point { (-4, 15) } else { (-6, 20) };
    if (least..=most).contains(&exponent) {
        let plain = alloc::format!("{value}");
        return if with_point && !plain.contains('.') {
            alloc::format!("{plain}.0")
        } else {
            plain
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let width = if with_point { 2 } else { 1 };
    alloc::format!("{digits}e{sign}{:0width$}", exponent.unsigned_abs())
}

/// A number with decimals, as exactly so many where that loses no digit but zeros.
fn decimals(raw: &str, count: usize) -> String {
    let Some((whole, part)) = raw.split_once('.') else {
        return raw.into();
    };
    let part = part.trim_end_matches('0');
    if part.len() > count {
        return raw.into();
    }
    if count == 0 {
        return whole.into();
    }
    alloc::format!("{whole}.{part:0<count$}")
}

/// Bytes of the text that begins at the quote, both quotes counted.
fn text_length(text: &[u8]) -> usize {
    let mut is_escaped = false;
    let inner = text.iter().skip(1).position(|byte| {
        let ends = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        ends
    });
    inner.map_or(text.len(), |at| at.saturating_add(2))
}

/// Bytes of the number or word.
fn word_length(text: &[u8]) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b':' | b'}' | b']');
    text.iter().position(ends).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
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
