//! How long a claim is held and an event remembered, checked against what is known
//! of the sender.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use crate::ConfigError;
use crate::scheme::{Coverage, Retries, Scheme};

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
        let retries = &scheme.sender.retries;
        let horizon = Duration::from_secs(retries.horizon_s().into());
        // A worker may die as late as this after it claimed.
        let renewed = if renews {
            handler_timeout
        } else {
            Duration::ZERO
        };
        let held = lease.saturating_add(renewed);
        if leaves_time_for_a_lease(horizon) && held.saturating_add(MARGIN) >= horizon {
            let most = horizon.saturating_sub(MARGIN);
            return Err(ConfigError::LeaseTooLong {
                lease_s: rounded_up(lease),
                renewed_s: rounded_up(renewed),
                attempt: last_attempt(retries),
                horizon_s: horizon.as_secs(),
                schedule: schedule(retries),
                most_s: most.as_secs().saturating_sub(1),
            });
        }
        let (least, why) = least_retention(scheme, lease, horizon);
        let retention = retention.unwrap_or_else(|| least.max(LEAST_WITHOUT_WINDOW));
        if retention < least {
            return Err(ConfigError::RetentionTooShort {
                retention_s: retention.as_secs(),
                least_s: rounded_up(least),
                why: why.told(
                    retries,
                    retention.saturating_sub(lease.saturating_add(MARGIN)),
                ),
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

/// What makes a retention the least that is safe.
enum Why {
    NoWindow,
    Retries,
    Window,
}

impl Why {
    /// For people; `covered` is the age of the oldest attempt that would still be known.
    fn told(&self, retries: &Retries, covered: Duration) -> String {
        match self {
            Self::NoWindow => {
                "without a window a captured delivery stays good, and only the store stops a replay"
                    .into()
            }
            Self::Window => "a captured delivery stays inside the window for so long".into(),
            Self::Retries => {
                let schedule = schedule(retries);
                match first_attempt_after(retries, covered) {
                    Some((attempt, age_s)) => format!(
                        "the sender may still retry: attempt {attempt}, {age_s} s after the first, would run the event again ({schedule})"
                    ),
                    None => format!(
                        "the sender may still retry: an attempt {} s after the first would run the event again ({schedule})",
                        retries.horizon_s()
                    ),
                }
            }
        }
    }
}

/// The least retention that is safe, and why.
fn least_retention(scheme: &Scheme, lease: Duration, horizon: Duration) -> (Duration, Why) {
    let held = |base: Duration| base.saturating_add(lease).saturating_add(MARGIN);
    let retries = (held(horizon), Why::Retries);
    let window = match window(scheme) {
        Some(window) => (held(window), Why::Window),
        None => (LEAST_WITHOUT_WINDOW, Why::NoWindow),
    };
    if window.0 > retries.0 {
        window
    } else {
        retries
    }
}

/// When a sender tries again, for people.
fn schedule(retries: &Retries) -> String {
    match retries {
        Retries::Never => "it never retries".into(),
        Retries::Schedule { delays_s } => {
            let delays: Vec<_> = delays_s.iter().map(ToString::to_string).collect();
            format!(
                "it retries after {} s, each from the one before",
                delays.join(", ")
            )
        }
        Retries::Unknown => {
            "its retries are not documented, and 72 hours of them are assumed".into()
        }
        Retries::Until { horizon_s } => {
            format!("it retries for {horizon_s} s, at delays that are not documented")
        }
    }
}

/// The number of the last attempt, 0 if it is not documented.
fn last_attempt(retries: &Retries) -> u32 {
    match retries {
        Retries::Schedule { delays_s } => u32::try_from(delays_s.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1),
        _ => 0,
    }
}

/// The first attempt that comes later than so long after the first one.
fn first_attempt_after(retries: &Retries, age: Duration) -> Option<(u32, u64)> {
    let Retries::Schedule { delays_s } = retries else {
        return None;
    };
    let mut at_s: u64 = 0;
    for (attempt, delay_s) in (2..).zip(delays_s.iter()) {
        at_s = at_s.saturating_add((*delay_s).into());
        if Duration::from_secs(at_s) > age {
            return Some((attempt, at_s));
        }
    }
    None
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
