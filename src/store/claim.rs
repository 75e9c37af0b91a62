//! What is asked of a store, and what it answers.

use core::time::Duration;

use super::{KeptReply, Lease, Nonce};
use crate::KeyId;

/// A request for the exclusive right to process an event.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClaimRequest {
    key: KeyId,
    nonce: Nonce,
    lease: Duration,
    retention: Duration,
    digest: Option<[u8; 32]>,
    expired: ExpiredLease,
}

impl ClaimRequest {
    /// A request for this key: held for `lease`, remembered for `retention`.
    pub const fn new(key: KeyId, nonce: Nonce, lease: Duration, retention: Duration) -> Self {
        Self {
            key,
            nonce,
            lease,
            retention,
            digest: None,
            expired: ExpiredLease::TakeOver,
        }
    }

    /// The body's SHA-256, where a retry is documented to repeat the body: another
    /// body under the same key is then `Reused`.
    pub const fn digest(mut self, digest: [u8; 32]) -> Self {
        self.digest = Some(digest);
        self
    }

    /// What an expired lease of somebody else means.
    pub const fn expired(mut self, expired: ExpiredLease) -> Self {
        self.expired = expired;
        self
    }

    /// With another retention.
    pub(super) const fn retained(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> KeyId {
        self.key
    }

    /// The claimer's nonce.
    #[must_use]
    pub const fn nonce(&self) -> Nonce {
        self.nonce
    }

    /// How long the claim is held without being renewed.
    #[must_use]
    pub const fn lease(&self) -> Duration {
        self.lease
    }

    /// How long the event is remembered: from now, and again from its completion.
    #[must_use]
    pub const fn retention(&self) -> Duration {
        self.retention
    }

    /// The body's SHA-256, if it counts.
    #[must_use]
    pub const fn body_digest(&self) -> Option<&[u8; 32]> {
        self.digest.as_ref()
    }

    /// What an expired lease of somebody else means.
    #[must_use]
    pub const fn expired_lease(&self) -> ExpiredLease {
        self.expired
    }
}

/// What a claim finds, as every store judges it; the places of records differ, the
/// answers do not.
impl ClaimRequest {
    /// The answer if the event is done, with this body's digest if that is known.
    pub(super) fn meets_done(
        &self,
        outcome: Outcome,
        digest: Option<&[u8; 32]>,
        reply: Option<&KeptReply>,
    ) -> Claim {
        match (digest, self.body_digest()) {
            (Some(known), Some(given)) if known != given => Claim::Reused,
            _ => Claim::Done {
                outcome,
                reply: reply.cloned(),
            },
        }
    }

    /// The answer if the event is in flight under this lease, with so much left of it, or
    /// nothing; `None` if the lease may be taken over.
    pub(super) fn meets_lease(
        &self,
        nonce: Nonce,
        left: Option<Duration>,
        lease: impl FnOnce() -> Lease,
    ) -> Option<Claim> {
        let is_mine = nonce == self.nonce;
        match left {
            Some(_) if is_mine => Some(Claim::Fresh(lease())),
            Some(retry_after) => Some(Claim::InProgress { retry_after }),
            None if self.expired == ExpiredLease::Block => Some(Claim::Stuck),
            // The worker's own deadline has passed with the lease: a claim that it asks
            // for again must not look like time gained.
            None if is_mine => Some(Claim::InProgress {
                retry_after: Duration::ZERO,
            }),
            None => None,
        }
    }
}

/// What an expired lease of somebody else means to a claimer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExpiredLease {
    /// It is stuck until an operator decides: never run twice, perhaps never at all.
    /// Whoever knows whether the effect happened claims the event's key with `TakeOver`,
    /// and completes the claim if it did, or releases it if it did not.
    Block,
    /// It may be taken over: run at least once.
    #[default]
    TakeOver,
}

/// The answer to a claim.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Claim {
    /// Yours until the lease ends.
    Fresh(Lease),
    /// Somebody else holds it.
    InProgress {
        /// When the lease ends, from now.
        retry_after: Duration,
    },
    /// It is done.
    Done {
        /// How it ended.
        outcome: Outcome,
        /// The reply that was kept with it.
        reply: Option<KeptReply>,
    },
    /// It is done, with another body.
    Reused,
    /// Its lease ended, and the request does not allow to take it over.
    Stuck,
}

/// How an event ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// Put aside for a person to look at.
    DeadLettered,
    /// Processed.
    Processed,
    /// Refused for good by the handler.
    Rejected,
}

#[cfg(any(
    feature = "mysql",
    feature = "postgres",
    feature = "redis",
    feature = "sqlite"
))]
impl Outcome {
    /// What an outcome is in a record that outlives this process. Numbers never change
    /// their meaning.
    const NUMBERS: [(Self, u8); 3] = [
        (Self::Processed, 1),
        (Self::Rejected, 2),
        (Self::DeadLettered, 3),
    ];

    pub(super) fn number(self) -> u8 {
        let known = Self::NUMBERS.iter().find(|(known, _)| *known == self);
        known.map_or(0, |(_, number)| *number)
    }

    pub(super) fn of_number(number: u8) -> Option<Self> {
        let known = Self::NUMBERS.iter().find(|(_, known)| *known == number);
        known.map(|(outcome, _)| *outcome)
    }
}

/// The answer to renew, complete and release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a fenced holder must not acknowledge the delivery"]
#[non_exhaustive]
pub enum Settled {
    /// Applied, now or before.
    Ok,
    /// The claim is no longer the caller's; nothing was changed.
    Fenced,
}
