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

use crate::{Code, Receipt, Rejection, StoreError};

pub(crate) use metrics::describe;
pub(crate) use tracing::{in_this_span, slow_handler_allowed};

/// Where deliveries arrive: the labels of all that is told. A clone is cheap.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) scheme: Arc<str>,
    pub(crate) endpoint: Arc<str>,
}

/// Watches one delivery, and tells of it once: when it is answered, or when it is
/// dropped before that.
pub(crate) struct Watch {
    place: Place,
    began: Instant,
    verification: Duration,
    body_bytes: usize,
    is_genuine: bool,
    is_told: bool,
}

/// What is known of a delivery that the verifier accepted.
pub(crate) struct Genuine<'e> {
    pub(crate) key_name: &'e str,
    pub(crate) skew: Option<time::Duration>,
    pub(crate) claim: ClaimWord,
}

impl Watch {
    /// From now on.
    pub(crate) fn begin(place: &Place) -> Self {
        Self {
            place: place.clone(),
            began: Instant::now(),
            verification: Duration::ZERO,
            body_bytes: 0,
            is_genuine: false,
            is_told: false,
        }
    }

    /// Does a part of the verification, and counts its time.
    pub(crate) fn verifying<T>(&mut self, part: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let done = part();
        self.verification = self.verification.saturating_add(began.elapsed());
        done
    }

    /// Bytes of the body have come.
    pub(crate) const fn came(&mut self, bytes: usize) {
        self.body_bytes = self.body_bytes.saturating_add(bytes);
    }

    /// The verifier accepted it.
    pub(crate) const fn is_genuine(&mut self) {
        self.is_genuine = true;
    }

    /// The verifier refused it.
    pub(crate) fn refused(self, receipt: &Receipt) {
        let told = Told {
            skew: receipt.rejection().and_then(skew_of),
            ..self.answered(receipt)
        };
        self.tell(&told);
    }

    /// It was processed, or met its event being processed or done.
    pub(crate) fn received(self, receipt: &Receipt, genuine: &Genuine<'_>) {
        let told = Told {
            key_name: Some(genuine.key_name),
            skew: genuine.skew,
            claim: genuine.claim,
            ..self.answered(receipt)
        };
        self.tell(&told);
    }

    fn tell(mut self, told: &Told<'_>) {
        self.is_told = true;
        told.tell();
    }

    fn answered<'t>(&self, receipt: &'t Receipt) -> Told<'t> {
        Told {
            status: Some(receipt.status()),
            store_error: receipt.store_error(),
            ..self.seen(Verdict::of(receipt.code()))
        }
    }

    fn seen<'t>(&self, verdict: Verdict) -> Told<'t> {
        Told {
            place: self.place.clone(),
            verdict,
            status: None,
            key_name: None,
            skew: None,
            body_bytes: self.body_bytes,
            claim: ClaimWord::None,
            verification: self.verification,
            total: self.began.elapsed(),
            store_error: None,
        }
    }
}

/// The body broke off, or the task that processed the event was torn down.
impl Drop for Watch {
    fn drop(&mut self) {
        if self.is_told {
            return;
        }
        self.seen(if self.is_genuine {
            Verdict::of(Some(Code::CompletionUnknown))
        } else {
            Verdict::BrokenOff
        })
        .tell();
    }
}

/// What is told of a delivery.
#[cfg_attr(
    not(all(feature = "metrics", feature = "tracing")),
    allow(dead_code, reason = "not everybody is told")
)]
struct Told<'t> {
    place: Place,
    verdict: Verdict,
    /// `None` if nobody was there to be answered.
    status: Option<u16>,
    key_name: Option<&'t str>,
    skew: Option<time::Duration>,
    body_bytes: usize,
    claim: ClaimWord,
    verification: Duration,
    total: Duration,
    store_error: Option<&'t StoreError>,
}

impl Told<'_> {
    fn tell(&self) {
        tracing::delivery(self);
        metrics::delivery(self);
    }
}

/// What became of a delivery.
#[derive(Clone, Copy)]
enum Verdict {
    /// Its body never came to its end.
    BrokenOff,
    /// Its event was not processed now, for this reason.
    Code(Code),
    /// Its event was processed.
    Ok,
}

#[cfg_attr(
    not(all(feature = "metrics", feature = "tracing")),
    allow(dead_code, reason = "not everybody is told")
)]
impl Verdict {
    const fn of(code: Option<Code>) -> Self {
        match code {
            Some(code) => Self::Code(code),
            None => Self::Ok,
        }
    }

    /// As label and field `code`.
    const fn as_str(self) -> &'static str {
        match self {
            Self::BrokenOff => "BROKEN_OFF",
            Self::Code(code) => code.as_str(),
            Self::Ok => "OK",
        }
    }

    /// Whether it belongs to a day on which all is well.
    const fn is_usual(self) -> bool {
        matches!(
            self,
            Self::Ok | Self::Code(Code::DuplicateEventId | Code::EventInProgress)
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

/// The skew of a delivery that was refused for it.
const fn skew_of(rejection: &Rejection) -> Option<time::Duration> {
    match rejection {
        Rejection::TimestampSkew { skew, .. } => Some(*skew),
        _ => None,
    }
}
