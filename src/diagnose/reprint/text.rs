//! A JSON text as tokens, each where it stands.

use alloc::string::String;
use alloc::vec::Vec;

use serde::de::IgnoredAny;

use super::number::is_whole;
use super::printer::Printer;
use super::{Order, Space, Style};

/// Longest text that is walked: its tokens take twelve times its room at worst.
const MAX_TEXT: usize = 2 * 1024 * 1024;

/// A JSON text as tokens.
#[derive(Debug)]
pub(in super::super) struct Text<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Token>,
    /// Names of members whose value is a whole number, in the order of the text.
    pub(super) counted: Vec<&'t str>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Of an opening bracket: the place of its closing one.
    close: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
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
    pub(in super::super) fn parse(body: &'t [u8]) -> Option<Self> {
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
    pub(in super::super) fn counted(&self) -> usize {
        self.counted.len()
    }

    /// The text in another style; `None` if it is too deep for it.
    pub(in super::super) fn print(&self, style: &Style) -> Option<String> {
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

    pub(super) fn slice(&self, token: &Token) -> &'t str {
        let (start, end) = (usize::try_from(token.start), usize::try_from(token.end));
        match (start, end) {
            (Ok(start), Ok(end)) => self.text.get(start..end).unwrap_or_default(),
            _ => "",
        }
    }

    pub(super) fn token(&self, place: usize) -> Option<&Token> {
        self.tokens.get(place)
    }

    pub(super) fn close(&self, place: usize) -> Option<usize> {
        usize::try_from(self.token(place)?.close).ok()
    }

    /// The place after the value at `place`.
    pub(super) fn after(&self, place: usize) -> Option<usize> {
        let last = match self.token(place)?.kind {
            Kind::Open(_) => self.close(place)?,
            _ => place,
        };
        last.checked_add(1)
    }

    /// The name of the member whose value stands at `place`.
    pub(super) fn name_before(&self, place: usize) -> Option<&'t str> {
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
