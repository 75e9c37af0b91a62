//! Why a bundle cannot be read or compared.

use alloc::string::String;

use super::document::{Bundle, VERSION};
use crate::Code;

/// Why a bundle cannot be read or compared. Its messages repeat no text of what was read
/// but the ids of schemes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// It is JSON, and no bundle.
    #[error("it is no bundle: {problem}")]
    NotABundle {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// It is no JSON, or more than one text.
    #[error(
        "it is not one JSON text, which is the bundle of one delivery: see line {line}, column {column}"
    )]
    NotJson {
        /// The line, from 1 on.
        line: usize,
        /// The column, from 1 on.
        column: usize,
    },
    /// The two are of different schemes.
    #[error("one bundle is of scheme `{a}`, the other of `{b}`: make both with the same --scheme")]
    OtherScheme {
        /// The first one's scheme.
        a: String,
        /// The other one's.
        b: String,
    },
    /// It is of a format that this version does not know.
    #[error(
        "it is of format {found}, and this version reads format {}: make both with one version of countersign",
        VERSION
    )]
    OtherVersion {
        /// The format's number.
        found: u64,
    },
    /// It is longer than any bundle.
    #[error("it is longer than {} bytes, as no bundle is", Bundle::MAX_BYTES)]
    TooLong,
}

impl BundleError {
    /// The stable code: input that cannot be read.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::UnreadableInput
    }
}
