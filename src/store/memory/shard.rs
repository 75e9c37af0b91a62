//! A part of the memory store, under one lock: the whole protocol for its keys.

use std::time::{SystemTime, UNIX_EPOCH};

use super::WhenFull;
use super::budget::PaidReply;
use super::done::{Done, DoneTable};
use super::fingerprint::Fingerprint;
use super::moment::Moment;
use super::open::{Open, OpenTable, State};
use crate::store::{Claim, ClaimRequest, Lease, Outcome, Settled};

/// The records of some keys. `now` is an argument; the caller holds the lock.
pub(super) struct Shard {
    capacity: usize,
    open: OpenTable,
    done: DoneTable,
    evicted: u64,
    forgotten: u64,
    /// Survives every deletion; its start outlives a restart, since no process
    /// grants a claim per microsecond.
    fence: u64,
    latest: Moment,
}

/// There is no room, and nothing that may be forgotten for it.
pub(super) struct Full;

impl Shard {
    pub(super) fn new(capacity: usize) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let microseconds = since_epoch.unwrap_or_default().as_micros();
        Self {
            capacity,
            open: OpenTable::new(),
            done: DoneTable::for_records(capacity),
            evicted: 0,
            forgotten: 0,
            fence: u64::try_from(microseconds).unwrap_or_default(),
            latest: Moment::FIRST,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.open.len().saturating_add(self.done.len())
    }

    pub(super) const fn evicted(&self) -> u64 {
        self.evicted
    }

    pub(super) const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The time, which never goes back.
    pub(super) fn now(&mut self, told: Moment) -> Moment {
        self.latest = self.latest.max(told);
        self.latest
    }

    /// Takes away ended records, `most` of each kind.
    pub(super) fn sweep(&mut self, now: Moment, most: usize) {
        self.open.sweep(now, most);
        self.done.sweep(now, most);
    }

    pub(super) fn recall(
        &mut self,
        fingerprint: Fingerprint,
        request: &ClaimRequest,
        now: Moment,
    ) -> Option<Claim> {
        let done = self.live_done(fingerprint, now)?;
        Some(self.answer_of(&done, request))
    }

    pub(super) fn claim(
        &mut self,
        fingerprint: Fingerprint,
        request: &ClaimRequest,
        when_full: WhenFull,
        now: Moment,
    ) -> Result<Claim, Full> {
        if let Some(done) = self.recall(fingerprint, request, now) {
            return Ok(done);
        }
        let (attempt, is_takeover) = match self.live_open(fingerprint, now) {
            None => (1, false),
            Some(open) => match open.state {
                State::Idle { .. } => (open.attempt.saturating_add(1), false),
                State::InFlight { deadline } => {
                    let left = deadline.since(now);
                    let left = (!left.is_zero()).then_some(left);
                    let lease = || {
                        let lease = Lease::granted(request, open.fence, open.attempt);
                        lease.taken_over(open.is_takeover)
                    };
                    if let Some(claim) = request.meets_lease(open.nonce, left, lease) {
                        return Ok(claim);
                    }
                    (open.attempt.saturating_add(1), true)
                }
            },
        };
        self.make_room(fingerprint, when_full, now)?;
        self.fence = self.fence.saturating_add(1);
        let deadline = now.after(request.lease());
        self.open.put(Open {
            fingerprint,
            nonce: request.nonce(),
            fence: self.fence,
            attempt,
            is_takeover,
            ends: now.after(request.retention()).max(deadline),
            state: State::InFlight { deadline },
        });
        let lease = Lease::granted(request, self.fence, attempt);
        Ok(Claim::Fresh(lease.taken_over(is_takeover)))
    }

    pub(super) fn expect(
        &mut self,
        fingerprint: Fingerprint,
        lease: &Lease,
        when_full: WhenFull,
        now: Moment,
    ) {
        if self.make_room(fingerprint, when_full, now).is_err() {
            return;
        }
        self.done.remove(fingerprint);
        let deadline = now.after(lease.duration());
        self.open.put(Open {
            fingerprint,
            nonce: lease.nonce(),
            fence: lease.fence(),
            attempt: lease.attempt(),
            is_takeover: lease.is_takeover(),
            ends: deadline,
            state: State::InFlight { deadline },
        });
    }

    pub(super) fn take(&mut self, fingerprint: Fingerprint, lease: &Lease, now: Moment) -> bool {
        let is_expected = self.is_in_flight_by(fingerprint, lease, now);
        if is_expected {
            self.open.remove(fingerprint);
        }
        is_expected
    }

    pub(super) fn remember(
        &mut self,
        fingerprint: Fingerprint,
        lease: &Lease,
        (outcome, reply): (Outcome, Option<PaidReply>),
        when_full: WhenFull,
        now: Moment,
    ) {
        self.open.remove(fingerprint);
        self.done.remove(fingerprint);
        if self.make_room(fingerprint, when_full, now).is_ok() {
            self.done.push(fingerprint, lease, outcome, reply, now);
        }
    }

    pub(super) fn renew(
        &mut self,
        fingerprint: Fingerprint,
        lease: &Lease,
        now: Moment,
    ) -> Settled {
        if !self.is_in_flight_by(fingerprint, lease, now) {
            return Settled::Fenced;
        }
        if let Some(open) = self.open.remove(fingerprint) {
            let deadline = now.after(lease.duration());
            self.open.put(Open {
                ends: open.ends.max(deadline),
                state: State::InFlight { deadline },
                ..open
            });
        }
        Settled::Ok
    }

    pub(super) fn complete(
        &mut self,
        fingerprint: Fingerprint,
        lease: &Lease,
        (outcome, reply): (Outcome, impl FnOnce() -> Option<PaidReply>),
        when_full: WhenFull,
        now: Moment,
    ) -> Result<Settled, Full> {
        match self.live_open(fingerprint, now) {
            Some(open) if !open.is_of(lease) => return Ok(Settled::Fenced),
            Some(_) => {}
            None => {
                if let Some(done) = self.live_done(fingerprint, now) {
                    return Ok(if done.is_of(lease) {
                        Settled::Ok
                    } else {
                        Settled::Fenced
                    });
                }
                self.make_room(fingerprint, when_full, now)?;
                self.forgotten = self.forgotten.saturating_add(1);
                self.fence = self.fence.max(lease.fence());
            }
        }
        self.open.remove(fingerprint);
        self.done.push(fingerprint, lease, outcome, reply(), now);
        Ok(Settled::Ok)
    }

    pub(super) fn release(
        &mut self,
        fingerprint: Fingerprint,
        lease: &Lease,
        now: Moment,
    ) -> Settled {
        match self.live_open(fingerprint, now) {
            Some(open) if open.is_of(lease) => {
                if matches!(open.state, State::InFlight { .. }) {
                    self.open.release(fingerprint);
                }
                Settled::Ok
            }
            _ => Settled::Fenced,
        }
    }

    fn answer_of(&self, done: &Done, request: &ClaimRequest) -> Claim {
        let beside = self.done.beside(done);
        let digest = beside.and_then(|beside| beside.digest.as_ref());
        let paid = beside.and_then(|beside| beside.reply.as_ref());
        request.meets_done(done.outcome(), digest, paid.map(|paid| &paid.reply))
    }

    fn is_in_flight_by(&self, fingerprint: Fingerprint, lease: &Lease, now: Moment) -> bool {
        self.live_open(fingerprint, now)
            .is_some_and(|open| open.is_of(lease) && matches!(open.state, State::InFlight { .. }))
    }

    /// The record of what is not done, unless it has ended.
    fn live_open(&self, fingerprint: Fingerprint, now: Moment) -> Option<&Open> {
        let open = self.open.find(fingerprint)?;
        (now < open.ends).then_some(open)
    }

    /// The record of what is done, unless it has ended; an ended one goes.
    fn live_done(&mut self, fingerprint: Fingerprint, now: Moment) -> Option<Done> {
        let done = *self.done.find(fingerprint)?;
        if now < done.ends() {
            return Some(done);
        }
        self.done.remove(fingerprint);
        None
    }

    /// Makes room for a record of this fingerprint.
    fn make_room(
        &mut self,
        fingerprint: Fingerprint,
        when_full: WhenFull,
        now: Moment,
    ) -> Result<(), Full> {
        if self.has_room() || self.open.find(fingerprint).is_some() {
            return Ok(());
        }
        self.sweep(now, 1);
        if self.has_room() {
            return Ok(());
        }
        if when_full == WhenFull::EvictOldestDone {
            let forgot = self.done.pop_oldest();
            if let Some(forgot) = forgot.or_else(|| self.open.pop_idle().then_some(true)) {
                self.evicted = self.evicted.saturating_add(u64::from(forgot));
                return Ok(());
            }
        }
        Err(Full)
    }

    fn has_room(&self) -> bool {
        self.open.len().saturating_add(self.done.standing()) < self.capacity
    }
}
