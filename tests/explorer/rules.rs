//! What a protocol does: the shipped one, and each way to do it wrong.

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claiming {
    /// Marked as done when it is claimed.
    MarkBefore,
    /// Only looked at when it is claimed; marked when the effect has ended.
    MarkAfter,
    /// Marked as in flight, for ever.
    Marker,
    /// Held under a lease.
    Lease,
    /// Claimed, done and marked in one transaction.
    Inbox,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Release {
    Nothing,
    Deletes,
    Tombstone,
}

/// What the sender is told when a completion was not confirmed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unconfirmed {
    Retry,
    Success,
    SuccessIfEndedInLease,
}

#[derive(Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) claiming: Claiming,
    pub(crate) release: Release,
    pub(crate) unconfirmed: Unconfirmed,
    pub(crate) takes_over: bool,
    pub(crate) checks_owner: bool,
    pub(crate) in_progress_is_success: bool,
    pub(crate) fenced_is_success: bool,
    /// The resource refuses a fence below the highest that it saw.
    pub(crate) resource_checks_fence: bool,
    /// A worker starts the effect only inside its lease by its own clock.
    pub(crate) starts_inside_lease: bool,
    pub(crate) fences_restart: bool,
    /// By the worker's clock; not from when it first asked.
    pub(crate) lease_counts_from_last_ask: bool,
    /// The effect may not run twice in any state, whatever fails.
    pub(crate) never_twice: bool,
    pub(crate) bounds: Bounds,
}

/// How often something may happen at most.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) crashes: u8,
    pub(crate) errors: u8,
    pub(crate) losses: u8,
    pub(crate) ticks: u8,
    /// How often the store loses its record.
    pub(crate) forgets: u8,
    pub(crate) renewals: u8,
}

/// W of the note: strict, and the resource checks the fence.
pub(crate) const FENCED: Rules = Rules {
    claiming: Claiming::Lease,
    release: Release::Tombstone,
    unconfirmed: Unconfirmed::Retry,
    takes_over: true,
    checks_owner: true,
    in_progress_is_success: false,
    fenced_is_success: false,
    resource_checks_fence: true,
    starts_inside_lease: false,
    fences_restart: false,
    lease_counts_from_last_ask: false,
    never_twice: false,
    bounds: Bounds {
        crashes: 2,
        errors: 1,
        losses: 1,
        ticks: 5,
        forgets: 0,
        renewals: 0,
    },
};

impl Rules {
    pub(crate) const fn with(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }
}
