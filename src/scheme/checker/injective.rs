//! Whether every signed text splits into its fields in one way only.

use crate::scheme::{Part, Scheme, Shape, Template, TimestampUnit};

/// Whether every signed text splits into its fields in one way only.
///
/// Fields are peeled off both ends as long as their end is certain: a fixed
/// length, a text that no other of its kind continues, or a separator that the
/// field cannot hold. What is left between may be one field of any bytes.
pub(super) fn is_injective(scheme: &Scheme, content: &Template) -> bool {
    let parts = content.parts();
    if parts.iter().any(|part| matches!(part, Part::FormSorted)) {
        return false;
    }
    let forward = peel(scheme, parts.iter(), first_byte);
    let rest = parts.get(forward..).unwrap_or_default();
    let backward = peel(scheme, rest.iter().rev(), last_byte);
    rest.len().saturating_sub(backward) <= 1
}

/// How many parts, in the order given, have a certain end. `edge` is the byte of
/// the next part that stands nearest.
fn peel<'p>(
    scheme: &Scheme,
    parts: impl Iterator<Item = &'p Part>,
    edge: fn(&Part) -> Option<u8>,
) -> usize {
    let mut parts = parts.peekable();
    let mut peeled: usize = 0;
    while let Some(part) = parts.next() {
        let separated = parts
            .peek()
            .and_then(|next| edge(next))
            .is_some_and(|byte| excludes(scheme, part, byte));
        if !separated && !self_delimiting(scheme, part) {
            break;
        }
        peeled = peeled.saturating_add(1);
    }
    peeled
}

fn first_byte(part: &Part) -> Option<u8> {
    match part {
        Part::Literal(text) => text.bytes().next(),
        // A registered URL begins with `http`.
        Part::Url => Some(b'h'),
        _ => None,
    }
}

fn last_byte(part: &Part) -> Option<u8> {
    match part {
        Part::Literal(text) => text.bytes().next_back(),
        _ => None,
    }
}

/// Parts whose end is certain without a look at what follows.
fn self_delimiting(scheme: &Scheme, part: &Part) -> bool {
    match part {
        // The URL is the receiver's own constant, not the sender's choice.
        Part::BodySha256 | Part::Literal(_) | Part::Url => true,
        Part::Form { shape, .. } | Part::Header { shape, .. } | Part::Json { shape, .. } => {
            matches!(shape, Shape::Digits(_) | Shape::Hex(_) | Shape::Length(_))
        }
        // RFC 3339 with a zone has one `T`, ten characters from its start, and ends
        // with its zone: no such text is the beginning or the end of another.
        Part::Timestamp => units(scheme).all(|unit| unit == TimestampUnit::Iso8601),
        Part::Body | Part::FormSorted | Part::Method | Part::QuerySorted => false,
    }
}

/// Whether a part can never hold `byte`.
fn excludes(scheme: &Scheme, part: &Part, byte: u8) -> bool {
    match part {
        Part::Form {
            shape: Shape::Without(characters),
            ..
        }
        | Part::Header {
            shape: Shape::Without(characters),
            ..
        }
        | Part::Json {
            shape: Shape::Without(characters),
            ..
        } => characters.as_bytes().contains(&byte),
        Part::Method => !byte.is_ascii_uppercase(),
        Part::Timestamp => {
            units(scheme).all(|unit| unit != TimestampUnit::Iso8601) && !byte.is_ascii_digit()
        }
        _ => false,
    }
}

fn units(scheme: &Scheme) -> impl Iterator<Item = TimestampUnit> {
    scheme.timestamp.iter().map(|source| source.unit)
}
