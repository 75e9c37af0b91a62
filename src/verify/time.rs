//! Stages 4 and 7: the time's text, parsed before the signature so that a mangled
//! header is named, and judged after it, so that a skew is always about a genuine
//! delivery.
//!
//! An attacker controls the text. Numbers are read strictly: what another reader
//! could take for another number is refused.

use alloc::vec::Vec;

use time::Duration;

use super::fields::{Fields, Slots};
use super::values::{BodyFields, BodyValues};
use crate::scheme::{Coverage, Scheme, TimestampPlace, TimestampUnit, Window};
use crate::{Rejection, Signed, Timestamp, TimestampProblem};

/// Where a scheme's time stands, prepared.
#[derive(Debug)]
pub(crate) struct TimeReader {
    sources: Vec<Source>,
}

#[derive(Debug)]
struct Source {
    place: Place,
    unit: TimestampUnit,
    is_optional: bool,
    is_covered: bool,
}

#[derive(Debug)]
enum Place {
    Form(usize),
    Header(usize),
    Json(usize),
    SignatureField,
}

/// The time's text and value, and whether the signature covers it.
#[derive(Clone, Copy, Debug)]
pub(super) struct FoundTime<'s> {
    pub(super) text: Option<&'s [u8]>,
    pub(super) value: Option<Timestamp>,
    pub(super) is_covered: bool,
}

impl TimeReader {
    pub(crate) fn new(scheme: &Scheme, slots: &Slots, body_fields: &BodyFields) -> Self {
        let sources = scheme.timestamp.iter().map(|source| Source {
            place: match &source.place {
                TimestampPlace::Form(field) => Place::Form(body_fields.form_index(field)),
                TimestampPlace::Header(name) => {
                    Place::Header(slots.index(name).unwrap_or(usize::MAX))
                }
                TimestampPlace::Json(path) => Place::Json(body_fields.json_index(path)),
                TimestampPlace::SignatureField(_) => Place::SignatureField,
            },
            unit: source.unit,
            is_optional: source.optional,
            is_covered: Coverage::of(scheme).timestamp(&source.place),
        });
        Self {
            sources: sources.collect(),
        }
    }

    /// The time: the first place that has it.
    #[inline]
    pub(super) fn read<'s>(
        &self,
        fields: &Fields<'s>,
        body_values: &'s BodyValues<'_>,
        signature_field: Option<&'s [u8]>,
    ) -> Result<FoundTime<'s>, Rejection> {
        for source in &self.sources {
            let text = match source.place {
                Place::Form(index) => body_values.form(index),
                Place::Header(index) => fields.get(index),
                Place::Json(index) => body_values.json(index),
                Place::SignatureField => signature_field,
            };
            if let Some(text) = text {
                let value = parse(text, source.unit)?;
                return Ok(FoundTime {
                    text: Some(text),
                    value: Some(value),
                    is_covered: source.is_covered,
                });
            }
            if !source.is_optional {
                let problem = TimestampProblem::NotInBody;
                return Err(Rejection::InvalidTimestamp { problem, length: 0 });
            }
        }
        Ok(FoundTime {
            text: None,
            value: None,
            is_covered: false,
        })
    }

    /// The time's text and unit, whether it parses or not: for a diagnosis.
    #[cfg(feature = "diagnose")]
    pub(crate) fn text<'s>(
        &self,
        fields: &Fields<'s>,
        body_values: &'s BodyValues<'_>,
        signature_field: Option<&'s [u8]>,
    ) -> Option<(&'s [u8], TimestampUnit)> {
        self.sources.iter().find_map(|source| {
            let text = match source.place {
                Place::Form(index) => body_values.form(index),
                Place::Header(index) => fields.get(index),
                Place::Json(index) => body_values.json(index),
                Place::SignatureField => signature_field,
            };
            Some((text?, source.unit))
        })
    }
}

/// Digits of the last second of the year 9999; milliseconds have three more.
const MAX_SECOND_DIGITS: usize = 12;
/// Bytes of the longest RFC 3339 text with nine decimals, with room to spare.
const MAX_RFC3339_BYTES: usize = 40;
const LAST_SECOND: i64 = 253_402_300_799;

/// Parses a time's text.
#[inline]
pub(crate) fn parse(text: &[u8], unit: TimestampUnit) -> Result<Timestamp, Rejection> {
    let parsed = match unit {
        TimestampUnit::Iso8601 => core::str::from_utf8(text)
            .ok()
            .filter(|text| text.len() <= MAX_RFC3339_BYTES)
            .and_then(Timestamp::parse_rfc3339)
            .ok_or(TimestampProblem::NotRfc3339),
        TimestampUnit::Milliseconds => number(
            text,
            MAX_SECOND_DIGITS.saturating_add(3),
            LAST_SECOND.saturating_mul(1000).saturating_add(999),
        )
        .map(Timestamp::from_unix_milliseconds),
        TimestampUnit::Seconds => {
            number(text, MAX_SECOND_DIGITS, LAST_SECOND).map(Timestamp::from_unix_seconds)
        }
    };
    parsed.map_err(|problem| Rejection::InvalidTimestamp {
        problem,
        length: text.len(),
    })
}

/// A plain number: digits only, no leading zero, within `most`.
fn number(text: &[u8], most_digits: usize, most: i64) -> Result<i64, TimestampProblem> {
    // Digits and value in one walk; what wraps is too long and refused below.
    let (value, is_plain) = text
        .iter()
        .fold((0, true), |(value, is_plain): (i64, bool), byte| {
            let digit = byte.wrapping_sub(b'0');
            let value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
            (value, is_plain & (digit <= 9))
        });
    if !is_plain || matches!(text, [] | [b'0', _, ..]) {
        return Err(TimestampProblem::NotDigits);
    }
    if text.len() > most_digits {
        return Err(TimestampProblem::OutOfRange);
    }
    if value <= most {
        Ok(value)
    } else {
        Err(TimestampProblem::OutOfRange)
    }
}

/// Judges a signed time: exactly the limit passes, nothing is rounded.
#[inline]
pub(super) fn judge(
    time: &Signed<Timestamp>,
    now: Timestamp,
    window: Window,
) -> Result<(), Rejection> {
    let skew = now.since(*time.get());
    let limit = |seconds: Option<u32>| seconds.map(|seconds| Duration::seconds(i64::from(seconds)));
    match (limit(window.past_s), limit(window.future_s)) {
        (Some(limit), _) if skew > limit => Err(Rejection::TimestampSkew { skew, limit }),
        (_, Some(limit)) if skew < Duration::ZERO.saturating_sub(limit) => {
            Err(Rejection::TimestampSkew { skew, limit })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_strict() {
        for text in ["0", "1", "1700000000", "253402300799"] {
            assert!(
                parse(text.as_bytes(), TimestampUnit::Seconds).is_ok(),
                "{text}"
            );
        }
        for text in [
            "",
            "+5",
            "-5",
            "-0",
            "00",
            "01",
            "1e9",
            "1.0",
            "1 ",
            " 1",
            "1x",
            "0x1",
            "१",
            "-9223372036854775808",
            "9223372036854775808",
            "253402300800",
            "100000000000000000000",
            "1700000000000",
        ] {
            assert!(
                parse(text.as_bytes(), TimestampUnit::Seconds).is_err(),
                "{text}"
            );
        }
        assert!(parse(b"1700000000000", TimestampUnit::Milliseconds).is_ok());
        assert!(parse(b"253402300800000", TimestampUnit::Milliseconds).is_err());
    }

    #[test]
    fn iso_texts_need_a_zone() {
        for text in [
            "2026-06-18T00:00:00Z",
            "2026-06-18T00:00:00.123456789+02:00",
        ] {
            assert!(
                parse(text.as_bytes(), TimestampUnit::Iso8601).is_ok(),
                "{text}"
            );
        }
        for text in [
            "2026-06-18T00:00:00",
            "2026-06-18",
            "1700000000",
            "2026-06-18T00:00:00Z ",
            "2026-13-18T00:00:00Z",
            "2026-06-18T00:00:00.Z",
        ] {
            assert!(
                parse(text.as_bytes(), TimestampUnit::Iso8601).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn exactly_the_limit_passes() {
        let now = Timestamp::from_unix_milliseconds(1_000_000);
        let judged = |ms| {
            judge(
                &Signed::new(Timestamp::from_unix_milliseconds(ms)),
                now,
                Window::new(300, 30),
            )
            .is_ok()
        };
        assert!(judged(700_000) && judged(1_030_000));
        assert!(!judged(699_999) && !judged(1_030_001));
        let far = Signed::new(Timestamp::from_unix_seconds(i64::MIN));
        assert!(judge(&far, now, Window::new(u32::MAX, 0)).is_err());
        assert!(judge(&far, now, Window::OFF).is_ok());
    }
}
