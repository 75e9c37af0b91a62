//! Times as the databases keep them.

use core::time::Duration;

#[cfg(feature = "sqlite")]
use crate::Timestamp;

/// Microseconds since 1970, or between two such times.
pub(super) type Micros = i64;

/// A duration; one that is too long counts as 100 000 years.
pub(super) fn micros(duration: Duration) -> Micros {
    const LONGEST: Micros = 100_000 * 366 * 86_400 * 1_000_000;
    duration
        .as_micros()
        .try_into()
        .unwrap_or(LONGEST)
        .min(LONGEST)
}

#[cfg(feature = "sqlite")]
pub(super) fn micros_of(moment: Timestamp) -> Micros {
    moment
        .unix_seconds()
        .saturating_mul(1_000_000)
        .saturating_add(i64::from(moment.subsecond_nanoseconds() / 1_000))
}
