//! What the memory store knows of an event.

use core::time::Duration;

use crate::store::{KeptReply, Lease, Nonce, Outcome};

/// A record; its key stands beside it.
pub(super) struct Record {
    pub(super) nonce: Nonce,
    pub(super) fence: u64,
    pub(super) attempt: u32,
    pub(super) is_takeover: bool,
    pub(super) digest: Option<[u8; 32]>,
    pub(super) expires: Duration,
    pub(super) state: State,
}

/// Where the event stands. Times are the store's own.
pub(super) enum State {
    InFlight {
        deadline: Duration,
    },
    Idle {
        order: u64,
    },
    Done {
        order: u64,
        outcome: Outcome,
        reply: Option<KeptReply>,
    },
}

impl Record {
    /// Whether the lease's holder is this record's: by nonce and fence.
    pub(super) fn is_of(&self, lease: &Lease) -> bool {
        self.nonce == lease.nonce() && self.fence == lease.fence()
    }

    pub(super) fn reply_bytes(&self) -> usize {
        match &self.state {
            State::Done {
                reply: Some(reply), ..
            } => reply.as_bytes().len(),
            _ => 0,
        }
    }
}
