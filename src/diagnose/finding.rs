//! What a diagnosis found. It holds names, lengths and offsets: never a secret, a
//! signature or text of a body, and nothing that a verifier or an adapter takes.

use alloc::string::String;
use alloc::vec::Vec;

use super::cause::Cause;

/// What a diagnosis found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Why it was refused.
    Explained(Explanation),
    /// Nothing that was tried makes the signature match.
    Unexplained(Unexplained),
    /// It is not refused at all.
    Verifies,
}

/// Why a delivery was refused: one mistake, or several that were made together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    first: Mistake,
    also: Vec<Mistake>,
    proven: bool,
    macs: u32,
}

/// One mistake, with what is known of it and what to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub(super) cause: Cause,
    pub(super) detail: Vec<(&'static str, DetailValue)>,
    pub(super) fix: String,
}

/// A fact of a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DetailValue {
    /// A number: bytes, seconds, a count.
    Number(i64),
    /// A word of this crate, of the scheme, or the name of a header or secret.
    Text(String),
    /// Several such words.
    Texts(Vec<String>),
}

/// That nothing was found, and what is out of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unexplained {
    pub(super) ruled_out: Vec<Cause>,
    pub(super) macs: u32,
    pub(super) is_complete: bool,
}

impl Explanation {
    pub(super) const fn new(first: Mistake, also: Vec<Mistake>, proven: bool, macs: u32) -> Self {
        Self {
            first,
            also,
            proven,
            macs,
        }
    }

    /// The cause; the first, if several mistakes were made together.
    #[must_use]
    pub const fn cause(&self) -> Cause {
        self.first.cause
    }

    /// The mistake of [`cause`](Self::cause).
    #[must_use]
    pub const fn mistake(&self) -> &Mistake {
        &self.first
    }

    /// Mistakes that were made together with the first: only when all are mended does
    /// the delivery verify.
    #[must_use]
    pub fn also(&self) -> &[Mistake] {
        &self.also
    }

    /// Whether it is proven: with these changes, and no others, the signature matches
    /// under a secret that was offered. Else the facts say so, without a match.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        self.proven
    }

    /// How many MACs, or checks of a public key, it took.
    #[must_use]
    pub const fn macs(&self) -> u32 {
        self.macs
    }
}

impl Mistake {
    /// The cause.
    #[must_use]
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// What is known of it, by name.
    #[must_use]
    pub fn detail(&self) -> &[(&'static str, DetailValue)] {
        &self.detail
    }

    /// The fact of this name.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&DetailValue> {
        let mut facts = self.detail.iter();
        facts
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// What to change, in one sentence or two.
    #[must_use]
    pub fn fix(&self) -> &str {
        &self.fix
    }
}

impl Unexplained {
    /// Causes of which every form was tried, alone and on this delivery.
    #[must_use]
    pub fn ruled_out(&self) -> &[Cause] {
        &self.ruled_out
    }

    /// How many MACs, or checks of a public key, were computed.
    #[must_use]
    pub const fn macs(&self) -> u32 {
        self.macs
    }

    /// Whether everything was tried; else the budget ended before.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.is_complete
    }
}

impl From<u64> for DetailValue {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<usize> for DetailValue {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<i64> for DetailValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for DetailValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for DetailValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<String>> for DetailValue {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}
