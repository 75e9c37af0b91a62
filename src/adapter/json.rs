//! The body of a verified event as a value.

use core::error::Error;
use core::fmt;

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::Event;

/// Why the body of a verified event is not the value that was asked for. It says where,
/// and nothing of the body itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonError {
    problem: &'static str,
    line: usize,
    column: usize,
}

/// Parses the body of an event whose signature has matched.
pub(super) fn parse<T: DeserializeOwned>(event: &Event) -> Result<T, JsonError> {
    // One in a file comes from the system's cache: to parse it takes longer.
    let body = event.whole_body().map_err(|_| JsonError {
        problem: "cannot be read from its file",
        line: 0,
        column: 0,
    })?;
    serde_json::from_slice(&body).map_err(|error| JsonError {
        problem: match error.classify() {
            Category::Data => "is JSON, but not of the type that was asked for",
            Category::Eof => "ends in the middle of JSON",
            Category::Io | Category::Syntax => "is not JSON",
        },
        line: error.line(),
        column: error.column(),
    })
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            problem,
            line,
            column,
        } = self;
        write!(f, "the body {problem} (line {line}, column {column})")
    }
}

impl Error for JsonError {}
