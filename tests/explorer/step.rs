//! What can happen next.

use std::fmt;

use super::rules::{Claiming, Release, Rules, Unconfirmed};
use super::state::{Effect, LAST, LEASE, Mark, Phase, State, WORKERS};
use super::store::Claimed;

/// One thing that happens, to the worker of this number.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Send(usize),
    Claim(usize),
    Lose(usize, bool),
    AskAgain(usize),
    GiveUp(usize),
    Begin(usize),
    End(usize),
    Fail(usize),
    AskToRenew(usize),
    Renew(usize),
    Finish(usize),
    Complete(usize),
    Crash(usize),
    Late(usize, &'static str),
    Drop(usize, &'static str),
    Tick,
    Forget,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (w, what) = match *self {
            Self::Send(w) => (w, "gets the event, asks for the claim"),
            Self::Claim(w) => (w, "is answered its claim"),
            Self::Lose(w, true) => (w, "gets no answer, the step may still arrive"),
            Self::Lose(w, false) => (w, "gets no answer, the step is lost"),
            Self::AskAgain(w) => (w, "asks again"),
            Self::GiveUp(w) => (w, "gives up asking"),
            Self::Begin(w) => (w, "begins the effect, unless kept from it"),
            Self::End(w) => (w, "ends the effect, unless kept from it"),
            Self::Fail(w) => (w, "fails, sends its release"),
            Self::AskToRenew(w) => (w, "asks to renew"),
            Self::Renew(w) => (w, "is answered its renewal"),
            Self::Finish(w) => (w, "asks to complete"),
            Self::Complete(w) => (w, "is answered its completion"),
            Self::Crash(w) => (w, "dies"),
            Self::Late(w, what) => return write!(f, "the {what} of {w} arrives late"),
            Self::Drop(w, what) => return write!(f, "the {what} of {w} never arrives"),
            Self::Tick => return f.write_str("a tick"),
            Self::Forget => return f.write_str("the store forgets"),
        };
        write!(f, "{w} {what}")
    }
}

impl State {
    /// Every step that can happen next, and the state after it.
    pub(crate) fn next(&self, rules: &Rules, found: &mut Vec<(Step, Self)>) {
        found.clear();
        let mut is_sent = false;
        for w in 0..WORKERS {
            let before = found.len();
            match self.workers[w].phase {
                Phase::Unsent if w == LAST => self.send_last(found),
                Phase::Unsent if !is_sent => {
                    // The unsent ones are all alike.
                    is_sent = true;
                    if !self.acknowledged {
                        let mut next = *self;
                        next.ask(w);
                        found.push((Step::Send(w), next));
                    }
                }
                Phase::Unsent | Phase::Over => {}
                _ => self.work(rules, w, found),
            }
            if self.workers[w].has_stray() {
                self.late(rules, w, found);
            }
            for (_, next) in &mut found[before..] {
                if next.is_faulty && !rules.never_twice {
                    next.runs = 0;
                }
            }
        }
        let ticks = |worker: &super::state::Worker| worker.phase < Phase::Ended && worker.left > 0;
        let is_last_unsent = self.workers[LAST].phase == Phase::Unsent;
        if self.ticks > 0 && is_last_unsent && (self.left > 0 || self.workers.iter().any(ticks)) {
            let mut next = *self;
            next.ticks -= 1;
            next.left = next.left.saturating_sub(1);
            for worker in &mut next.workers {
                worker.left = worker.left.saturating_sub(1);
                worker.renewal = worker.renewal.saturating_sub(1).max(worker.renewal.min(1));
            }
            found.push((Step::Tick, next));
        }
        if self.forgets > 0 && self.mark != Mark::Absent && is_last_unsent {
            let mut next = *self;
            next.forgets -= 1;
            next.is_faulty = true;
            next.forget();
            if rules.fences_restart {
                next.next_fence = 0;
            }
            found.push((Step::Forget, next));
        }
    }

    /// When all is quiet, and every lease has run out.
    fn send_last(&self, found: &mut Vec<(Step, Self)>) {
        let mut others = self.workers[..LAST].iter();
        if self.acknowledged || !others.all(super::state::Worker::is_over) {
            return;
        }
        let mut next = *self;
        next.left = 0;
        next.ask(LAST);
        found.push((Step::Send(LAST), next));
    }

    fn ask(&mut self, w: usize) {
        self.workers[w].phase = Phase::Claiming;
        self.workers[w].left = LEASE;
    }

    /// What a worker that lives can do, and what can happen to it.
    fn work(&self, rules: &Rules, w: usize, found: &mut Vec<(Step, Self)>) {
        let mut next = *self;
        let phase = self.workers[w].phase;
        match phase {
            Phase::Claiming => {
                let claimed = next.claim(rules, w);
                next.hear(rules, w, &claimed);
                found.push((Step::Claim(w), next));
            }
            Phase::Completing => {
                let is_ok = next.complete(rules, w);
                next.answer(w, is_ok || rules.fenced_is_success);
                found.push((Step::Complete(w), next));
            }
            Phase::ClaimUnknown | Phase::CompleteUnknown => {
                next.workers[w].phase = Phase::Completing;
                if phase == Phase::ClaimUnknown {
                    next.workers[w].phase = Phase::Claiming;
                    if rules.lease_counts_from_last_ask {
                        next.workers[w].left = LEASE;
                    }
                }
                found.push((Step::AskAgain(w), next));
                let mut next = *self;
                let is_success = phase == Phase::CompleteUnknown
                    && match rules.unconfirmed {
                        Unconfirmed::Retry => false,
                        Unconfirmed::Success => true,
                        Unconfirmed::SuccessIfEndedInLease => self.workers[w].ended_in_lease,
                    };
                next.answer(w, is_success);
                found.push((Step::GiveUp(w), next));
            }
            Phase::Holding => {
                next.begin(rules, w);
                found.push((Step::Begin(w), next));
            }
            Phase::Begun => {
                next.end(rules, w);
                found.push((Step::End(w), next));
            }
            Phase::Ended => {
                if rules.claiming == Claiming::MarkBefore {
                    next.answer(w, true);
                } else {
                    next.workers[w].phase = Phase::Completing;
                }
                found.push((Step::Finish(w), next));
            }
            Phase::Unsent | Phase::Over => {}
        }
        if w != LAST {
            self.renewing(rules, w, found);
            self.fault(rules, w, found);
        }
    }

    /// A worker at work keeps its lease.
    fn renewing(&self, rules: &Rules, w: usize, found: &mut Vec<(Step, Self)>) {
        let worker = &self.workers[w];
        if !matches!(worker.phase, Phase::Holding | Phase::Begun) {
            return;
        }
        let mut next = *self;
        if worker.renewal > 0 {
            if next.renew(rules, w) {
                next.workers[w].left = worker.left.max(worker.renewal - 1);
                next.workers[w].renewal = 0;
            } else {
                // It learns that it was replaced, and stops.
                next.workers[w].renewal = 0;
                next.answer(w, false);
            }
            found.push((Step::Renew(w), next));
        } else if self.renewals > 0 && worker.left < LEASE {
            next.renewals -= 1;
            next.workers[w].renewal = LEASE + 1;
            found.push((Step::AskToRenew(w), next));
        }
    }

    fn fault(&self, rules: &Rules, w: usize, found: &mut Vec<(Step, Self)>) {
        let phase = self.workers[w].phase;
        let is_inbox = rules.claiming == Claiming::Inbox;
        if self.errors > 0 && matches!(phase, Phase::Holding | Phase::Begun) {
            let mut next = *self;
            next.errors -= 1;
            next.is_faulty = true;
            next.give_back(rules, w);
            found.push((Step::Fail(w), next));
        }
        if self.losses > 0 && self.workers[w].renewal > 0 {
            for arrives in [false, true] {
                let mut next = *self;
                next.losses -= 1;
                next.is_faulty = true;
                next.workers[w].renewal = 0;
                next.workers[w].stray_renewal = arrives;
                found.push((Step::Lose(w, arrives), next));
            }
        }
        if self.losses > 0 && matches!(phase, Phase::Claiming | Phase::Completing) {
            for arrives in [false, true] {
                let mut next = *self;
                next.losses -= 1;
                next.is_faulty = true;
                match phase {
                    // The connection is gone, and with it the transaction.
                    Phase::Claiming if is_inbox => next.answer(w, false),
                    _ if is_inbox => {
                        next.answer(w, false);
                        next.workers[w].stray_complete = arrives;
                        if !arrives {
                            next.forget();
                        }
                    }
                    Phase::Claiming => {
                        next.workers[w].phase = Phase::ClaimUnknown;
                        next.workers[w].stray_claim = arrives;
                    }
                    _ => {
                        next.workers[w].phase = Phase::CompleteUnknown;
                        next.workers[w].stray_complete = arrives;
                    }
                }
                found.push((Step::Lose(w, arrives), next));
            }
        }
        if self.crashes > 0 {
            let mut next = *self;
            next.crashes -= 1;
            next.is_faulty = true;
            match phase {
                Phase::Claiming if !is_inbox => next.workers[w].stray_claim = true,
                Phase::Completing => next.workers[w].stray_complete = true,
                Phase::Holding | Phase::Begun | Phase::Ended if is_inbox => next.forget(),
                _ => {}
            }
            next.answer(w, false);
            found.push((Step::Crash(w), next));
        }
    }

    /// Steps that arrive late, or never.
    fn late(&self, rules: &Rules, w: usize, found: &mut Vec<(Step, Self)>) {
        let worker = &self.workers[w];
        if worker.stray_claim {
            let mut next = *self;
            next.workers[w].stray_claim = false;
            found.push((Step::Drop(w, "claim"), next));
            let _ = next.claim(rules, w);
            found.push((Step::Late(w, "claim"), next));
        }
        if worker.stray_complete {
            let mut next = *self;
            next.workers[w].stray_complete = false;
            let mut dropped = next;
            if rules.claiming == Claiming::Inbox {
                dropped.forget();
            }
            found.push((Step::Drop(w, "completion"), dropped));
            next.complete(rules, w);
            found.push((Step::Late(w, "completion"), next));
        }
        if worker.stray_renewal {
            let mut next = *self;
            next.workers[w].stray_renewal = false;
            found.push((Step::Drop(w, "renewal"), next));
            let _ = next.renew(rules, w);
            found.push((Step::Late(w, "renewal"), next));
        }
        if worker.stray_release {
            let mut next = *self;
            next.workers[w].stray_release = false;
            found.push((Step::Drop(w, "release"), next));
            next.release(rules, w);
            found.push((Step::Late(w, "release"), next));
        }
    }

    fn hear(&mut self, rules: &Rules, w: usize, claimed: &Claimed) {
        match claimed {
            Claimed::Fresh(fence) => {
                self.workers[w].phase = Phase::Holding;
                self.workers[w].fence = *fence;
            }
            Claimed::InProgress => self.answer(w, rules.in_progress_is_success),
            Claimed::Done => self.answer(w, true),
        }
    }

    fn answer(&mut self, w: usize, is_success: bool) {
        self.stop_waiting(w);
        self.workers[w].phase = Phase::Over;
        self.acknowledged |= is_success;
    }

    /// A renewal on its way stays there.
    fn stop_waiting(&mut self, w: usize) {
        let worker = &mut self.workers[w];
        worker.stray_renewal |= worker.renewal > 0;
        worker.renewal = 0;
    }

    fn begin(&mut self, rules: &Rules, w: usize) {
        let worker = &self.workers[w];
        if rules.starts_inside_lease && worker.left == 0 || self.is_refused(rules, w) {
            return self.give_back(rules, w);
        }
        self.highest = if rules.resource_checks_fence {
            worker.fence
        } else {
            0
        };
        self.workers[w].phase = Phase::Begun;
        if rules.claiming != Claiming::Inbox {
            self.effect = Effect::Half;
            for (other, worker) in self.workers.iter_mut().enumerate() {
                worker.began_last = other == w;
            }
        }
    }

    fn end(&mut self, rules: &Rules, w: usize) {
        if self.is_refused(rules, w) {
            return self.give_back(rules, w);
        }
        self.stop_waiting(w);
        let worker = &mut self.workers[w];
        worker.phase = Phase::Ended;
        worker.ended_in_lease =
            rules.unconfirmed == Unconfirmed::SuccessIfEndedInLease && worker.left > 0;
        if rules.claiming != Claiming::Inbox {
            self.ran();
            if self.workers[w].began_last {
                self.effect = Effect::Whole;
            }
        }
    }

    pub(crate) fn ran(&mut self) {
        self.runs = (self.runs + 1).min(2);
    }

    fn is_refused(&self, rules: &Rules, w: usize) -> bool {
        rules.resource_checks_fence && self.workers[w].fence < self.highest
    }

    /// The sender is asked to retry; the release is on its way.
    fn give_back(&mut self, rules: &Rules, w: usize) {
        self.answer(w, false);
        match (rules.claiming, rules.release) {
            (Claiming::Inbox, _) => self.forget(),
            (_, Release::Nothing) => {}
            _ => self.workers[w].stray_release = true,
        }
    }
}
