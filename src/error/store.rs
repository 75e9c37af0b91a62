//! The infrastructure's fault.

use alloc::boxed::Box;
use core::error::Error;

/// A store could not answer: it is unknown whether the step was applied.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub struct StoreError {
    problem: &'static str,
    transient: bool,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl StoreError {
    /// A fault that may pass by itself.
    #[must_use]
    pub const fn transient(problem: &'static str) -> Self {
        Self {
            problem,
            transient: true,
            source: None,
        }
    }

    /// A fault that stays until somebody mends it.
    #[must_use]
    pub const fn permanent(problem: &'static str) -> Self {
        Self {
            problem,
            transient: false,
            source: None,
        }
    }

    /// Adds what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Whether the same step may succeed when asked again.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        self.transient
    }
}
