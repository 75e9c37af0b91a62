//! A verified body as JSON.

use core::error::Error;
use core::fmt;

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::{Event, HandlerError};

/// Why a body is not what was asked for. It says what is wrong and where, and nothing of
/// the body.
#[derive(Clone, Copy, Debug)]
pub(super) struct JsonError {
    what: &'static str,
    line: usize,
    column: usize,
}

/// Parses the body of an event.
pub(super) fn parse<T: DeserializeOwned>(event: &Event) -> Result<T, JsonError> {
    serde_json::from_slice(event.body()).map_err(|error| JsonError {
        what: match error.classify() {
            Category::Data => "JSON of another shape",
            Category::Eof | Category::Io | Category::Syntax => "no JSON",
        },
        line: error.line(),
        column: error.column(),
    })
}

/// A body of another shape never will be of this one: its event is refused for good.
impl From<JsonError> for HandlerError {
    fn from(error: JsonError) -> Self {
        Self::reject(error)
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, line, column } = self;
        write!(f, "the body is {what}: line {line}, column {column}")
    }
}

impl Error for JsonError {}
