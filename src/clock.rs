//! Points in time, and clocks that tell them.

use core::fmt;

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

/// Seconds of the last moment of the year 9999, the end of RFC 3339.
const LAST_SECOND: i64 = 253_402_300_799;
/// Seconds of the first moment of the year 0, its beginning.
const FIRST_SECOND: i64 = -62_167_219_200;

/// A point in time, as exact as a provider writes it.
///
/// ```
/// use countersign::Timestamp;
///
/// let moment = Timestamp::parse_rfc3339("2026-06-18T00:00:00.250Z").ok_or("no RFC 3339")?;
/// assert_eq!(moment.unix_seconds(), 1_781_740_800);
/// assert_eq!(moment.to_string(), "2026-06-18T00:00:00.25Z");
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanoseconds: u32,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self {
        seconds: 0,
        nanoseconds: 0,
    };

    /// From Unix seconds, held within the years -9999 to 9999.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self {
            seconds: seconds.clamp(-377_705_116_800, LAST_SECOND),
            nanoseconds: 0,
        }
    }

    /// From Unix milliseconds, held within the years -9999 to 9999.
    #[must_use]
    pub fn from_unix_milliseconds(milliseconds: i64) -> Self {
        let seconds = milliseconds.div_euclid(1000);
        let rest = u32::try_from(milliseconds.rem_euclid(1000)).unwrap_or(0);
        Self {
            nanoseconds: rest.saturating_mul(1_000_000),
            ..Self::from_unix_seconds(seconds)
        }
    }

    /// From RFC 3339 text with a zone.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        // `time` takes any byte between date and time; the grammar has `T`.
        if !matches!(text.as_bytes().get(10), Some(b'T' | b't')) {
            return None;
        }
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok().map(Self::from)?;
        // An offset can lead out of the years that have a text in UTC.
        (FIRST_SECOND..=LAST_SECOND)
            .contains(&moment.seconds)
            .then_some(moment)
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds within the second.
    #[must_use]
    pub const fn subsecond_nanoseconds(self) -> u32 {
        self.nanoseconds
    }

    /// How far this lies after `earlier`; negative if it lies before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let nanoseconds =
            i64::from(self.nanoseconds).saturating_sub(i64::from(earlier.nanoseconds));
        Duration::seconds(self.seconds.saturating_sub(earlier.seconds))
            .saturating_add(Duration::nanoseconds(nanoseconds))
    }

    /// This moment moved by `duration`, held within the years -9999 to 9999.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let nanoseconds =
            i64::from(self.nanoseconds).saturating_add(i64::from(duration.subsec_nanoseconds()));
        let carry = nanoseconds.div_euclid(1_000_000_000);
        let seconds = self
            .seconds
            .saturating_add(duration.whole_seconds())
            .saturating_add(carry);
        Self {
            nanoseconds: u32::try_from(nanoseconds.rem_euclid(1_000_000_000)).unwrap_or(0),
            ..Self::from_unix_seconds(seconds)
        }
    }

    /// Now, by the system's clock.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn now() -> Self {
        std::time::SystemTime::now().into()
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        Self {
            seconds: moment.unix_timestamp(),
            nanoseconds: moment.nanosecond(),
        }
    }
}

#[cfg(feature = "std")]
impl From<std::time::SystemTime> for Timestamp {
    fn from(moment: std::time::SystemTime) -> Self {
        let epoch = std::time::UNIX_EPOCH;
        let signed = match moment.duration_since(epoch) {
            Ok(after) => Duration::try_from(after),
            Err(before) => Duration::try_from(before.duration())
                .map(|before| Duration::ZERO.saturating_sub(before)),
        };
        // A clock beyond all time that `Duration` knows is held at its ends.
        Self::EPOCH.saturating_add(signed.unwrap_or(Duration::MAX))
    }
}

/// RFC 3339 in UTC, as many decimals as needed.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = OffsetDateTime::from_unix_timestamp(self.seconds)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(UtcOffset::UTC);
        let (year, month, day) = moment.to_calendar_date();
        let (hour, minute, second) = moment.to_hms();
        write!(
            f,
            "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}",
            u8::from(month)
        )?;
        if self.nanoseconds != 0 {
            let mut decimals = self.nanoseconds;
            let mut width: usize = 9;
            while decimals.is_multiple_of(10) {
                decimals /= 10;
                width = width.saturating_sub(1);
            }
            write!(f, ".{decimals:0width$}")?;
        }
        f.write_str("Z")
    }
}

/// A clock that tells the time of day. The verifier never reads one: its caller does.
#[cfg(feature = "std")]
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

#[cfg(feature = "std")]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn text_and_moment_agree() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2026-06-18T00:00:00.001Z",
            "9999-12-31T23:59:59.999999999Z",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_offset_leads_out_of_no_year_and_only_t_separates() {
        for text in [
            "9999-12-31T23:59:59-00:01",
            "0000-01-01T00:00:00+00:01",
            "2026-06-18 00:00:00Z",
            "2026-06-18000:00:00Z",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn differences_are_exact_and_cannot_overflow() {
        let late = Timestamp::from_unix_milliseconds(1_500);
        let early = Timestamp::from_unix_seconds(-1);
        assert_eq!(late.since(early), Duration::milliseconds(2_500));
        assert_eq!(early.since(late), Duration::milliseconds(-2_500));
        assert_eq!(early.saturating_add(Duration::milliseconds(2_500)), late);
        let far = Timestamp::from_unix_seconds(i64::MAX);
        assert!(
            far.since(Timestamp::from_unix_seconds(i64::MIN))
                .is_positive()
        );
    }
}
