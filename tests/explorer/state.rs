//! A state of everything, and its code in 128 bits.

use super::rules::Bounds;

/// Workers but the last one meet faults, and are interchangeable.
pub(crate) const WORKERS: usize = 4;
pub(crate) const LAST: usize = WORKERS - 1;
pub(crate) const LEASE: u8 = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(crate) enum Phase {
    Unsent,
    Claiming,
    ClaimUnknown,
    Holding,
    Begun,
    Ended,
    Completing,
    CompleteUnknown,
    /// Dead, or its sender has its answer.
    Over,
}

const PHASES: [Phase; 9] = [
    Phase::Unsent,
    Phase::Claiming,
    Phase::ClaimUnknown,
    Phase::Holding,
    Phase::Begun,
    Phase::Ended,
    Phase::Completing,
    Phase::CompleteUnknown,
    Phase::Over,
];

/// A delivery, and the worker that got it.
#[derive(Clone, Copy)]
pub(crate) struct Worker {
    pub(crate) phase: Phase,
    /// Steps on their way whose answer nobody waits for.
    pub(crate) stray_claim: bool,
    pub(crate) stray_complete: bool,
    pub(crate) stray_release: bool,
    pub(crate) stray_renewal: bool,
    /// Ticks left of the lease, by the worker's clock, from when it first asked.
    pub(crate) left: u8,
    /// One more than the ticks that a renewal would leave, from when it was asked for;
    /// 0 if none is on its way.
    pub(crate) renewal: u8,
    pub(crate) fence: u8,
    pub(crate) ended_in_lease: bool,
    /// Its nonce stands in the record.
    pub(crate) is_holder: bool,
    /// Its effect is the last that began.
    pub(crate) began_last: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Absent,
    InFlight,
    Idle,
    Done,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Untouched,
    Half,
    Whole,
}

#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) workers: [Worker; WORKERS],
    pub(crate) mark: Mark,
    /// Ticks left of the lease, by the store's clock.
    pub(crate) left: u8,
    pub(crate) fence: u8,
    pub(crate) next_fence: u8,
    pub(crate) effect: Effect,
    /// The highest fence that the resource saw.
    pub(crate) highest: u8,
    pub(crate) acknowledged: bool,
    /// Something failed, or a lease ran out.
    pub(crate) is_faulty: bool,
    pub(crate) runs: u8,
    pub(crate) crashes: u8,
    pub(crate) errors: u8,
    pub(crate) losses: u8,
    pub(crate) ticks: u8,
    pub(crate) forgets: u8,
    pub(crate) renewals: u8,
}

const UNSENT: Worker = Worker {
    phase: Phase::Unsent,
    stray_claim: false,
    stray_complete: false,
    stray_release: false,
    stray_renewal: false,
    left: 0,
    renewal: 0,
    fence: 0,
    ended_in_lease: false,
    is_holder: false,
    began_last: false,
};

impl Worker {
    pub(crate) fn is_over(&self) -> bool {
        self.phase == Phase::Over && !self.has_stray()
    }

    pub(crate) fn has_stray(&self) -> bool {
        self.stray_claim || self.stray_complete || self.stray_release || self.stray_renewal
    }

    /// 20 bits: what can no longer matter is left out.
    fn code(&self) -> u128 {
        let mut code = self.phase as u32;
        code |= u32::from(self.stray_claim) << 4;
        code |= u32::from(self.stray_complete) << 5;
        code |= u32::from(self.stray_release) << 6;
        code |= u32::from(self.stray_renewal) << 7;
        if self.phase < Phase::Ended {
            code |= u32::from(self.left) << 8;
            code |= u32::from(self.began_last) << 10;
            code |= u32::from(self.renewal) << 12;
        } else {
            code |= u32::from(self.ended_in_lease) << 11;
        }
        if !self.is_over() {
            code |= u32::from(self.fence) << 14;
            code |= u32::from(self.is_holder) << 17;
        }
        u128::from(code)
    }

    fn of_code(code: u128) -> Self {
        let code = code as u32;
        Self {
            phase: PHASES[(code & 15) as usize],
            stray_claim: code & 1 << 4 != 0,
            stray_complete: code & 1 << 5 != 0,
            stray_release: code & 1 << 6 != 0,
            stray_renewal: code & 1 << 7 != 0,
            left: (code >> 8 & 3) as u8,
            began_last: code & 1 << 10 != 0,
            ended_in_lease: code & 1 << 11 != 0,
            renewal: (code >> 12 & 3) as u8,
            fence: (code >> 14 & 7) as u8,
            is_holder: code & 1 << 17 != 0,
        }
    }
}

impl State {
    pub(crate) const fn first(bounds: &Bounds) -> Self {
        Self {
            workers: [UNSENT; WORKERS],
            mark: Mark::Absent,
            left: 0,
            fence: 0,
            next_fence: 0,
            effect: Effect::Untouched,
            highest: 0,
            acknowledged: false,
            is_faulty: false,
            runs: 0,
            crashes: bounds.crashes,
            errors: bounds.errors,
            losses: bounds.losses,
            ticks: bounds.ticks,
            forgets: bounds.forgets,
            renewals: bounds.renewals,
        }
    }

    /// Everybody who was sent is over, and nothing is on its way.
    pub(crate) fn is_quiet(&self) -> bool {
        let mut workers = self.workers.iter();
        workers.all(|worker| worker.phase == Phase::Unsent || worker.is_over())
    }

    /// The same for all states that differ in the workers' names only.
    pub(crate) fn code(&self) -> u128 {
        let [mut a, mut b, mut c, last] = [
            self.workers[0].code(),
            self.workers[1].code(),
            self.workers[2].code(),
            self.workers[3].code(),
        ];
        if a > b {
            (a, b) = (b, a);
        }
        if b > c {
            (b, c) = (c, b);
        }
        if a > b {
            (a, b) = (b, a);
        }
        let workers = a | b << 20 | c << 40 | last << 60;
        let mut rest = self.mark as u64;
        rest |= u64::from(self.left) << 2;
        rest |= u64::from(self.fence) << 4;
        rest |= u64::from(self.next_fence) << 7;
        rest |= (self.effect as u64) << 10;
        rest |= u64::from(self.highest) << 12;
        rest |= u64::from(self.acknowledged) << 15;
        rest |= u64::from(self.is_faulty) << 16;
        rest |= u64::from(self.runs) << 17;
        rest |= u64::from(self.crashes) << 19;
        rest |= u64::from(self.errors) << 21;
        rest |= u64::from(self.losses) << 23;
        rest |= u64::from(self.ticks) << 25;
        rest |= u64::from(self.forgets) << 28;
        rest |= u64::from(self.renewals) << 29;
        u128::from(rest) << 80 | workers
    }

    pub(crate) fn of_code(code: u128) -> Self {
        let rest = (code >> 80) as u64;
        Self {
            workers: [
                Worker::of_code(code),
                Worker::of_code(code >> 20),
                Worker::of_code(code >> 40),
                Worker::of_code(code >> 60),
            ],
            mark: [Mark::Absent, Mark::InFlight, Mark::Idle, Mark::Done][(rest & 3) as usize],
            left: (rest >> 2 & 3) as u8,
            fence: (rest >> 4 & 7) as u8,
            next_fence: (rest >> 7 & 7) as u8,
            effect: [Effect::Untouched, Effect::Half, Effect::Whole][(rest >> 10 & 3) as usize],
            highest: (rest >> 12 & 7) as u8,
            acknowledged: rest & 1 << 15 != 0,
            is_faulty: rest & 1 << 16 != 0,
            runs: (rest >> 17 & 3) as u8,
            crashes: (rest >> 19 & 3) as u8,
            errors: (rest >> 21 & 3) as u8,
            losses: (rest >> 23 & 3) as u8,
            ticks: (rest >> 25 & 7) as u8,
            forgets: (rest >> 28 & 1) as u8,
            renewals: (rest >> 29 & 3) as u8,
        }
    }
}
