//! What is told of each delivery: one event for the `tracing` facade, counts and
//! distributions for the `metrics` facade, and nothing without those features.
//!
//! Never a secret, a signature, a body or a text of the sender: what is told are our
//! own words and numbers, and the user's names of endpoints and keys.

#[cfg(feature = "metrics")]
mod metrics;
#[cfg(not(feature = "metrics"))]
#[path = "observe/metrics_absent.rs"]
mod metrics;
#[cfg(feature = "tracing")]
mod tracing;
#[cfg(not(feature = "tracing"))]
#[path = "observe/tracing_absent.rs"]
mod tracing;

use alloc::sync::Arc;
use core::time::Duration;
use std::time::Instant;

use crate::{Code, Event, Receipt, Rejection, Timestamp};

pub(crate) use metrics::describe;
#[cfg(any(feature = "axum", feature = "actix-web"))]
pub(crate) use tracing::layer_is_missing;
#[cfg(feature = "actix-web")]
pub(crate) use tracing::receiver_is_missing;
pub(crate) use tracing::{in_this_span, slow_handler_allowed};

/// Where deliveries arrive: the labels of all that is told.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) scheme: Arc<str>,
    pub(crate) endpoint: Arc<str>,
    /// Made once, since they are the same for every delivery.
    #[cfg_attr(not(feature = "metrics"), allow(dead_code, reason = "nobody is told"))]
    series: metrics::Series,
}

impl Place {
    pub(crate) fn new(scheme: &str, endpoint: &str) -> Self {
        let (scheme, endpoint) = (Arc::from(scheme), Arc::from(endpoint));
        let series = metrics::Series::of(&scheme, &endpoint);
        Self {
            scheme,
            endpoint,
            series,
        }
    }
}

/// Watches one delivery, and tells of it once: when it is answered, or when it is
/// dropped before that.
#[cfg_attr(
    not(any(feature = "metrics", feature = "tracing")),
    allow(dead_code, reason = "nobody is told")
)]
pub(crate) struct Watch {
    place: Arc<Place>,
    began: Instant,
    verification: Duration,
    body_bytes: usize,
    key_name: Option<Arc<str>>,
    skew: Option<time::Duration>,
    stage: Stage,
}

/// How far a delivery has come.
enum Stage {
    Incoming,
    Genuine,
    Processing,
    Told,
}

impl Watch {
    /// From now on.
    pub(crate) fn begin(place: &Arc<Place>) -> Self {
        Self {
            place: Arc::clone(place),
            began: now(),
            verification: Duration::ZERO,
            body_bytes: 0,
            key_name: None,
            skew: None,
            stage: Stage::Incoming,
        }
    }

    /// So many bytes of the body have come.
    pub(crate) const fn came(&mut self, bytes: usize) {
        self.body_bytes = self.body_bytes.saturating_add(bytes);
    }

    /// The first part of the verification has ended.
    pub(crate) fn verified_since_it_began(&mut self) {
        self.verified_since(self.began);
    }

    /// A part of the verification has ended, which began then.
    pub(crate) fn verified_since(&mut self, began: Instant) {
        self.verification = self.verification.saturating_add(began.elapsed());
    }

    /// The verifier accepted it, at that time by the receiver's clock.
    pub(crate) fn genuine(&mut self, event: &Event, at: Timestamp) {
        self.key_name = Some(event.shared_key_name());
        self.skew = event.timestamp().map(|signed| at.since(signed));
        self.stage = Stage::Genuine;
    }

    /// Its event is going to be claimed.
    pub(crate) const fn processing(&mut self) {
        self.stage = Stage::Processing;
    }

    /// The verifier refused it, or it was a challenge.
    pub(crate) fn ended(&mut self, receipt: &Receipt) {
        if let Some(Rejection::TimestampSkew { skew, .. }) = receipt.rejection() {
            self.skew = Some(*skew);
        }
        self.answered(receipt, ClaimWord::None);
    }

    /// It was processed, or met its event being processed or done.
    pub(crate) fn processed(&mut self, receipt: &Receipt, claim: ClaimWord) {
        self.answered(receipt, claim);
    }

    fn answered(&mut self, receipt: &Receipt, claim: ClaimWord) {
        let verdict = receipt.code().map_or(Verdict::Ok, Verdict::Code);
        self.tell(verdict, claim, Some(receipt));
    }

    fn tell(&mut self, verdict: Verdict, claim: ClaimWord, receipt: Option<&Receipt>) {
        if matches!(self.stage, Stage::Told) {
            return;
        }
        self.stage = Stage::Told;
        let told = Told {
            watch: self,
            verdict,
            claim,
            receipt,
            total: self.began.elapsed(),
        };
        tracing::delivery(&told);
        metrics::delivery(&told);
    }
}

/// Its client hung up, it was not to be processed here, or the task that processed it
/// was torn down.
impl Drop for Watch {
    fn drop(&mut self) {
        let verdict = match self.stage {
            Stage::Incoming => Verdict::Code(Code::BodyIncomplete),
            Stage::Genuine => Verdict::Unclaimed,
            Stage::Processing => Verdict::Code(Code::CompletionUnknown),
            Stage::Told => return,
        };
        self.tell(verdict, ClaimWord::None, None);
    }
}

/// The time that durations are measured by. No test moves it.
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// What is told of a delivery.
#[cfg_attr(
    not(all(feature = "metrics", feature = "tracing")),
    allow(dead_code, reason = "not everybody is told")
)]
struct Told<'t> {
    watch: &'t Watch,
    verdict: Verdict,
    claim: ClaimWord,
    /// `None` if nobody was there to be answered.
    receipt: Option<&'t Receipt>,
    total: Duration,
}

/// What became of a delivery.
#[derive(Clone, Copy)]
enum Verdict {
    /// Its event was not processed now, for this reason.
    Code(Code),
    /// Its event was processed.
    Ok,
    /// It is genuine, and the receiver was not asked to process its event.
    Unclaimed,
}

#[cfg_attr(
    not(all(feature = "metrics", feature = "tracing")),
    allow(dead_code, reason = "not everybody is told")
)]
impl Verdict {
    /// As label and field `code`.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Code(code) => code.as_str(),
            Self::Ok => "OK",
            Self::Unclaimed => "UNCLAIMED",
        }
    }

    /// Whether it belongs to a day on which all is well.
    const fn is_usual(self) -> bool {
        matches!(
            self,
            Self::Ok
                | Self::Unclaimed
                | Self::Code(
                    Code::ChallengeAnswered | Code::DuplicateEventId | Code::EventInProgress
                )
        )
    }
}

/// How the claim went.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ClaimWord {
    Done,
    Fresh,
    InProgress,
    None,
    Reused,
    Stuck,
    TakenOver,
    Unavailable,
}

impl ClaimWord {
    #[cfg_attr(
        not(any(feature = "metrics", feature = "tracing")),
        allow(dead_code, reason = "nobody is told")
    )]
    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Fresh => "fresh",
            Self::InProgress => "in_progress",
            Self::None => "none",
            Self::Reused => "reused",
            Self::Stuck => "stuck",
            Self::TakenOver => "taken_over",
            Self::Unavailable => "unavailable",
        }
    }
}
