//! The contract of [`Store`] as code: every rule a named check that any store can run.
//!
//! A store is checked from outside, by asking it. Each check stands for one rule of
//! the table on [`Store`], and takes what it needs of the other rules for granted: where
//! one of those is broken, it says that it could not tell, so that the check whose rule
//! is broken is the one to look at.
//!
//! ```
//! use std::sync::Arc;
//!
//! use countersign::Timestamp;
//! use countersign::store::MemoryStore;
//! use countersign::store::contract::Contract;
//! use countersign::testing::FakeClock;
//!
//! # let mut runtime = tokio::runtime::Builder::new_multi_thread();
//! # runtime.worker_threads(2).enable_time().build()?.block_on(async {
//! let clock = Arc::new(FakeClock::at(Timestamp::EPOCH));
//! let store = MemoryStore::with_capacity(100_000).clock(Arc::clone(&clock) as _);
//! Contract::new(store)
//!     .clock(move |by| {
//!         clock.advance(by.try_into().unwrap_or_default());
//!         std::future::ready(())
//!     })
//!     .check_all()
//!     .await
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod claiming;
mod ending;
mod racing;
mod rig;
mod settling;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::pin::Pin;
use core::time::Duration;
use std::time::Instant;

use self::rig::{Rig, Stop, Times};
use super::Store;

/// Checks a store against the contract.
///
/// All checks use keys that nobody else has, so a store that is in use elsewhere can be
/// checked too; they leave a few thousand records.
#[must_use]
pub struct Contract<S> {
    store: Arc<S>,
    pass: Option<Pass>,
    times: Times,
}

type Pass = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Long enough that a machine under load still asks in time; a check that was too slow
/// is run again with longer ones.
const REAL: Times = Times {
    lease: Duration::from_secs(1),
    retention: Duration::from_secs(4),
    margin: Duration::from_millis(250),
    late: Duration::from_millis(20),
};
const TOLD: Times = Times {
    lease: Duration::from_secs(10),
    retention: Duration::from_secs(100),
    margin: Duration::from_millis(1),
    late: Duration::ZERO,
};
/// How often a check is run again, each time with times twice as long.
const RUNS: u32 = 4;

impl<S: Store> Contract<S> {
    /// For this store, whose time passes as it does outside: leases of a second.
    pub fn new(store: impl Into<Arc<S>>) -> Self {
        Self {
            store: store.into(),
            pass: None,
            times: REAL,
        }
    }

    /// For a store whose clock moves when this function is called, by exactly so much.
    /// Then nothing waits, and deadlines are checked to the millisecond.
    pub fn clock<F, Fut>(mut self, advance: F) -> Self
    where
        F: Fn(Duration) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.pass = Some(Arc::new(move |by| Box::pin(advance(by))));
        self.times = TOLD;
        self
    }

    /// Other times for a store without such a clock. Deadlines are checked to a quarter
    /// of the lease; a retention below four leases is raised to that.
    pub fn times(mut self, lease: Duration, retention: Duration) -> Self {
        self.times.lease = lease;
        self.times.retention = retention.max(lease.saturating_mul(4));
        if self.pass.is_none() {
            self.times.margin = lease.checked_div(4).unwrap_or_default();
        }
        self
    }

    /// Runs every check.
    ///
    /// Needs a tokio runtime with several threads: on one, a store that never waits
    /// cannot race.
    ///
    /// # Errors
    ///
    /// What each check found, if not all rules are kept.
    pub async fn check_all(&self) -> Result<(), Report> {
        let report = self.report().await;
        if report.is_kept() {
            Ok(())
        } else {
            Err(report)
        }
    }

    /// Runs every check; tells what each found.
    pub async fn report(&self) -> Report {
        let mut verdicts = Vec::new();
        if self.pass.is_some() {
            for check in Check::ALL.iter().copied() {
                verdicts.push((check, self.run(check).await));
            }
            return Report(verdicts);
        }
        // Most of real time is waiting: the checks wait together. The races come
        // after, since they would make the others late.
        let (races, others): (Vec<_>, Vec<_>) = Check::ALL
            .iter()
            .copied()
            .partition(|check| check.is_race());
        let running: Vec<_> = others
            .into_iter()
            .map(|check| (check, tokio::spawn(judge(check, self.rig(1)))))
            .collect();
        let mut again = Vec::new();
        for (check, running) in running {
            match running.await {
                Ok(Some(verdict)) => verdicts.push((check, verdict)),
                Ok(None) => again.push(check),
                Err(_) => {
                    verdicts.push((check, Verdict::Broken("the store panicked".into())));
                }
            }
        }
        for check in races.into_iter().chain(again) {
            verdicts.push((check, self.run(check).await));
        }
        verdicts.sort_by_key(|(check, _)| *check);
        Report(verdicts)
    }

    /// Runs one check.
    pub async fn run(&self, check: Check) -> Verdict {
        for run in 0..RUNS {
            let rig = self.rig(1_u32.checked_shl(run).unwrap_or(1));
            if let Some(verdict) = judge(check, rig).await {
                return verdict;
            }
        }
        Verdict::Untested(
            "the store, or this machine, was too slow for the times; give longer ones".into(),
        )
    }

    fn rig(&self, times: u32) -> Rig<S> {
        let times = match self.pass {
            None => self.times.longer(times),
            Some(_) => self.times,
        };
        Rig::new(Arc::clone(&self.store), self.pass.clone(), times)
    }
}

impl<S> fmt::Debug for Contract<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contract").finish_non_exhaustive()
    }
}

/// `None` if real time ran away, so that nothing can be said.
async fn judge<S: Store>(check: Check, rig: Rig<S>) -> Option<Verdict> {
    let started = Instant::now();
    let ended = check.perform(&rig).await;
    let lost = started.elapsed().saturating_sub(rig.passed());
    let is_late = rig.is_real() && !check.is_race() && lost >= rig.times.margin;
    match ended {
        _ if is_late => None,
        Ok(()) => Some(Verdict::Kept),
        Err(Stop::Broken(what)) => Some(Verdict::Broken(what)),
        Err(Stop::Untested(why)) => Some(Verdict::Untested(why)),
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The rule is kept.
    Kept,
    /// The rule is broken, so.
    Broken(String),
    /// It could not be told, for this reason: another rule is broken, the store failed,
    /// or no race was seen.
    Untested(String),
}

/// What every check found.
#[derive(Clone)]
#[must_use]
pub struct Report(Vec<(Check, Verdict)>);

impl Report {
    /// Each check and what it found.
    #[must_use]
    pub fn verdicts(&self) -> &[(Check, Verdict)] {
        &self.0
    }

    /// Whether every rule is kept.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.0.iter().all(|(_, verdict)| *verdict == Verdict::Kept)
    }

    /// The checks whose rule is broken.
    pub fn broken(&self) -> impl Iterator<Item = Check> {
        let broken = |(check, verdict): &(Check, Verdict)| {
            matches!(verdict, Verdict::Broken(_)).then_some(*check)
        };
        self.0.iter().filter_map(broken)
    }
}

/// A line for each rule that is not kept.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store does not keep its contract:")?;
        for (check, verdict) in &self.0 {
            match verdict {
                Verdict::Kept => {}
                Verdict::Broken(what) => {
                    write!(f, "\n- {check}: {what} (rule: {})", check.rule())?;
                }
                Verdict::Untested(why) => write!(f, "\n- {check}: not tested, {why}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for Report {}

macro_rules! checks {
    ($($check:ident, $module:ident :: $name:ident, $rule:literal;)*) => {
        /// A check: one rule of the contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Check {
            $(#[doc = $rule] $check,)*
        }

        impl Check {
            /// Every check, in the order of the table on [`Store`].
            pub const ALL: &'static [Self] = &[$(Self::$check,)*];

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$check => stringify!($name),)* }
            }

            /// The rule.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self { $(Self::$check => $rule,)* }
            }

            async fn perform<S: Store>(self, rig: &Rig<S>) -> Result<(), Stop> {
                match self { $(Self::$check => $module::$name(rig).await,)* }
            }
        }
    };
}

checks! {
    AbsentIsFresh, claiming::absent_is_fresh,
        "An absent key is granted as attempt 1, on the terms that were asked for.";
    ReleasedIsFresh, claiming::released_is_fresh,
        "A released key is granted at once, and that is no take-over.";
    OwnClaimAgainIsTheSameLease, claiming::own_claim_again_is_the_same_lease,
        "Before the deadline, the same nonce gets the same lease again.";
    AskingAgainMovesNoDeadline, claiming::asking_again_moves_no_deadline,
        "Asking again with the same nonce does not move the deadline.";
    InFlightIsInProgress, claiming::in_flight_is_in_progress,
        "Before the deadline, another nonce is told that the key is in progress.";
    InProgressTellsTheRest, claiming::in_progress_tells_the_rest,
        "In progress tells how much of the lease is left.";
    AnotherBodyInFlightIsInProgress, claiming::another_body_in_flight_is_in_progress,
        "In flight with another body's digest is in progress.";
    TermsAreTheRecords, claiming::terms_are_the_records,
        "Lease and retention are those of the record, not those of who asks.";
    ExpiredIsTakenOver, claiming::expired_is_taken_over,
        "From its deadline on, a lease is granted to another nonce.";
    TakeOverIsTold, claiming::take_over_is_told,
        "A take-over is the next attempt and says what it is, also when it is asked for again.";
    ExpiredIsNotHandedBack, claiming::expired_is_not_handed_back,
        "From its deadline on, a lease is in progress for its own nonce, and unchanged.";
    ExpiredBlocksIfAsked, claiming::expired_blocks_if_asked,
        "From its deadline on, a lease is stuck for who may not take over, and unchanged.";
    DoneTellsItsOutcome, claiming::done_tells_its_outcome,
        "Done is told with the outcome it was completed with.";
    DoneGivesItsReply, claiming::done_gives_its_reply,
        "Done is told with the reply that was kept, up to the longest, and none if none was.";
    AnotherBodyIsReused, claiming::another_body_is_reused,
        "Done with another body's digest is reused.";
    NoDigestIsDone, claiming::no_digest_is_done,
        "Done is done where the digests are equal, or one of them is unknown.";
    KeysDoNotMeet, claiming::keys_do_not_meet,
        "Keys that differ in one bit have nothing to do with each other.";
    FenceRises, claiming::fence_rises,
        "The fence rises with each holder of a key.";
    FenceOutlivesTheRecord, ending::fence_outlives_the_record,
        "The fence goes on rising when the record has ended.";
    DoneLasts, ending::done_lasts,
        "Done lasts for the retention, counted from the completion.";
    DoneEnds, ending::done_ends,
        "From the end of its retention on, done counts as absent.";
    ReleasedEnds, ending::released_ends,
        "From the end of its retention on, a released record counts as absent.";
    EndedIsNobodys, ending::ended_is_nobodys,
        "What has ended is renewed and released by nobody.";
    LiveLeaseDoesNotEnd, ending::live_lease_does_not_end,
        "A lease that is renewed in time is not ended by its retention.";
    RenewalMovesTheDeadline, settling::renewal_moves_the_deadline,
        "A renewal moves the deadline to one lease from now.";
    LateRenewalCounts, settling::late_renewal_counts,
        "A renewal past the deadline counts if nobody took over.";
    RenewalByAnotherIsFenced, settling::renewal_by_another_is_fenced,
        "A renewal by who was replaced is fenced, and changes nothing.";
    RenewalNeedsAClaim, settling::renewal_needs_a_claim,
        "A renewal of what is released, done or absent is fenced, and changes nothing.";
    LateCompletionCounts, settling::late_completion_counts,
        "A completion past the deadline counts if nobody took over.";
    CompletionAfterRelease, settling::completion_after_release,
        "A completion by who released counts if nobody claimed since.";
    CompletingTwiceChangesNothing, settling::completing_twice_changes_nothing,
        "A second completion by the holder is confirmed, and changes nothing.";
    ForgottenIsCompleted, ending::forgotten_is_completed,
        "A completion of what has ended counts: the event is done.";
    CompletionByAnotherIsFenced, settling::completion_by_another_is_fenced,
        "A completion by who was replaced is fenced, and changes nothing.";
    ReleaseLeavesATombstone, settling::release_leaves_a_tombstone,
        "A released record keeps its attempts and its last holder, so that the one before is still fenced.";
    LateReleaseCounts, settling::late_release_counts,
        "A release past the deadline counts if nobody took over.";
    ReleasingTwiceChangesNothing, settling::releasing_twice_changes_nothing,
        "A second release by the holder is confirmed, and changes nothing.";
    ReleaseByAnotherIsFenced, settling::release_by_another_is_fenced,
        "A release by who was replaced is fenced, and changes nothing.";
    ReleaseNeedsAClaim, settling::release_needs_a_claim,
        "A release of what is done or absent is fenced, and changes nothing.";
    HolderIsNonceAndFence, settling::holder_is_nonce_and_fence,
        "The holder is known by nonce and fence: with one of them wrong, all is fenced.";
    RaceHasOneWinner, racing::race_has_one_winner,
        "Of many who claim a key at once, one gets it.";
    RaceOfCompletionAndTakeOver, racing::race_of_completion_and_take_over,
        "Of a late completion and a take-over at once, one wins and the other is told so.";
    RaceOfHolders, racing::race_of_holders,
        "Holders who claim and release in turn never overlap, and their fences rise.";
}

impl Check {
    const fn is_race(self) -> bool {
        matches!(
            self,
            Self::RaceHasOneWinner | Self::RaceOfCompletionAndTakeOver | Self::RaceOfHolders
        )
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
