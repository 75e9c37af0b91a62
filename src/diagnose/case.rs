//! One refused delivery: what the refusal says, and what to search for.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::budget::Budget;
use super::keys::KeyTry;
use super::search::{Found, Proof, Search};
use super::{Cause, Diagnosis, Explanation, Finding, Mistake, Unexplained, event_id, headers};
use crate::{Delivery, HeaderSet, Headers, Rejection, Timestamp};

/// One refused delivery.
pub(super) struct Case<'c> {
    pub(super) diagnosis: &'c Diagnosis,
    pub(super) delivery: Delivery<'c>,
    pub(super) now: Timestamp,
    /// What the verifier said; `None` if no verifier could be built with these secrets.
    pub(super) rejection: Option<Rejection>,
    pub(super) keys: Vec<KeyTry>,
}

/// What a search found.
struct Searched {
    found: Found,
    /// What is told if that is nothing.
    nothing: Unexplained,
}

impl Case<'_> {
    pub(super) fn explain(&self, watch: &mut dyn FnMut(u32)) -> Finding {
        let Delivery { head, body } = self.delivery;
        let layout = &self.diagnosis.layout;
        let refusal = layout.read(head.headers, body).refusal;
        match refusal.or(self.rejection) {
            Some(Rejection::TimestampSkew { skew, limit }) => {
                explained(self.skewed(skew, limit), Vec::new(), true, 1)
            }
            Some(Rejection::EventIdMismatch { by_route }) => {
                let scheme = &self.diagnosis.scheme;
                let mistake = event_id::mismatch(scheme, head.headers, body, by_route);
                explained(mistake, Vec::new(), true, 1)
            }
            Some(Rejection::AmbiguousHeader { header }) => self.explain_repeated(header, watch),
            Some(Rejection::MissingHeaders { missing }) if !missing.is_empty() => {
                self.explain_missing(missing, watch)
            }
            _ if !self.diagnosis.scheme.procedure.is_declared() => self.explain_whole(watch),
            _ => self.explain_signature(watch),
        }
    }

    /// The headers are there, and no key matches as they are.
    fn explain_signature(&self, watch: &mut dyn FnMut(u32)) -> Finding {
        let Delivery { head, body } = self.delivery;
        let Searched { found, nothing } = self.search(head.headers, self.diagnosis.budget, watch);
        if let Found::Match(proof) = found {
            let skew = self.skew_of(&proof);
            let mut mistakes = proof.mistakes.into_iter().chain(skew);
            return match mistakes.next() {
                Some(first) => explained(first, mistakes.collect(), true, nothing.macs),
                None => self.matches_as_it_is(nothing.macs),
            };
        }
        let in_body = matches!(self.rejection, Some(Rejection::MissingHeaders { .. }));
        let facts = headers::body_facts(head.headers, body);
        match facts.or_else(|| in_body.then(|| headers::missing(&[]))) {
            Some(mistake) => explained(mistake, Vec::new(), false, nothing.macs),
            None => Finding::Unexplained(nothing),
        }
    }

    /// A header stands several times: each value is tried by itself.
    fn explain_repeated(&self, header: HeaderSet, watch: &mut dyn FnMut(u32)) -> Finding {
        let all = self.delivery.head.headers;
        let names = self.names(header);
        let share = self.diagnosis.budget / headers::SHARES;
        let mut macs: u32 = 0;
        for picked in 0..headers::MAX_VALUES {
            let Some(one) = headers::Picked::new(all, &names, picked) else {
                break;
            };
            let Searched { found, nothing } = self.search(&one, share, &mut *watch);
            macs = macs.saturating_add(nothing.macs);
            if let Found::Match(proof) = found {
                return self.proven(headers::repeated(&names, Some(picked)), proof, macs);
            }
        }
        explained(headers::repeated(&names, None), Vec::new(), false, macs)
    }

    /// Headers are missing: others may stand in for them, or they are not needed for a
    /// proof, or the delivery is another provider's.
    fn explain_missing(&self, missing: HeaderSet, watch: &mut dyn FnMut(u32)) -> Finding {
        let all = self.delivery.head.headers;
        let budget = self.diagnosis.budget;
        let names = self.names(missing);
        if let Some(renamed) = headers::Renamed::new(all, &names) {
            let mistake = headers::renamed(&renamed);
            let Searched { found, nothing } = self.search(&renamed, budget, watch);
            return match found {
                Found::Match(proof) => self.proven(mistake, proof, nothing.macs),
                Found::Nothing => explained(mistake, Vec::new(), false, nothing.macs),
            };
        }
        let Searched { found, nothing } = self.search(all, budget, watch);
        if let Found::Match(proof) = found {
            let mut mistakes = proof.mistakes.iter();
            let other = mistakes.find(|mistake| mistake.cause == Cause::OtherScheme);
            return match other {
                Some(other) => explained(other.clone(), Vec::new(), true, nothing.macs),
                None => self.proven(headers::missing(&names), proof, nothing.macs),
            };
        }
        let other = headers::other_provider(&self.diagnosis.layout, all);
        let mistake = other.unwrap_or_else(|| headers::missing(&names));
        explained(mistake, Vec::new(), false, nothing.macs)
    }

    fn names(&self, set: HeaderSet) -> Vec<String> {
        let names = self.diagnosis.layout.names(set);
        names.map(ToString::to_string).collect()
    }

    /// Searches with these headers.
    fn search(&self, headers: &dyn Headers, budget: u32, watch: &mut dyn FnMut(u32)) -> Searched {
        let diagnosis = self.diagnosis;
        let mut head = self.delivery.head;
        head.headers = headers;
        let mut search = Search {
            layout: &diagnosis.layout,
            head,
            body: self.delivery.body,
            url: diagnosis.url.as_deref().or(head.url),
            keys: &self.keys,
            in_use: &diagnosis.in_use,
            others: &diagnosis.others,
            budget: Budget::new(budget),
            watch,
            ruled_out: alloc::vec![
                Cause::HeadersMissing,
                Cause::HeadersRenamed,
                Cause::HeaderRepeated
            ],
        };
        let (found, is_complete) = search.run();
        let macs = search.macs();
        let mut ruled_out = search.ruled_out;
        ruled_out.sort_unstable();
        let nothing = Unexplained {
            ruled_out,
            macs,
            is_complete,
        };
        Searched { found, nothing }
    }

    /// A mistake of the headers, and what else was proven with it.
    fn proven(&self, first: Mistake, proof: Proof, macs: u32) -> Finding {
        let skew = self.skew_of(&proof);
        let also = proof.mistakes.into_iter().chain(skew).collect();
        explained(first, also, true, macs)
    }
}

pub(super) const fn explained(
    first: Mistake,
    also: Vec<Mistake>,
    proven: bool,
    macs: u32,
) -> Finding {
    Finding::Explained(Explanation::new(first, also, proven, macs))
}
