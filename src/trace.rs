//! One event per delivery for the `tracing` facade, or nothing without the feature.
//!
//! Never a secret, a signature, a body or a text of the sender: the fields are our
//! own words and numbers, and the user's names of keys.

use time::Duration;

use crate::{Receipt, Rejection};

pub(crate) use facade::{delivery, in_this_span, slow_handler_allowed};

/// What is told of a delivery.
#[cfg_attr(not(feature = "tracing"), allow(dead_code, reason = "nobody is told"))]
pub(crate) struct Told<'t> {
    pub(crate) scheme: &'t str,
    pub(crate) receipt: &'t Receipt,
    pub(crate) key_name: Option<&'t str>,
    pub(crate) skew: Option<Duration>,
    pub(crate) body_bytes: usize,
    pub(crate) claim: ClaimWord,
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
    #[cfg_attr(not(feature = "tracing"), allow(dead_code, reason = "nobody is told"))]
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
pub(crate) const fn skew_of(rejection: &Rejection) -> Option<Duration> {
    match rejection {
        Rejection::TimestampSkew { skew, .. } => Some(*skew),
        _ => None,
    }
}

#[cfg(feature = "tracing")]
mod facade {
    use core::time::Duration;

    use tracing::{Instrument, info, warn};

    use super::Told;
    use crate::Code;

    /// Tells of a delivery: as a warning where somebody should look.
    pub(crate) fn delivery(told: &Told<'_>) {
        let Told {
            scheme,
            receipt,
            key_name,
            body_bytes,
            ..
        } = *told;
        let code = receipt.code().map_or("OK", Code::as_str);
        let status = receipt.status();
        let claim = told.claim.as_str();
        let skew_ms = told
            .skew
            .map(|skew| i64::try_from(skew.whole_milliseconds()).unwrap_or(i64::MAX));
        let store_error = receipt.store_error().map(tracing::field::display);
        match receipt.code() {
            None
            | Some(Code::ChallengeAnswered | Code::DuplicateEventId | Code::EventInProgress) => {
                info!(
                    target: "countersign",
                    scheme, code, status, key_name, skew_ms, body_bytes, claim, store_error,
                )
            }
            Some(_) => warn!(
                target: "countersign",
                scheme, code, status, key_name, skew_ms, body_bytes, claim, store_error,
            ),
        }
    }

    /// A handler may run longer than its sender waits for the answer.
    pub(crate) fn slow_handler_allowed(scheme: &str, timeout: Duration, sender_s: u16) {
        warn!(
            target: "countersign",
            scheme,
            handler_timeout_s = timeout.as_secs(),
            sender_timeout_s = sender_s,
            "a handler may run longer than its sender waits: the sender then retries, meets in progress, and later done",
        );
    }

    /// The handler's own events belong to the request's span, also in another task.
    pub(crate) fn in_this_span<F: Future>(future: F) -> impl Future<Output = F::Output> {
        future.in_current_span()
    }
}

#[cfg(not(feature = "tracing"))]
mod facade {
    use core::time::Duration;

    use super::Told;

    pub(crate) const fn delivery(_: &Told<'_>) {}

    pub(crate) const fn slow_handler_allowed(_: &str, _: Duration, _: u16) {}

    pub(crate) const fn in_this_span<F: Future>(future: F) -> F {
        future
    }
}
