//! The characters of a JSON text, each with the way it is written.

pub(super) enum Shown {
    Plain(char),
    Short(char),
    Code(char, bool),
}

/// A character as every library writes it that escapes only what must be.
pub(super) fn shortest(c: char) -> Shown {
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
pub(super) struct Units<'t>(pub(super) &'t str);

pub(super) struct Unit<'t> {
    /// Half a surrogate pair is no character and stays as it is.
    pub(super) character: Result<char, ()>,
    pub(super) raw: &'t str,
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
