//! Two bundles of one delivery: what is different, and where.

mod body;
mod facts;

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use super::document::Document;

/// What differs between two bundles, `A` and `B`, of one delivery.
///
/// What each side judged, and when, is shown by the bundles; it is no difference of the
/// delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    same: bool,
    secrets: Secrets,
    body: BodyComparison,
    differences: Vec<Difference>,
}

/// Whether the two sides hold a secret in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Secrets {
    /// No secret of one is a secret of the other.
    Differ,
    /// One at least has the same fingerprint on both sides.
    Same,
    /// There is no fingerprint: a short secret, one that cannot be decoded, or a public key.
    Unknown,
}

/// What became of the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
#[non_exhaustive]
pub enum BodyComparison {
    /// Bytes changed within a range.
    Changed {
        /// The range in `A`.
        a: Span,
        /// The range in `B`.
        b: Span,
    },
    /// It says the same and is written in another form.
    Reencoded(Reencoding),
    /// It is the same, byte for byte.
    Same,
    /// Only the lengths are known: no secret is known to be in common.
    Unknown {
        /// Bytes of `A`.
        a_length: u64,
        /// Bytes of `B`.
        b_length: u64,
    },
}

/// A range of bytes of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    offset: u64,
    length: u64,
}

/// That one body is the other in another form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reencoding {
    form: String,
    of: Side,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_form: Option<String>,
    a: Span,
    b: Span,
}

/// One of the two, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
    /// Both.
    Both,
}

/// Something other than the body that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    what: Subject,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    a: Option<String>,
    b: Option<String>,
}

/// What a difference is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// The event id.
    EventId,
    /// A header: absent on one side, or of another shape.
    Header,
    /// The request method.
    Method,
    /// The URL's path.
    Path,
    /// The names of the query's parameters.
    Query,
    /// The delivery's time.
    Timestamp,
}

impl Comparison {
    pub(super) fn new(a: &Document, b: &Document) -> Self {
        let (secrets, body) = body::compare(a, b);
        let differences = facts::differences(a, b);
        Self {
            same: secrets != Secrets::Differ
                && body == BodyComparison::Same
                && differences.is_empty(),
            secrets,
            body,
            differences,
        }
    }

    /// Whether all is the same as far as bundles tell, and the body for certain.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        self.same
    }

    /// Whether nothing is known to differ and the body cannot be judged: its lengths are the
    /// same, and no secret can key digests.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        let is_unjudged = match &self.body {
            BodyComparison::Unknown { a_length, b_length } => *a_length == *b_length,
            _ => false,
        };
        is_unjudged && matches!(self.secrets, Secrets::Unknown) && self.differences.is_empty()
    }

    /// Whether the two sides hold a secret in common.
    #[must_use]
    pub const fn secrets(&self) -> Secrets {
        self.secrets
    }

    /// What became of the body.
    #[must_use]
    pub const fn body(&self) -> &BodyComparison {
        &self.body
    }

    /// What else differs.
    #[must_use]
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }
}

impl Span {
    /// The first byte, from 0 on.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes; 0 where the other side has bytes more.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.length
    }
}

impl Reencoding {
    /// The form, as [`diagnose`](crate::diagnose) names it: written so, the body of
    /// [`of`](Self::of) is the other one.
    #[must_use]
    pub fn form(&self) -> &str {
        &self.form
    }

    /// Whose body is written in the form. `Both`: neither is the other, and `A` in
    /// [`form`](Self::form) is `B` in [`other_form`](Self::other_form).
    #[must_use]
    pub const fn of(&self) -> Side {
        self.of
    }

    /// The form of `B`, where both are written in one.
    #[must_use]
    pub fn other_form(&self) -> Option<&str> {
        self.other_form.as_deref()
    }

    /// The range of `A` within which the two differ.
    #[must_use]
    pub const fn a(&self) -> Span {
        self.a
    }

    /// The range of `B` within which the two differ.
    #[must_use]
    pub const fn b(&self) -> Span {
        self.b
    }
}

impl Difference {
    /// What it is about.
    #[must_use]
    pub const fn what(&self) -> Subject {
        self.what
    }

    /// The header's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What `A` has.
    #[must_use]
    pub fn a(&self) -> Option<&str> {
        self.a.as_deref()
    }

    /// What `B` has.
    #[must_use]
    pub fn b(&self) -> Option<&str> {
        self.b.as_deref()
    }
}
