//! Several deliveries of one receiver: what do they have in common?
//!
//! One delivery that is late is a replay, or waited somewhere. When all are late by about
//! as much, the clock is off.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::cause::Cause;
use super::finding::{DetailValue, Finding, Mistake};

/// Findings that are put together, one by one: each is counted and forgotten.
///
/// ```
/// use countersign::diagnose::{Diagnosis, Several};
/// use countersign::scheme::catalogue::MUTOPAY;
/// use countersign::{Delivery, KeyRing, Timestamp};
///
/// let ring = KeyRing::new().with("current", "the channel's webhook secret")?;
/// let diagnosis = Diagnosis::new(MUTOPAY, &ring)?.budget(1000);
/// let mut several = Several::new();
/// for body in ["{}", "[]"] {
///     let delivery = Delivery::new(&[("x-other", "")], body.as_bytes());
///     several.add(&diagnosis.explain(&delivery, Timestamp::EPOCH));
/// }
/// let common = several.common().ok_or("both lack the signature")?;
/// assert_eq!(common.mistake().cause().as_str(), "HEADERS_MISSING");
/// assert_eq!((common.deliveries(), common.of()), (2, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Several {
    seen: u32,
    causes: Vec<(Mistake, u32)>,
    ages: Option<Ages>,
}

/// What most of several refused deliveries have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Common {
    mistake: Mistake,
    deliveries: u32,
    of: u32,
}

/// How far genuine deliveries lie from the clock, in seconds: positive for old ones.
#[derive(Clone, Copy, Debug)]
struct Ages {
    count: u32,
    least: i64,
    most: i64,
    limit: i64,
}

/// Seconds by which deliveries may differ that one clock makes late; above ten minutes of
/// drift a tenth of it.
const SPREAD_S: i64 = 60;

impl Several {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            seen: 0,
            causes: Vec::new(),
            ages: None,
        }
    }

    /// Takes what was found of one more delivery.
    pub fn add(&mut self, finding: &Finding) {
        self.seen = self.seen.saturating_add(1);
        let Finding::Explained(why) = finding else {
            return;
        };
        let mistake = why.mistake();
        if let (Cause::ClockDrift | Cause::StaleDelivery, Some(DetailValue::Number(skew))) =
            (mistake.cause, mistake.fact("skew_s"))
        {
            let limit = match mistake.fact("limit_s") {
                Some(DetailValue::Number(limit)) => *limit,
                _ => 0,
            };
            self.ages = Some(match self.ages {
                None => Ages {
                    count: 1,
                    least: *skew,
                    most: *skew,
                    limit,
                },
                Some(ages) => Ages {
                    count: ages.count.saturating_add(1),
                    least: ages.least.min(*skew),
                    most: ages.most.max(*skew),
                    limit,
                },
            });
            return;
        }
        let mut known = self.causes.iter_mut();
        match known.find(|(known, _)| known.cause == mistake.cause && known.fix == mistake.fix) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.causes.push((mistake.clone(), 1)),
        }
    }

    /// What they have in common; `None` for fewer than two, or if nothing is shared by two.
    #[must_use]
    pub fn common(&self) -> Option<Common> {
        if self.seen < 2 {
            return None;
        }
        let shared = self.causes.iter().max_by_key(|(_, count)| *count);
        let shared = shared.filter(|(_, count)| *count >= 2);
        let late = self.ages.map(|ages| (self.late(ages), ages.count));
        let (mistake, deliveries) = match (shared, late) {
            (Some((_, count)), Some((mistake, late))) if late >= *count => (mistake, late),
            (Some((mistake, count)), _) => (mistake.clone(), *count),
            (None, late) => late?,
        };
        Some(Common {
            mistake,
            deliveries,
            of: self.seen,
        })
    }

    /// A clock that is off, if every delivery says so by about as much; else replays.
    fn late(&self, ages: Ages) -> Mistake {
        let middle = ages.least.midpoint(ages.most);
        let spread = ages.most.saturating_sub(ages.least);
        let allowed = SPREAD_S.max(middle.saturating_abs() / 10);
        let is_one_way = ages.least.signum() == ages.most.signum();
        let is_drift =
            ages.count >= 2 && ages.count == self.seen && spread <= allowed && is_one_way;
        let direction = if middle < 0 {
            "ahead of the clock"
        } else {
            "old"
        };
        let detail = alloc::vec![
            ("skew_s", middle.into()),
            ("spread_s", spread.into()),
            ("limit_s", ages.limit.into()),
            ("direction", direction.into()),
            ("deliveries", i64::from(ages.count).into()),
        ];
        if is_drift {
            let way = if middle < 0 { "slow" } else { "fast" };
            return Mistake {
                cause: Cause::ClockDrift,
                detail,
                fix: alloc::format!(
                    "All of these deliveries are genuine and off by about as much: the receiver's clock is {way} by {} s. Set it by NTP.",
                    middle.unsigned_abs()
                ),
            };
        }
        Mistake {
            cause: if middle < 0 { Cause::ClockDrift } else { Cause::StaleDelivery },
            detail,
            fix: "Some deliveries are genuine and outside the window, and others are not late, or late by another time: it is not the clock. They are replays, or waited in a queue, or are retries under the first attempt's time.".to_string(),
        }
    }
}

impl Common {
    /// The mistake.
    #[must_use]
    pub const fn mistake(&self) -> &Mistake {
        &self.mistake
    }

    /// How many deliveries have it.
    #[must_use]
    pub const fn deliveries(&self) -> u32 {
        self.deliveries
    }

    /// Of how many.
    #[must_use]
    pub const fn of(&self) -> u32 {
        self.of
    }
}

#[cfg(test)]
mod tests {
    use ::time::Duration;

    use super::super::age::outside;
    use super::super::finding::Explanation;
    use super::*;

    fn late(skew: i64) -> Finding {
        let limit = Duration::seconds(300);
        let mistake = outside(Duration::seconds(skew), limit);
        Finding::Explained(Explanation::new(mistake, Vec::new(), true, 1))
    }

    fn common(findings: &[Finding]) -> Option<(Cause, u32)> {
        let mut several = Several::new();
        findings.iter().for_each(|finding| several.add(finding));
        several
            .common()
            .map(|common| (common.mistake.cause, common.deliveries))
    }

    #[test]
    fn one_that_is_late_is_a_replay_and_all_are_a_clock() {
        assert_eq!(common(&[late(400)]), None);
        assert_eq!(
            common(&[late(400), late(410), late(395)]),
            Some((Cause::ClockDrift, 3))
        );
        assert_eq!(
            common(&[late(-400), late(-410)]),
            Some((Cause::ClockDrift, 2))
        );
        assert_eq!(
            common(&[late(7200), late(7800)]),
            Some((Cause::ClockDrift, 2))
        );
        assert_eq!(
            common(&[Finding::Verifies, late(400)]),
            Some((Cause::StaleDelivery, 1))
        );
        assert_eq!(
            common(&[late(400), late(9000)]),
            Some((Cause::StaleDelivery, 2))
        );
        assert_eq!(common(&[Finding::Verifies, Finding::Verifies]), None);
    }
}
