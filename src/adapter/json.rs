//! A verified body as JSON.

use alloc::format;

use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::{Event, HandlerError};

/// Parses the body of an event. One of another shape never will be of this one: the
/// event is refused for good. The error says what is wrong and where, and nothing of the
/// body.
pub(super) fn parse<T: DeserializeOwned>(event: &Event) -> Result<T, HandlerError> {
    serde_json::from_slice(event.body()).map_err(|error| {
        let what = match error.classify() {
            Category::Data => "JSON of another shape",
            Category::Eof | Category::Io | Category::Syntax => "no JSON",
        };
        HandlerError::reject(format!(
            "the body is {what}: line {}, column {}",
            error.line(),
            error.column()
        ))
    })
}
