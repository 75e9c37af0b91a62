//! What a database knows of an event, and what each step makes of it.
//!
//! A database reads the record and its own time, asks here what a step means, and
//! writes the answer so that nothing can come in between: in the same transaction, or
//! on condition that the record is still the one that was read.

use core::time::Duration;

use super::micros::{Micros, micros};
use super::{Claim, ClaimRequest, KeptReply, Lease, Nonce, Outcome, Settled};

/// A record; its key stands beside it.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) nonce: Nonce,
    pub(super) fence: u64,
    pub(super) attempt: u32,
    pub(super) is_takeover: bool,
    pub(super) lease: Micros,
    pub(super) digest: Option<[u8; 32]>,
    pub(super) expires: Micros,
    pub(super) state: State,
}

/// Where the event stands.
#[derive(Clone)]
pub(super) enum State {
    InFlight {
        deadline: Micros,
    },
    Idle,
    Done {
        outcome: Outcome,
        reply: Option<KeptReply>,
    },
}

/// What a claim finds.
pub(super) enum Found {
    /// The answer stands, and nothing changes.
    Answer(Claim),
    /// It may be granted, on these terms and with a higher fence.
    Free(Terms),
}

/// What a step that settles a lease makes of a record.
pub(super) enum Settling {
    /// The answer stands, and nothing changes.
    Answer(Settled),
    /// The answer is `Ok` once this record stands in place of the one that was found.
    Write(Record),
}

/// As which attempt a claim is granted.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    pub(super) attempt: u32,
    pub(super) is_takeover: bool,
}

impl Terms {
    pub(super) const FIRST: Self = Self {
        attempt: 1,
        is_takeover: false,
    };

    pub(super) fn grant(self, request: &ClaimRequest, fence: u64) -> Lease {
        Lease::granted(request, fence, self.attempt).taken_over(self.is_takeover)
    }
}

impl Record {
    /// The record of a lease that begins now.
    pub(super) fn in_flight(lease: &Lease, now: Micros) -> Self {
        let deadline = now.saturating_add(micros(lease.duration()));
        Self {
            state: State::InFlight { deadline },
            ..Self::of(lease, now)
        }
        .lasting_until(deadline)
    }

    /// The record of an event that is done from now on.
    fn done(lease: &Lease, now: Micros, outcome: Outcome, reply: Option<&KeptReply>) -> Self {
        let reply = reply.cloned();
        Self {
            state: State::Done { outcome, reply },
            ..Self::of(lease, now)
        }
    }

    fn of(lease: &Lease, now: Micros) -> Self {
        Self {
            nonce: lease.nonce(),
            fence: lease.fence(),
            attempt: lease.attempt(),
            is_takeover: lease.is_takeover(),
            lease: micros(lease.duration()),
            digest: lease.body_digest().copied(),
            expires: now.saturating_add(micros(lease.retention())),
            state: State::Idle,
        }
    }

    /// What a renewal makes of the record, which has not ended, or of there being none.
    pub(super) fn renewal(found: Option<&Self>, lease: &Lease, now: Micros) -> Settling {
        match found {
            Some(record)
                if record.is_of(lease) && matches!(record.state, State::InFlight { .. }) =>
            {
                Settling::Write(record.renewed(lease, now))
            }
            _ => Settling::Answer(Settled::Fenced),
        }
    }

    /// What a completion makes of it; where there is none, the database has forgotten it.
    pub(super) fn completion(
        found: Option<&Self>,
        lease: &Lease,
        now: Micros,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Settling {
        match found {
            Some(record) if !record.is_of(lease) => Settling::Answer(Settled::Fenced),
            Some(record) if matches!(record.state, State::Done { .. }) => {
                Settling::Answer(Settled::Ok)
            }
            // Such a fence was never granted by a database.
            None if i64::try_from(lease.fence()).is_err() => Settling::Answer(Settled::Fenced),
            _ => Settling::Write(Self::done(lease, now, outcome, reply)),
        }
    }

    /// What giving the claim back makes of it.
    pub(super) fn giving_back(found: Option<&Self>, lease: &Lease) -> Settling {
        match found {
            Some(record) if record.is_of(lease) => match record.state {
                State::InFlight { .. } => Settling::Write(record.released()),
                State::Idle => Settling::Answer(Settled::Ok),
                State::Done { .. } => Settling::Answer(Settled::Fenced),
            },
            _ => Settling::Answer(Settled::Fenced),
        }
    }

    /// A lease with more time left than it was granted for shows that the clock was
    /// set back. It begins anew, once: without this it would last until the clock has
    /// caught up, and its event be in progress for ever.
    pub(super) fn held_to_the_clock(&self, now: Micros) -> Option<Self> {
        let latest = now.saturating_add(self.lease);
        match self.state {
            State::InFlight { deadline } if deadline > latest => Some(Self {
                state: State::InFlight { deadline: latest },
                ..self.clone()
            }),
            _ => None,
        }
    }

    /// This record with a lease that begins anew.
    fn renewed(&self, lease: &Lease, now: Micros) -> Self {
        let deadline = now.saturating_add(micros(lease.duration()));
        Self {
            lease: micros(lease.duration()),
            state: State::InFlight { deadline },
            ..self.clone()
        }
        .lasting_until(deadline)
    }

    /// This record, given back.
    fn released(&self) -> Self {
        Self {
            state: State::Idle,
            ..self.clone()
        }
    }

    fn lasting_until(self, deadline: Micros) -> Self {
        Self {
            expires: self.expires.max(deadline),
            ..self
        }
    }

    /// Whether the lease's holder is this record's: by nonce and fence.
    fn is_of(&self, lease: &Lease) -> bool {
        self.nonce == lease.nonce() && self.fence == lease.fence()
    }

    /// What a claim finds at this record, which has not ended.
    pub(super) fn claimed(&self, request: &ClaimRequest, now: Micros) -> Found {
        let deadline = match &self.state {
            State::InFlight { deadline } => *deadline,
            State::Idle => return Found::Free(self.next(false)),
            State::Done { outcome, reply } => {
                let digest = self.digest.as_ref();
                return Found::Answer(request.meets_done(*outcome, digest, reply.as_ref()));
            }
        };
        let left = deadline.saturating_sub(now).try_into().unwrap_or_default();
        let left = (left > 0).then_some(Duration::from_micros(left));
        let lease = || self.terms().grant(request, self.fence);
        match request.meets_lease(self.nonce, left, lease) {
            Some(claim) => Found::Answer(claim),
            None => Found::Free(self.next(true)),
        }
    }

    const fn terms(&self) -> Terms {
        Terms {
            attempt: self.attempt,
            is_takeover: self.is_takeover,
        }
    }

    const fn next(&self, is_takeover: bool) -> Terms {
        Terms {
            attempt: self.attempt.saturating_add(1),
            is_takeover,
        }
    }
}

/// What a state is in a table. Numbers never change their meaning.
pub(super) const IN_FLIGHT: i16 = 0;
pub(super) const IDLE: i16 = 1;
pub(super) const DONE: i16 = 2;

/// A state as the columns of a table have it.
pub(super) struct StateColumns {
    pub(super) state: i16,
    pub(super) deadline: Option<Micros>,
    pub(super) outcome: Option<i16>,
    pub(super) reply: Option<KeptReply>,
}

impl StateColumns {
    /// `None` if no store of this crate can have written them.
    pub(super) fn read(self) -> Option<State> {
        Some(match (self.state, self.deadline, self.outcome) {
            (IN_FLIGHT, Some(deadline), None) => State::InFlight { deadline },
            (IDLE, None, None) => State::Idle,
            (DONE, None, Some(outcome)) => State::Done {
                outcome: Outcome::of_number(outcome.try_into().ok()?)?,
                reply: self.reply,
            },
            _ => return None,
        })
    }
}

impl From<&State> for StateColumns {
    fn from(state: &State) -> Self {
        let empty = Self {
            state: IDLE,
            deadline: None,
            outcome: None,
            reply: None,
        };
        match state {
            State::InFlight { deadline } => Self {
                state: IN_FLIGHT,
                deadline: Some(*deadline),
                ..empty
            },
            State::Idle => empty,
            State::Done { outcome, reply } => Self {
                state: DONE,
                outcome: Some(outcome.number().into()),
                reply: reply.clone(),
                ..empty
            },
        }
    }
}
