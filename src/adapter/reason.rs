//! Why something behind a layer refused a request.

use alloc::sync::Arc;
use core::error::Error;
use core::fmt;

/// Why something behind a layer refused a request: in the extensions of its response, where
/// the layer takes it from as the handler's error.
#[derive(Clone, Debug)]
pub(super) struct Reason(Arc<dyn Error + Send + Sync>);

impl Reason {
    pub(super) fn of(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Arc::new(error))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Reason {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
