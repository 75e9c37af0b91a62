//! A reply that is kept with an event, to be given again.

use alloc::sync::Arc;
use core::fmt;

/// A reply that is kept with a completed event; its bytes mean nothing to a store.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptReply(Arc<[u8]>);

impl KeptReply {
    /// The longest reply that a store must take: enough for any answer that senders
    /// read, and little enough to stand in one row of any engine.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// A reply of at most [`MAX_BYTES`](Self::MAX_BYTES); `None` for a longer one.
    #[must_use]
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Option<Self> {
        let bytes = bytes.into();
        (bytes.len() <= Self::MAX_BYTES).then_some(Self(bytes))
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Without the bytes, which are the application's.
impl fmt::Debug for KeptReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeptReply({} bytes)", self.0.len())
    }
}
