//! Breadth first, so that the first counterexample of each kind is a shortest one.

use std::fmt::Write;

use super::rules::Rules;
use super::state::{Effect, LAST, Mark, Phase, State, WORKERS};
use super::step::Step;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    Lost,
    Half,
    Dup,
    Two,
    Twice,
}

/// A violation, and the steps that lead to it.
pub(crate) struct Counterexample {
    pub(crate) violation: Violation,
    pub(crate) steps: Vec<(Step, State)>,
}

pub(crate) struct Found {
    pub(crate) states: usize,
    pub(crate) counterexamples: Vec<Counterexample>,
}

impl State {
    fn violations(&self, rules: &Rules) -> impl Iterator<Item = Violation> {
        let is_at_end =
            self.is_quiet() && (self.acknowledged || self.workers[LAST].phase == Phase::Over);
        let is_lost = is_at_end
            && match self.effect {
                Effect::Untouched => true,
                Effect::Half => !self.acknowledged,
                Effect::Whole => false,
            };
        let is_half = is_at_end && self.acknowledged && self.effect == Effect::Half;
        let holders = self.workers.iter().filter(|worker| {
            matches!(worker.phase, Phase::Holding | Phase::Begun) && worker.left > 0
        });
        [
            (is_lost, Violation::Lost),
            (is_half, Violation::Half),
            (self.runs > 1 && !self.is_faulty, Violation::Dup),
            (holders.count() > 1, Violation::Two),
            (self.runs > 1 && rules.never_twice, Violation::Twice),
        ]
        .into_iter()
        .filter_map(|(is_violated, violation)| is_violated.then_some(violation))
    }
}

/// Searches all states, or until each of these violations is found.
pub(crate) fn search(rules: &Rules, until: &[Violation]) -> Found {
    let first = State::first(&rules.bounds);
    let mut seen = Seen::new();
    seen.add(first.code(), 0);
    let mut found: Vec<(Violation, usize)> = Vec::new();
    let mut next = Vec::new();
    let mut at = 0;
    while at < seen.codes.len() {
        let state = State::of_code(seen.codes[at]);
        state.next(rules, &mut next);
        for (_, after) in &next {
            if !seen.add(after.code(), at) {
                continue;
            }
            for violation in after.violations(rules) {
                if !found.iter().any(|(known, _)| *known == violation) {
                    found.push((violation, seen.codes.len() - 1));
                }
            }
        }
        let is_found = |wanted: &Violation| found.iter().any(|(known, _)| known == wanted);
        if !until.is_empty() && until.iter().all(is_found) {
            break;
        }
        at += 1;
    }
    Found {
        states: seen.codes.len(),
        counterexamples: found
            .into_iter()
            .map(|(violation, end)| Counterexample {
                violation,
                steps: seen.way_to(end, rules),
            })
            .collect(),
    }
}

/// Every state seen, with the one before it: a hash table of indices, since a set
/// from the standard library takes four times as long without optimisation.
struct Seen {
    codes: Vec<u128>,
    parents: Vec<u32>,
    table: Vec<u32>,
    mask: usize,
}

const EMPTY: u32 = u32::MAX;

impl Seen {
    fn new() -> Self {
        Self {
            codes: Vec::new(),
            parents: Vec::new(),
            table: vec![EMPTY; 1 << 10],
            mask: (1 << 10) - 1,
        }
    }

    /// Whether it was new.
    fn add(&mut self, code: u128, parent: usize) -> bool {
        let mut slot = self.slot(code);
        while self.table[slot] != EMPTY {
            if self.codes[self.table[slot] as usize] == code {
                return false;
            }
            slot = (slot + 1) & self.mask;
        }
        self.table[slot] = u32::try_from(self.codes.len()).unwrap();
        self.codes.push(code);
        self.parents.push(u32::try_from(parent).unwrap());
        if self.codes.len() * 2 > self.table.len() {
            self.grow();
        }
        true
    }

    fn slot(&self, code: u128) -> usize {
        let mixed = (code as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ ((code >> 64) as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
        ((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as usize & self.mask
    }

    fn grow(&mut self) {
        self.table = vec![EMPTY; self.table.len() * 4];
        self.mask = self.table.len() - 1;
        for index in 0..self.codes.len() {
            let mut slot = self.slot(self.codes[index]);
            while self.table[slot] != EMPTY {
                slot = (slot + 1) & self.mask;
            }
            self.table[slot] = index as u32;
        }
    }

    /// The steps from the first state to this one, with each worker's name kept.
    fn way_to(&self, end: usize, rules: &Rules) -> Vec<(Step, State)> {
        let mut codes = Vec::new();
        let mut at = end;
        while at != 0 {
            codes.push(self.codes[at]);
            at = self.parents[at] as usize;
        }
        let mut state = State::of_code(self.codes[0]);
        let mut next = Vec::new();
        let mut steps = Vec::new();
        for code in codes.into_iter().rev() {
            state.next(rules, &mut next);
            let step = next.iter().find(|(_, after)| after.code() == code);
            let (step, after) = *step.unwrap();
            steps.push((step, after));
            state = after;
        }
        steps
    }
}

impl Counterexample {
    /// One line per step, for people.
    pub(crate) fn story(&self) -> String {
        let mut text = format!("{:?} after {} steps:\n", self.violation, self.steps.len());
        for (number, (step, after)) in (1..).zip(&self.steps) {
            let record = match after.mark {
                Mark::Absent => "absent".to_owned(),
                Mark::InFlight => match (0..WORKERS).find(|w| after.workers[*w].is_holder) {
                    Some(w) => format!("held by {w} under fence {}", after.fence),
                    None => format!("held by nobody alive under fence {}", after.fence),
                },
                Mark::Idle => "released".to_owned(),
                Mark::Done => "done".to_owned(),
            };
            let effect = match after.effect {
                Effect::Untouched => "untouched",
                Effect::Half => "half done",
                Effect::Whole => "done",
            };
            let told = if after.acknowledged {
                ", the sender stops"
            } else {
                ""
            };
            writeln!(
                text,
                "{number:4}. {:<48} record {record}, effect {effect}{told}",
                step.to_string()
            )
            .unwrap();
        }
        text
    }
}
