//! What the time's text may have been for the sender.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use time::{OffsetDateTime, Weekday};

use super::super::cause::Cause;
use super::Row;
use crate::Timestamp;

const UNIT: &str = "The sender signs the time in another unit than the one that arrives. Sign and verify the header's text as it was sent, and convert only after the signature matched.";
const FORMAT: &str = "The time's text was parsed and printed again. Sign the text of the header as it was sent, byte for byte, and parse it only after the signature matched.";

/// The rows, those of plain numbers first.
pub(in super::super) const ROWS: &[Row] = &[
    row(Cause::TimestampUnit, "seconds", UNIT, |text, _| {
        digits(text, |at| number(at, 1))
    }),
    row(Cause::TimestampUnit, "milliseconds", UNIT, |text, _| {
        digits(text, |at| number(at, 1000))
    }),
    row(Cause::TimestampUnit, "microseconds", UNIT, |text, way| {
        digits(text, |at| {
            number(at, if way == 0 { 1_000_000 } else { 1_000_000_000 })
        })
    })
    .ways(2),
    row(
        Cause::TimestampReformatted,
        "ISO 8601 without fraction",
        FORMAT,
        |text, way| iso(text, 0, way),
    )
    .ways(ZONES),
    row(
        Cause::TimestampReformatted,
        "ISO 8601 with milliseconds",
        FORMAT,
        |text, way| iso(text, 3, way),
    )
    .ways(ZONES),
    row(
        Cause::TimestampReformatted,
        "ISO 8601 with microseconds",
        FORMAT,
        |text, way| iso(text, 6, way),
    )
    .ways(ZONES),
    row(
        Cause::TimestampReformatted,
        "ISO 8601 with nanoseconds",
        FORMAT,
        |text, way| iso(text, 9, way),
    )
    .ways(ZONES),
    row(
        Cause::TimestampReformatted,
        "ISO 8601 with as many decimals as needed",
        FORMAT,
        |text, _| Some(parse(text)?.0.to_string().into_bytes()),
    ),
    row(
        Cause::TimestampReformatted,
        "Unix seconds",
        FORMAT,
        |text, _| (!is_digits(text)).then(|| Some(number(parse(text)?.0, 1)?.into_bytes()))?,
    ),
    row(
        Cause::TimestampReformatted,
        "Unix milliseconds",
        FORMAT,
        |text, _| (!is_digits(text)).then(|| Some(number(parse(text)?.0, 1000)?.into_bytes()))?,
    ),
    row(
        Cause::TimestampReformatted,
        "seconds with decimals",
        FORMAT,
        |text, way| {
            let at = parse(text)?.0;
            let milliseconds = at.subsecond_nanoseconds() / 1_000_000;
            Some(
                match way {
                    0 => alloc::format!("{}.0", at.unix_seconds()),
                    1 => alloc::format!("{}.{milliseconds:03}", at.unix_seconds()),
                    _ => alloc::format!(
                        "{}.{:06}",
                        at.unix_seconds(),
                        at.subsecond_nanoseconds() / 1000
                    ),
                }
                .into_bytes(),
            )
        },
    )
    .ways(3),
    row(
        Cause::TimestampReformatted,
        "HTTP date",
        FORMAT,
        |text, way| http_date(parse(text)?.0, if way == 0 { "GMT" } else { "+0000" }),
    )
    .ways(2),
    row(
        Cause::TimestampReformatted,
        "milliseconds that were lost",
        FORMAT,
        |text, way| {
            let (at, has_fraction) = parse(text)?;
            if has_fraction || (is_digits(text) && text.len() > SECOND_DIGITS) {
                return None;
            }
            let way = i64::from(way);
            if is_digits(text) {
                return Some(alloc::format!("{}{way:03}", at.unix_seconds()).into_bytes());
            }
            let whole = at.to_string();
            Some(alloc::format!("{}.{way:03}Z", whole.trim_end_matches('Z')).into_bytes())
        },
    )
    .ways(1000),
];

const fn row(cause: Cause, form: &'static str, fix: &'static str, change: super::Change) -> Row {
    Row::new(cause, form, fix, change).group(1)
}

/// Ways to write the zone UTC, and what stands between day and hour.
const ZONES: u16 = 5;
/// Digits of Unix seconds up to the year 5138; milliseconds have three more.
const SECOND_DIGITS: usize = 11;

fn is_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// The moment of a text in any form that is known, and whether it has a fraction.
pub(in super::super) fn parse(text: &[u8]) -> Option<(Timestamp, bool)> {
    let text = core::str::from_utf8(text).ok()?;
    if is_digits(text.as_bytes()) {
        let number: i64 = text.parse().ok()?;
        let (per_second, unit) = match text.len() {
            0..=SECOND_DIGITS => (1, 1_000_000_000),
            12..=14 => (1000, 1_000_000),
            15..=17 => (1_000_000, 1000),
            _ => (1_000_000_000, 1),
        };
        let nanoseconds = number.rem_euclid(per_second).saturating_mul(unit);
        let at = Timestamp::from_unix_seconds(number.div_euclid(per_second));
        return Some((
            at.saturating_add(time::Duration::nanoseconds(nanoseconds)),
            per_second > 1,
        ));
    }
    let has_fraction = text.contains('.');
    if let Some((whole, part)) = text.split_once('.')
        && is_digits(whole.as_bytes())
        && is_digits(part.as_bytes())
        && part.len() <= 9
    {
        let nanoseconds = alloc::format!("{part:0<9}").parse().ok()?;
        let at = Timestamp::from_unix_seconds(whole.parse().ok()?);
        return Some((
            at.saturating_add(time::Duration::nanoseconds(nanoseconds)),
            true,
        ));
    }
    let with_t = text.replacen(' ', "T", 1);
    let zoned = Timestamp::parse_rfc3339(&with_t);
    let at = zoned.or_else(|| Timestamp::parse_rfc3339(&alloc::format!("{with_t}Z")))?;
    Some((at, has_fraction))
}

fn digits(text: &[u8], print: impl Fn(Timestamp) -> Option<String>) -> Option<Vec<u8>> {
    if !is_digits(text) {
        return None;
    }
    Some(print(parse(text)?.0)?.into_bytes())
}

/// The moment in units of which a second has so many.
fn number(at: Timestamp, per_second: i64) -> Option<String> {
    let fraction = i64::from(at.subsecond_nanoseconds())
        .checked_div(1_000_000_000_i64.checked_div(per_second)?)?;
    let number = at
        .unix_seconds()
        .checked_mul(per_second)?
        .checked_add(fraction)?;
    Some(alloc::format!("{number}"))
}

/// ISO 8601 with exactly so many decimals, and one of the ways to write UTC.
fn iso(text: &[u8], decimals: usize, way: u16) -> Option<Vec<u8>> {
    let (at, _) = parse(text)?;
    let whole = Timestamp::from_unix_seconds(at.unix_seconds()).to_string();
    let whole = whole.trim_end_matches('Z');
    let nanoseconds = alloc::format!("{:09}", at.subsecond_nanoseconds());
    let fraction = match decimals {
        0 => String::new(),
        _ => alloc::format!(".{}", nanoseconds.get(..decimals)?),
    };
    let (separator, zone) = *[
        ("T", "Z"),
        ("T", "+00:00"),
        (" ", "Z"),
        ("T", ""),
        (" ", ""),
    ]
    .get(usize::from(way))?;
    Some(alloc::format!("{}{fraction}{zone}", whole.replacen('T', separator, 1)).into_bytes())
}

/// The date as HTTP headers have it.
fn http_date(at: Timestamp, zone: &str) -> Option<Vec<u8>> {
    let moment = OffsetDateTime::from_unix_timestamp(at.unix_seconds()).ok()?;
    let day = match moment.weekday() {
        Weekday::Monday => "Mon",
        Weekday::Tuesday => "Tue",
        Weekday::Wednesday => "Wed",
        Weekday::Thursday => "Thu",
        Weekday::Friday => "Fri",
        Weekday::Saturday => "Sat",
        Weekday::Sunday => "Sun",
    };
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = months.get(usize::from(u8::from(moment.month()).checked_sub(1)?))?;
    let (hour, minute, second) = moment.to_hms();
    Some(
        alloc::format!(
            "{day}, {:02} {month} {:04} {hour:02}:{minute:02}:{second:02} {zone}",
            moment.day(),
            moment.year()
        )
        .into_bytes(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::undoes;
    use super::*;

    /// Every row, by an example: the time that arrived, and the signed one.
    #[test]
    fn each_row_undoes_its_mistake() {
        let examples: &[(&str, &str, &str)] = &[
            ("seconds", "1781740800123", "1781740800"),
            ("milliseconds", "1781740800", "1781740800000"),
            ("microseconds", "1781740800123", "1781740800123000"),
            (
                "ISO 8601 without fraction",
                "2026-06-18T00:00:00.000Z",
                "2026-06-18T00:00:00Z",
            ),
            (
                "ISO 8601 with milliseconds",
                "2026-06-18T00:00:00Z",
                "2026-06-18T00:00:00.000Z",
            ),
            (
                "ISO 8601 with microseconds",
                "2026-06-18T00:00:00.25Z",
                "2026-06-18T00:00:00.250000+00:00",
            ),
            (
                "ISO 8601 with nanoseconds",
                "1781740800",
                "2026-06-18T00:00:00.000000000Z",
            ),
            (
                "ISO 8601 with as many decimals as needed",
                "2026-06-18T00:00:00.250Z",
                "2026-06-18T00:00:00.25Z",
            ),
            ("Unix seconds", "2026-06-18T00:00:00.000Z", "1781740800"),
            (
                "Unix milliseconds",
                "2026-06-18T02:00:00.007+02:00",
                "1781740800007",
            ),
            ("seconds with decimals", "1781740800", "1781740800.0"),
            ("HTTP date", "1781740800", "Thu, 18 Jun 2026 00:00:00 GMT"),
            (
                "milliseconds that were lost",
                "2026-06-18T00:00:00Z",
                "2026-06-18T00:00:00.123Z",
            ),
        ];
        undoes(ROWS, examples);
    }
}
