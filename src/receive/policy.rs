//! What the user decided for the days on which something fails.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::pin::Pin;

use super::{Event, HandlerError};

/// What happens to a genuine delivery while the store, or the handler, is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutagePolicy {
    /// The sender is asked to retry. The default for senders that do; chosen for one
    /// that never does, it says: such deliveries may be lost until somebody sends them
    /// again by hand.
    AskRetry,
    /// As `AskRetry`; said by a user who keeps each delivery in a durable place before
    /// it is received, and receives it from there again.
    HandedOver,
    /// While the store is down, the handler runs without a claim: at least once,
    /// perhaps several times at a time.
    ProcessWithoutDedupe,
}

/// What happens to an event that fails again and again.
pub(super) struct DeadLetters {
    pub(super) attempts: u32,
    pub(super) keep: Keep,
}

/// The user's function that puts an event aside.
type Keep = Arc<
    dyn Fn(Event) -> Pin<Box<dyn Future<Output = Result<(), HandlerError>> + Send>> + Send + Sync,
>;

/// The user's function that is told of a stuck event.
pub(super) type Stuck = Arc<dyn Fn(&Event) + Send + Sync>;
