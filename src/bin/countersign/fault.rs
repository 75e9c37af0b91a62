//! What ends a run, or one delivery of it, without a verdict.

use std::io;

use countersign::{Code, ConfigError};

/// The exit status of every fault that is not the delivery's.
pub(crate) const STATUS: u8 = 2;

/// A fault of configuration or input, with its stable code.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) message: String,
}

impl Fault {
    /// Input that cannot be read. The message repeats none of it: it may be a secret
    /// in the wrong place.
    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self {
            code: Code::UnreadableInput,
            message: message.into(),
        }
    }
}

impl From<ConfigError> for Fault {
    fn from(error: ConfigError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
        }
    }
}

/// What ends the run at once.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Arguments that cannot be used together.
    Usage(String),
    /// Standard output is gone.
    Output(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}
