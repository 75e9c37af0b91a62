//! The store: its record, and its steps.

use super::rules::{Claiming, Release, Rules};
use super::state::{Effect, LEASE, Mark, State};

pub(crate) enum Claimed {
    Fresh(u8),
    InProgress,
    Done,
}

impl State {
    pub(crate) fn forget(&mut self) {
        self.set(Mark::Absent, None);
    }

    fn set(&mut self, mark: Mark, holder: Option<(usize, u8)>) {
        self.mark = mark;
        self.left = if mark == Mark::InFlight { LEASE } else { 0 };
        self.fence = holder.map_or(0, |(_, fence)| fence);
        for (w, worker) in self.workers.iter_mut().enumerate() {
            worker.is_holder = holder.is_some_and(|(holder, _)| holder == w);
        }
    }

    pub(crate) fn claim(&mut self, rules: &Rules, w: usize) -> Claimed {
        if self.mark == Mark::Done {
            return Claimed::Done;
        }
        match rules.claiming {
            Claiming::MarkBefore => {
                self.set(Mark::Done, Some((w, 0)));
                return Claimed::Fresh(0);
            }
            Claiming::MarkAfter => return Claimed::Fresh(0),
            Claiming::Inbox if self.mark == Mark::InFlight => return Claimed::InProgress,
            Claiming::Marker | Claiming::Lease if self.mark == Mark::InFlight => {
                let is_live = self.left > 0 || rules.claiming == Claiming::Marker;
                if self.workers[w].is_holder && is_live {
                    return Claimed::Fresh(self.fence);
                }
                if is_live || self.workers[w].is_holder || !rules.takes_over {
                    return Claimed::InProgress;
                }
                self.is_faulty = true;
            }
            _ => {}
        }
        self.next_fence += 1;
        self.set(Mark::InFlight, Some((w, self.next_fence)));
        Claimed::Fresh(self.next_fence)
    }

    fn is_mine(&self, rules: &Rules, w: usize) -> bool {
        let worker = &self.workers[w];
        !rules.checks_owner || worker.is_holder && worker.fence == self.fence
    }

    /// Whether the lease is still its own.
    pub(crate) fn renew(&mut self, rules: &Rules, w: usize) -> bool {
        let is_held = self.mark == Mark::InFlight && self.is_mine(rules, w);
        if is_held {
            self.left = LEASE;
        }
        is_held
    }

    /// Whether it counts as done, for this worker.
    pub(crate) fn complete(&mut self, rules: &Rules, w: usize) -> bool {
        let is_mine = self.is_mine(rules, w);
        let holder = Some((w, self.workers[w].fence));
        match (rules.claiming, self.mark) {
            (Claiming::Inbox, Mark::InFlight) if is_mine => {
                self.effect = Effect::Whole;
                self.ran();
                self.set(Mark::Done, holder);
                true
            }
            (Claiming::Inbox, _) => false,
            (Claiming::MarkAfter, _) | (_, Mark::Absent) => {
                self.set(Mark::Done, holder);
                true
            }
            (_, Mark::Done) => is_mine,
            (_, Mark::InFlight | Mark::Idle) if is_mine => {
                self.set(Mark::Done, holder);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn release(&mut self, rules: &Rules, w: usize) {
        let is_released = match rules.claiming {
            Claiming::MarkBefore => self.mark == Mark::Done,
            _ => self.mark == Mark::InFlight,
        };
        if !is_released || !self.is_mine(rules, w) {
            return;
        }
        match rules.release {
            Release::Nothing => {}
            Release::Deletes => self.forget(),
            Release::Tombstone => {
                let holder = Some((w, self.workers[w].fence));
                self.set(Mark::Idle, holder);
            }
        }
    }
}
