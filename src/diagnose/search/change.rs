//! The changes of a body, a time and a URL, and what a match under each says.

use alloc::string::String;
use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use super::super::cause::Cause;
use super::super::finding::{DetailValue, Mistake};
use super::super::hypothesis::{
    Row, body, charset, form, group, json, library, time, url, wrapping,
};
use super::super::reading::Reading;
use super::{Message, Other, Search};
use crate::scheme::{Part, Scheme};
use crate::verify::content::Content;

impl Search<'_> {
    /// The body of a row, unless it was tried before.
    pub(super) fn body(
        &self,
        row: &Row,
        way: u16,
        body: &[u8],
        seen: &mut Vec<[u8; 32]>,
    ) -> Option<Other> {
        let text = row.apply(body, way)?;
        if text == self.body {
            return None;
        }
        let digest: [u8; 32] = Sha256::digest(&text).into();
        if seen.contains(&digest) {
            return None;
        }
        seen.push(digest);
        let mistake = body_mistake(self.body, row.cause, row.form.into(), row.fix, &text);
        Some(Other { text, mistake })
    }

    /// Two changes of the body, as one mistake where they have one cause.
    pub(super) fn joined(&self, first: &Other, second: &Other) -> Vec<Mistake> {
        let form = |mistake: &Mistake| match mistake.detail.first() {
            Some((_, DetailValue::Text(form))) => form.clone(),
            _ => String::new(),
        };
        if first.mistake.cause != second.mistake.cause {
            return alloc::vec![first.mistake.clone(), second.mistake.clone()];
        }
        let form = alloc::format!("{}; {}", form(&first.mistake), form(&second.mistake));
        let fix = &second.mistake.fix;
        alloc::vec![body_mistake(
            self.body,
            second.mistake.cause,
            form,
            fix,
            &second.text
        )]
    }

    /// The URLs, where the scheme signs one, or the request's query.
    pub(super) fn urls(&self) -> Vec<url::Other> {
        let own = if Content::uses_url(&self.layout.scheme) {
            self.url
        } else if uses_query(&self.layout.scheme) {
            self.head.url
        } else {
            None
        };
        own.map_or_else(Vec::new, |own| url::others(own, &self.head))
    }

    /// The message with another URL, in the place that the scheme signs.
    pub(super) fn at_url<'m>(&self, message: &Message<'m>, other: &'m url::Other) -> Message<'m> {
        if Content::uses_url(&self.layout.scheme) {
            return Message {
                url: Some(&other.url),
                ..*message
            };
        }
        Message {
            asked: Some(&other.url),
            ..*message
        }
    }
}

/// Whether the request's own query is signed.
fn uses_query(scheme: &Scheme) -> bool {
    let mut contents = scheme.contents();
    contents.any(|content| content.parts().contains(&Part::QuerySorted))
}

/// The tables of bodies, in the order in which they are tried.
const BODIES: [&[Row]; 6] = [
    body::ROWS,
    wrapping::ROWS,
    charset::ROWS,
    form::ROWS,
    json::ROWS,
    library::ROWS,
];

/// The rows of bodies, the wide ones or the others, each with its ways.
pub(in super::super) fn rows(wide: bool) -> impl Iterator<Item = (&'static Row, u16)> {
    BODIES
        .into_iter()
        .flat_map(ways)
        .filter(move |(row, _)| row.is_wide() == wide)
}

pub(super) fn ways(rows: &'static [Row]) -> impl Iterator<Item = (&'static Row, u16)> {
    rows.iter()
        .flat_map(|row| (0..row.ways).map(move |way| (row, way)))
}

/// Whether a second change of the body says more than the first. Changes are undone in the
/// order of the groups; but a mark is added last, and a library prints all of the text.
pub(super) const fn may_follow(first: &Row, second: &Row) -> bool {
    let (first, second) = (first.group, second.group);
    let is_style = first >= group::LAYOUT && first <= group::NUMBERS;
    let in_order =
        first < second && second != group::NOTHING && !(is_style && second == group::LIBRARY);
    in_order || (second == group::MARK && first != group::MARK && first < group::DIGEST)
}

/// The times other than the one that arrived, but for the wide rows.
pub(super) fn times(reading: &Reading<'_>) -> Vec<Other> {
    let Some((text, _)) = &reading.time else {
        return Vec::new();
    };
    let narrow = ways(time::ROWS).filter(|(row, _)| !row.is_wide());
    let mut made: Vec<Other> = Vec::new();
    for (row, way) in narrow {
        if let Some(other) = other_time(row, way, text)
            && made.iter().all(|known| known.text != other.text)
        {
            made.push(other);
        }
    }
    made
}

pub(super) fn other_time(row: &Row, way: u16, text: &[u8]) -> Option<Other> {
    let made = row.apply(text, way)?;
    let mistake = Mistake {
        cause: row.cause,
        detail: alloc::vec![
            ("form", row.form.into()),
            ("delivered_bytes", text.len().into()),
            ("signed_bytes", made.len().into())
        ],
        fix: row.fix.into(),
    };
    Some(Other {
        text: made,
        mistake,
    })
}

/// What a match over another body says: its length and where it begins to differ.
pub(in super::super) fn body_mistake(
    arrived: &[u8],
    cause: Cause,
    form: String,
    fix: &str,
    signed: &[u8],
) -> Mistake {
    let is_json = cause == Cause::BodyReserialized;
    let same = arrived
        .iter()
        .zip(signed)
        .take_while(|(a, b)| a == b)
        .count();
    Mistake {
        cause,
        detail: alloc::vec![
            (if is_json { "style" } else { "form" }, form.into()),
            ("delivered_bytes", arrived.len().into()),
            ("signed_bytes", signed.len().into()),
            ("first_difference", same.into()),
        ],
        fix: fix.into(),
    }
}
