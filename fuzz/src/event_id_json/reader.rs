//! A JSON reader of its own: recursive, slow, keeps every key of every object.

use countersign::Code;

/// Deeper bodies are not judged, only run.
const MAX_DEPTH: usize = 100;

/// A body: JSON, or something else.
pub struct Body(Option<Node>);

enum Node {
    /// Keys in order; `None` for one that no text can be (half a surrogate pair).
    Object(Vec<(Option<String>, Self)>),
    Number(String),
    Null,
    Other,
    Text(Option<String>),
}

/// What stands at a path.
pub enum Found {
    Absent,
    Duplicate,
    Integer(String),
    Null,
    Other,
    Text(String),
}

impl Body {
    /// `None` if it is too deep for this reader.
    pub fn read(body: &[u8]) -> Option<Self> {
        let Ok(text) = core::str::from_utf8(body) else {
            return Some(Self(None));
        };
        let mut reader = Reader {
            rest: text.as_bytes(),
            too_deep: false,
        };
        let node = reader.value(0).filter(|_| {
            reader.space();
            reader.rest.is_empty()
        });
        (!reader.too_deep).then_some(Self(node))
    }

    /// What stands at `path`, or that this is no JSON.
    pub fn find(&self, path: &[&str]) -> Result<Found, Code> {
        find(self.0.as_ref().ok_or(Code::InvalidEventId)?, path)
    }
}

fn find(node: &Node, path: &[&str]) -> Result<Found, Code> {
    let [name, inner @ ..] = path else {
        return Ok(match node {
            Node::Number(text) if text == "-0" || text.contains(['.', 'e', 'E']) => Found::Other,
            Node::Number(text) => Found::Integer(text.clone()),
            Node::Text(Some(text)) => Found::Text(text.clone()),
            Node::Null => Found::Null,
            Node::Object(_) | Node::Other | Node::Text(None) => Found::Other,
        });
    };
    let Node::Object(entries) = node else {
        return Ok(Found::Absent);
    };
    if entries.iter().any(|(key, _)| key.is_none()) {
        return Err(Code::InvalidEventId);
    }
    let mut matching = entries
        .iter()
        .filter(|(key, _)| key.as_deref() == Some(name));
    let Some((_, first)) = matching.next() else {
        return Ok(Found::Absent);
    };
    let found = find(first, inner)?;
    Ok(match matching.next() {
        Some(_) => Found::Duplicate,
        None => found,
    })
}

struct Reader<'t> {
    rest: &'t [u8],
    too_deep: bool,
}

impl Reader<'_> {
    fn space(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    fn eat(&mut self, text: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        if depth > MAX_DEPTH {
            self.too_deep = true;
            return None;
        }
        self.space();
        match self.rest.first()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.text().map(Node::Text),
            b't' => self.eat(b"true").map(|()| Node::Other),
            b'f' => self.eat(b"false").map(|()| Node::Other),
            b'n' => self.eat(b"null").map(|()| Node::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Node> {
        self.eat(b"{")?;
        let mut entries = Vec::new();
        self.space();
        if self.eat(b"}").is_some() {
            return Some(Node::Object(entries));
        }
        loop {
            self.space();
            let key = self.text()?;
            self.space();
            self.eat(b":")?;
            entries.push((key, self.value(depth + 1)?));
            self.space();
            if self.eat(b"}").is_some() {
                return Some(Node::Object(entries));
            }
            self.eat(b",")?;
        }
    }

    fn array(&mut self, depth: usize) -> Option<Node> {
        self.eat(b"[")?;
        self.space();
        if self.eat(b"]").is_some() {
            return Some(Node::Other);
        }
        loop {
            self.value(depth + 1)?;
            self.space();
            if self.eat(b"]").is_some() {
                return Some(Node::Other);
            }
            self.eat(b",")?;
        }
    }

    fn digits(&mut self) -> usize {
        let count = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        self.rest = &self.rest[count..];
        count
    }

    fn number(&mut self) -> Option<Node> {
        let start = self.rest;
        let _ = self.eat(b"-");
        if self.eat(b"0").is_none() && self.digits() == 0 {
            return None;
        }
        if self.eat(b".").is_some() && self.digits() == 0 {
            return None;
        }
        if let [b'e' | b'E', rest @ ..] = self.rest {
            self.rest = rest;
            let _ = self.eat(b"+").or_else(|| self.eat(b"-"));
            if self.digits() == 0 {
                return None;
            }
        }
        let length = start.len() - self.rest.len();
        let text = core::str::from_utf8(&start[..length]).ok()?;
        Some(Node::Number(text.to_owned()))
    }

    /// A string: `None` inside if its escapes are half a surrogate pair.
    fn text(&mut self) -> Option<Option<String>> {
        self.eat(b"\"")?;
        let mut units: Vec<u16> = Vec::new();
        loop {
            let plain = self
                .rest
                .iter()
                .take_while(|b| !matches!(b, b'"' | b'\\' | 0..0x20));
            let (plain, rest) = self.rest.split_at(plain.count());
            units.extend(core::str::from_utf8(plain).ok()?.encode_utf16());
            let (first, rest) = rest.split_first()?;
            self.rest = rest;
            match first {
                b'"' => return Some(String::from_utf16(&units).ok()),
                b'\\' => units.push(self.escape()?),
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(match first {
            b'"' | b'\\' | b'/' => u16::from(*first),
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => {
                let (digits, rest) = self.rest.split_at_checked(4)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return None;
                }
                self.rest = rest;
                u16::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?
            }
            _ => return None,
        })
    }
}
