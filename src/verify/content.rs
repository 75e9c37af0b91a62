//! The signed content, fed to the checks in pieces and never joined.
//!
//! Comes in: fields, time text, body. An attacker controls all of them, so a
//! field with a shape is checked once the signature has matched: a genuine
//! signature over an ambiguous text is refused too.

use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use super::delivery::Head;
use super::fields::{Fields, Slots};
use super::form;
use super::values::{BodyFields, BodyValues};
use crate::scheme::{Part, Scheme, Shape, Template};

/// A template, its names resolved to places.
#[derive(Debug)]
pub(crate) struct Content {
    pieces: Vec<Piece>,
    /// Pieces before the body, and whether there is one body piece to stream.
    body_at: Option<usize>,
}

#[derive(Debug)]
enum Piece {
    Body,
    BodySha256,
    Form { index: usize, shape: Shape },
    FormSorted,
    Header { index: usize, shape: Shape },
    Json { index: usize, shape: Shape },
    Literal(Vec<u8>),
    Method,
    QuerySorted,
    Timestamp,
    Url,
}

/// What the pieces are taken from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sources<'s> {
    pub(crate) head: &'s Head<'s>,
    pub(crate) fields: &'s Fields<'s>,
    pub(crate) body_values: &'s BodyValues<'s>,
    pub(crate) time: Option<&'s [u8]>,
    pub(crate) url: Option<&'s str>,
}

/// What a signature is over: one content, or several of which any may match.
#[derive(Clone, Copy)]
pub(super) struct SignedBytes<'s> {
    pub(super) contents: &'s [Content],
    pub(super) sources: &'s Sources<'s>,
    pub(super) body: &'s [u8],
}

impl SignedBytes<'_> {
    /// Feeds content `index`. `None` if a field of it is absent.
    #[inline]
    pub(super) fn feed(&self, index: usize, sink: &mut impl FnMut(&[u8])) -> Option<()> {
        let content = self.contents.get(index)?;
        content.feed(self.sources, self.body, sink)
    }
}

impl Content {
    pub(crate) fn new(template: &Template, slots: &Slots, body_fields: &BodyFields) -> Self {
        let pieces: Vec<Piece> = template
            .parts()
            .iter()
            .map(|part| match part {
                Part::Body => Piece::Body,
                Part::BodySha256 => Piece::BodySha256,
                Part::Form { field, shape } => Piece::Form {
                    index: body_fields.form_index(field),
                    shape: shape.clone(),
                },
                Part::FormSorted => Piece::FormSorted,
                Part::Header { name, shape } => Piece::Header {
                    index: slots.index(name).unwrap_or(usize::MAX),
                    shape: shape.clone(),
                },
                Part::Json { path, shape } => Piece::Json {
                    index: body_fields.json_index(path),
                    shape: shape.clone(),
                },
                Part::Literal(text) => Piece::Literal(text.as_bytes().to_vec()),
                Part::Method => Piece::Method,
                Part::QuerySorted => Piece::QuerySorted,
                Part::Timestamp => Piece::Timestamp,
                Part::Url => Piece::Url,
            })
            .collect();
        let mut bodies = pieces.iter().enumerate().filter(|(_, piece)| {
            matches!(piece, Piece::Body | Piece::BodySha256 | Piece::FormSorted)
        });
        let body_at = match (bodies.next(), bodies.next()) {
            (Some((at, Piece::Body)), None) => Some(at),
            _ => None,
        };
        Self { pieces, body_at }
    }

    pub(crate) fn uses_url(scheme: &Scheme) -> bool {
        scheme
            .contents()
            .any(|content| content.parts().contains(&Part::Url))
    }

    /// Whether the body can be fed as it comes: it stands in the content once, raw.
    pub(crate) const fn is_streamable(&self) -> bool {
        self.body_at.is_some()
    }

    /// Feeds everything, the body too. `None` if a field of the content is absent.
    #[inline]
    pub(crate) fn feed(
        &self,
        sources: &Sources<'_>,
        body: &[u8],
        sink: &mut impl FnMut(&[u8]),
    ) -> Option<()> {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Body => {
                sink(body);
                Some(())
            }
            Piece::BodySha256 => {
                sink(&Sha256::digest(body));
                Some(())
            }
            Piece::FormSorted => {
                sink(&form::sorted(body));
                Some(())
            }
            piece => piece.feed(sources, sink),
        })
    }

    /// Feeds what stands before the streamed body.
    pub(crate) fn feed_before(
        &self,
        sources: &Sources<'_>,
        sink: &mut impl FnMut(&[u8]),
    ) -> Option<()> {
        let before = self.pieces.get(..self.body_at?)?;
        before
            .iter()
            .try_for_each(|piece| piece.feed(sources, sink))
    }

    /// Feeds what stands after it.
    pub(crate) fn feed_after(
        &self,
        sources: &Sources<'_>,
        sink: &mut impl FnMut(&[u8]),
    ) -> Option<()> {
        let after = self.pieces.get(self.body_at?.saturating_add(1)..)?;
        after.iter().try_for_each(|piece| piece.feed(sources, sink))
    }

    /// Whether every field has its shape.
    #[inline]
    pub(crate) fn fits(&self, sources: &Sources<'_>) -> bool {
        self.pieces.iter().all(|piece| match piece {
            Piece::Form { shape, .. } | Piece::Header { shape, .. } | Piece::Json { shape, .. } => {
                piece.field(sources).is_some_and(|value| shape.fits(value))
            }
            Piece::Method => sources
                .head
                .method
                .is_some_and(|method| method.bytes().all(|byte| byte.is_ascii_uppercase())),
            _ => true,
        })
    }
}

impl Piece {
    #[inline]
    fn feed(&self, sources: &Sources<'_>, sink: &mut impl FnMut(&[u8])) -> Option<()> {
        if let Self::QuerySorted = self {
            sink(&sorted_query(sources.head.query()));
        } else {
            sink(self.field(sources)?);
        }
        Some(())
    }

    #[inline]
    fn field<'s>(&'s self, sources: &Sources<'s>) -> Option<&'s [u8]> {
        match self {
            Self::Form { index, .. } => sources.body_values.form(*index),
            Self::Header { index, .. } => sources.fields.get(*index),
            Self::Json { index, .. } => sources.body_values.json(*index),
            Self::Literal(text) => Some(text),
            Self::Method => sources.head.method.map(str::as_bytes),
            Self::Timestamp => sources.time,
            Self::Url => sources.url.map(str::as_bytes),
            Self::Body | Self::BodySha256 | Self::FormSorted | Self::QuerySorted => None,
        }
    }
}

/// The query's pairs as they are written, sorted by name.
fn sorted_query(query: &str) -> Vec<u8> {
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).collect();
    pairs.sort_by_key(|pair| pair.split('=').next());
    pairs.join("&").into_bytes()
}
