//! What a delivery came to: the answer for its sender, and the reason for us.

use alloc::sync::Arc;

use super::{HandlerError, Reply};
use crate::{Code, Rejection, StoreError};

/// What a delivery came to: the answer for its sender, and the reason for logs and
/// metrics, which the answer does not tell.
#[derive(Clone, Debug)]
#[must_use = "the sender waits for its answer"]
pub struct Receipt {
    pub(super) status: u16,
    pub(super) retry_after_s: Option<u32>,
    pub(super) reply: Reply,
    pub(super) code: Option<Code>,
    pub(super) rejection: Option<Rejection>,
    pub(super) store_error: Option<Arc<StoreError>>,
    pub(super) handler_error: Option<Arc<HandlerError>>,
}

impl Receipt {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Seconds for a `Retry-After` header.
    #[must_use]
    pub const fn retry_after_s(&self) -> Option<u32> {
        self.retry_after_s
    }

    /// The body's media type.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.reply.content_type()
    }

    /// What else the answer says, names in lower case; nothing but for some challenges.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.reply.headers()
    }

    /// The body; empty unless it comes from a handler or a reply function.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.reply.body()
    }

    /// The reply, to be sent; what stays is the reason.
    pub fn take_reply(&mut self) -> Reply {
        core::mem::take(&mut self.reply)
    }

    /// The reason; `None` if the handler processed the event, and its claim was settled
    /// or none was needed.
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        self.code
    }

    /// Why the verifier refused it, if it did.
    #[must_use]
    pub const fn rejection(&self) -> Option<&Rejection> {
        self.rejection.as_ref()
    }

    /// What the store or the spool said, if it failed; also where the event was processed all the same.
    #[must_use]
    pub fn store_error(&self) -> Option<&StoreError> {
        self.store_error.as_deref()
    }

    /// What the handler said, if it failed or refused.
    #[must_use]
    pub fn handler_error(&self) -> Option<&HandlerError> {
        self.handler_error.as_deref()
    }

    pub(super) fn because_of_store(mut self, error: Arc<StoreError>) -> Self {
        self.store_error = Some(error);
        self
    }

    pub(super) fn because_of_handler(mut self, error: HandlerError) -> Self {
        self.handler_error = Some(Arc::new(error));
        self
    }
}
