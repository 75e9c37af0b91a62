//! How long a claim is held and an event remembered, checked against what is known
//! of the sender.

use core::time::Duration;

use crate::ConfigError;
use crate::scheme::{Coverage, Scheme};

/// The times of a receiver that agree with each other and with the sender.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) lease: Duration,
    pub(super) handler_timeout: Duration,
    pub(super) retention: Duration,
}

const DEFAULT_LEASE: Duration = Duration::from_secs(60);
/// Between a lease's end and the sender's next attempt lie queues, networks and two clocks.
const MARGIN: Duration = Duration::from_secs(60);
/// Without a window a captured delivery stays good: it is remembered at least so long.
const LEAST_WITHOUT_WINDOW: Duration = Duration::from_secs(72 * 3600);

/// Whether a lease can end before the sender's last retry. Where none can, the event of a
/// worker that dies is lost, as if the sender never retried.
pub(super) fn leaves_time_for_a_lease(horizon: Duration) -> bool {
    horizon > MARGIN
}

impl Terms {
    pub(super) fn agree(
        scheme: &Scheme,
        lease: Option<Duration>,
        handler_timeout: Option<Duration>,
        retention: Option<Duration>,
        renews: bool,
    ) -> Result<Self, ConfigError> {
        let lease = lease.unwrap_or_else(|| {
            let twice = handler_timeout.unwrap_or_default().saturating_mul(2);
            if renews {
                DEFAULT_LEASE
            } else {
                DEFAULT_LEASE.max(twice)
            }
        });
        let handler_timeout = handler_timeout.unwrap_or_else(|| part(lease, 2));
        if lease.is_zero() || handler_timeout.is_zero() || handler_timeout >= lease && !renews {
            return Err(ConfigError::UndecidedPolicy {
                problem: "the handler's time-out must be shorter than the lease, and neither may be zero: a handler that outlives its lease runs beside the next one; `renew_leases` lets a long one keep its lease",
            });
        }
        let horizon = Duration::from_secs(scheme.sender.retries.horizon_s().into());
        if leaves_time_for_a_lease(horizon) && lease.saturating_add(MARGIN) >= horizon {
            let most = horizon.saturating_sub(MARGIN);
            return Err(ConfigError::LeaseTooLong {
                lease_s: rounded_up(lease),
                horizon_s: horizon.as_secs(),
                most_s: most.as_secs().saturating_sub(1),
            });
        }
        let (least, why) = least_retention(scheme, lease, horizon);
        let retention = retention.unwrap_or_else(|| least.max(LEAST_WITHOUT_WINDOW));
        if retention < least {
            return Err(ConfigError::RetentionTooShort {
                retention_s: retention.as_secs(),
                least_s: rounded_up(least),
                why,
            });
        }
        Ok(Self {
            lease,
            handler_timeout,
            retention,
        })
    }

    /// What two clocks may drift apart while a lease lasts.
    pub(super) fn drift(&self) -> Duration {
        part(self.lease, 20)
    }
}

/// The least retention that is safe, and why.
fn least_retention(
    scheme: &Scheme,
    lease: Duration,
    horizon: Duration,
) -> (Duration, &'static str) {
    let held = |base: Duration| base.saturating_add(lease).saturating_add(MARGIN);
    let retries = match (scheme.sender.retries.is_assumed(), held(horizon)) {
        (true, least) => (
            least,
            "the sender's retries are not documented, and 72 hours of them are assumed",
        ),
        (false, least) => (least, "the sender may still retry"),
    };
    let window = match window(scheme) {
        Some(window) => (
            held(window),
            "a captured delivery stays inside the window for so long",
        ),
        None => (
            LEAST_WITHOUT_WINDOW,
            "without a window a captured delivery stays good, and only the store stops a replay",
        ),
    };
    if window.0 > retries.0 {
        window
    } else {
        retries
    }
}

/// How long one delivery stays inside the window; `None` if it may stay so for ever.
fn window(scheme: &Scheme) -> Option<Duration> {
    let always_has_signed_time = scheme
        .timestamp
        .last()
        .is_some_and(|source| !source.optional)
        && scheme
            .timestamp
            .iter()
            .all(|source| Coverage::of(scheme).timestamp(&source.place));
    if !always_has_signed_time {
        return None;
    }
    let past = Duration::from_secs(scheme.window.past_s?.into());
    let future = Duration::from_secs(scheme.window.future_s?.into());
    Some(past.saturating_add(future))
}

fn rounded_up(duration: Duration) -> u64 {
    let more = u64::from(duration.subsec_nanos() != 0);
    duration.as_secs().saturating_add(more)
}

fn part(whole: Duration, of: u32) -> Duration {
    whole.checked_div(of).unwrap_or_default()
}
