//! An event that is not an HTTP request.

use crate::Code;

/// The function was called with something else than AWS makes of an HTTP request.
///
/// The fault is in how the function is connected or called, never the sender's: return it
/// as the function's error. It holds nothing of the event but numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// A field has another type than AWS documents, or stands twice.
    #[error(
        "the event has a field of another form than AWS documents, or twice (line {line}, column {column})"
    )]
    InvalidField {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
    },
    /// `isBase64Encoded` is true, and `body` is not canonical Base64.
    #[error("the event's body is announced as Base64 and is not ({length} characters)")]
    NotBase64 {
        /// The body's length in bytes.
        length: usize,
    },
    /// JSON, but not of an HTTP request.
    #[error(
        "the event has no `{missing}`: is the function called by API Gateway, a function URL or a load balancer?"
    )]
    NotHttp {
        /// The field that is missing.
        missing: &'static str,
    },
    /// Not a JSON object.
    #[error("the event is not a JSON object (line {line}, column {column})")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
    },
    /// Longer than any event of AWS.
    #[error("the event has {bytes} bytes, and at most {most} are read")]
    TooLarge {
        /// The text's length in bytes.
        bytes: usize,
        /// The most that is read.
        most: usize,
    },
    /// More header values, or more parameters, than AWS lets through.
    #[error("the event has over {most} values in `{field}`")]
    TooManyValues {
        /// The field that has them.
        field: &'static str,
        /// The most that is read.
        most: usize,
    },
    /// A payload format that came after 2.0.
    #[error("the event's `version` is neither 1.0 nor 2.0")]
    UnknownVersion,
}

impl EventError {
    /// The stable code, `UNREADABLE_INPUT`.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::UnreadableInput
    }
}
