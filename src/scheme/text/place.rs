//! Where the keys of a text stand, to say which field and line are at fault.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// As deep as the parsers go; what lies deeper they have refused.
const MAX_DEPTH: usize = 128;

/// The keys of a text in the order of their places.
pub(super) struct Keys<'t>(Vec<Key<'t>>);

struct Key<'t> {
    offset: usize,
    /// The keys above it, outermost first, and itself.
    path: Vec<Cow<'t, str>>,
}

impl<'t> Keys<'t> {
    pub(super) fn of_toml(text: &'t str) -> Self {
        // What stands before a fault of syntax is read all the same.
        let (table, _) = DeTable::parse_recoverable(text);
        let mut keys = Vec::new();
        toml_table(table.get_ref(), &mut Vec::new(), &mut keys);
        keys.sort_by_key(|key| key.offset);
        Self(keys)
    }

    pub(super) fn of_json(text: &'t str) -> Self {
        Self(json_keys(text))
    }

    /// The field that stands at `offset` or last before it.
    pub(super) fn at(&self, offset: usize) -> Option<String> {
        let before = self.0.iter().take_while(|key| key.offset < offset);
        before.last().map(|key| key.path.join("."))
    }

    /// Where `field` stands first. What a checker adds in brackets is no part of its
    /// name.
    pub(super) fn find(&self, field: &str) -> Option<usize> {
        let name = field.split(' ').next()?;
        self.0
            .iter()
            .find(|key| key.path.join(".") == name)
            .map(|key| key.offset)
    }
}

/// The line of a place, from 1.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    let before = text.bytes().take(offset);
    before
        .filter(|byte| *byte == b'\n')
        .count()
        .saturating_add(1)
}

/// The place of a line and column, both from 1.
pub(super) fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    before.map(str::len).sum::<usize>().saturating_add(column)
}

fn toml_table<'t>(table: &DeTable<'_>, path: &mut Vec<Cow<'t, str>>, keys: &mut Vec<Key<'t>>) {
    for (name, value) in table {
        path.push(Cow::Owned(String::from(name.get_ref().as_ref())));
        keys.push(Key {
            offset: name.span().start,
            path: path.clone(),
        });
        toml_value(value, path, keys);
        path.pop();
    }
}

fn toml_value<'t>(
    value: &Spanned<DeValue<'_>>,
    path: &mut Vec<Cow<'t, str>>,
    keys: &mut Vec<Key<'t>>,
) {
    // The parser bounds the depth of a value, but not of a dotted key.
    if path.len() > MAX_DEPTH {
        return;
    }
    match value.get_ref() {
        DeValue::Table(table) => toml_table(table, path, keys),
        DeValue::Array(items) => items.iter().for_each(|item| toml_value(item, path, keys)),
        _ => {}
    }
}

/// An object or array while it is open.
struct Open<'t> {
    is_object: bool,
    awaits_key: bool,
    key: Option<&'t str>,
}

/// Takes the keys of JSON, also of JSON that breaks off.
fn json_keys(text: &str) -> Vec<Key<'_>> {
    let mut keys = Vec::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut bytes = text.bytes().enumerate();
    while let Some((offset, byte)) = bytes.next() {
        match byte {
            b'{' | b'[' if open.len() < MAX_DEPTH => open.push(Open {
                is_object: byte == b'{',
                awaits_key: byte == b'{',
                key: None,
            }),
            b'{' | b'[' => break,
            b'}' | b']' => drop(open.pop()),
            b',' => {
                if let Some(top) = open.last_mut() {
                    top.awaits_key = top.is_object;
                }
            }
            b'"' => {
                let start = offset.saturating_add(1);
                let mut is_escaped = false;
                let end = bytes.find(|(_, byte)| {
                    let ends = *byte == b'"' && !is_escaped;
                    is_escaped = *byte == b'\\' && !is_escaped;
                    ends
                });
                let Some((end, _)) = end else { break };
                if let Some(top) = open.last_mut().filter(|top| top.awaits_key) {
                    top.awaits_key = false;
                    top.key = text.get(start..end);
                    let path = open.iter().filter_map(|open| open.key.map(Cow::Borrowed));
                    keys.push(Key {
                        offset,
                        path: path.collect(),
                    });
                }
            }
            _ => {}
        }
    }
    keys
}
