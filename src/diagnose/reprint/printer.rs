//! Tokens printed in a style.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::number::{decimals, float, is_whole};
use super::string::{Shown, Units, shortest};
use super::text::{Kind, Text};
use super::{Numbers, Order, Slash, Space, Style, Unicode};

/// Deepest text that is laid out or sorted anew: a level takes a call.
const MAX_DEPTH: u16 = 128;

pub(super) struct Printer<'p, 't> {
    pub(super) text: &'p Text<'t>,
    pub(super) style: &'p Style,
    pub(super) made: String,
}

impl Printer<'_, '_> {
    /// Prints with the space that was there.
    pub(super) fn in_place(&mut self) -> Option<()> {
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
    pub(super) fn value(&mut self, place: usize, depth: u16) -> Option<()> {
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
