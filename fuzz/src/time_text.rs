//! A timestamp's text in each unit, judged by a strict reader of its own.

use std::sync::OnceLock;

use countersign::scheme::{Scheme, TimestampUnit};
use countersign::{Delivery, KeyRing, Outgoing, Secret, Signer, Timestamp, Verifier};

use super::Reached;
use super::input::Input;
use super::oracle::{UTF8_SECRET, hex, mac, number};

pub static REACHED: Reached = Reached::new();

const LAST_SECOND: u128 = 253_402_300_799;
const UNITS: [TimestampUnit; 3] = [
    TimestampUnit::Seconds,
    TimestampUnit::Milliseconds,
    TimestampUnit::Iso8601,
];

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let unit = usize::from(input.byte()) % UNITS.len();
    let text = input.rest();
    let (verifier, signer) = &pairs()[unit];

    // Header values are taken without the white space around them.
    let signed = text.trim_ascii();
    let signature = hex(&mac(&[signed, b".", b"{}"]));
    let headers = [("x-time", text), ("x-signature", signature.as_bytes())];
    let delivery = Delivery::new(&headers, b"{}");
    let verdict = verifier.verify(&delivery, Timestamp::EPOCH);
    let shown = text.escape_ascii().to_string();

    let expected = read(signed, UNITS[unit]);
    let found = verdict.as_ref().ok().map(|verified| {
        let time = *verified.timestamp().expect("a signed time").get();
        (time.unix_seconds(), time.subsecond_nanoseconds())
    });
    assert_eq!(found, expected, "{:?} {shown:?}", UNITS[unit]);
    REACHED.note(verdict.is_ok());

    if let Ok(verified) = &verdict {
        let time = *verified.timestamp().unwrap().get();
        // What the signer writes for this moment is this moment, to its own precision.
        if time.unix_seconds() >= 0 {
            let delivery = signer.sign(&Outgoing::new(b"{}"), time).unwrap();
            let delivery = delivery.as_delivery();
            let again = verifier.verify(&delivery, Timestamp::EPOCH);
            let again = *again.expect("its own text").timestamp().unwrap().get();
            assert_eq!(again.unix_seconds(), time.unix_seconds(), "{shown:?}");
            let shown = time.to_string();
            assert_eq!(Timestamp::parse_rfc3339(&shown), Some(time), "{shown}");
        }
    }
}

fn pairs() -> &'static [(Verifier, Signer); 3] {
    static PAIRS: OnceLock<[(Verifier, Signer); 3]> = OnceLock::new();
    PAIRS.get_or_init(|| {
        UNITS.map(|unit| {
            let scheme = Scheme::builder("fuzz", "Fuzz")
                .signature_header("x-signature")
                .content("{timestamp}.{body}")
                .timestamp_header("x-time", unit)
                .build()
                .unwrap();
            let secret = Secret::new("fuzz", UTF8_SECRET).unwrap();
            let ring = KeyRing::new().with_secret(secret.clone()).unwrap();
            (
                Verifier::new(scheme.clone(), &ring).unwrap(),
                Signer::new(scheme, &secret).unwrap(),
            )
        })
    })
}

/// Seconds and nanoseconds, read strictly.
fn read(text: &[u8], unit: TimestampUnit) -> Option<(i64, u32)> {
    match unit {
        TimestampUnit::Seconds => number(text, LAST_SECOND).map(|seconds| (seconds, 0)),
        TimestampUnit::Milliseconds => number(text, LAST_SECOND * 1000 + 999).map(|value| {
            (
                value / 1000,
                u32::try_from(value % 1000 * 1_000_000).unwrap(),
            )
        }),
        _ => rfc3339(text),
    }
}

/// RFC 3339, section 5.6, with a zone and upper-case or lower-case `T` and `Z`.
fn rfc3339(text: &[u8]) -> Option<(i64, u32)> {
    if text.len() > 40 {
        return None;
    }
    let (date_time, rest) = text.split_at_checked(19)?;
    let digits = |range: core::ops::Range<usize>| decimal(&date_time[range]);
    let separators = [4, 7, 10, 13, 16].map(|at| date_time[at].to_ascii_uppercase());
    if separators != *b"--T::" {
        return None;
    }
    let (year, month, day) = (digits(0..4)?, digits(5..7)?, digits(8..10)?);
    let (hour, minute, second) = (digits(11..13)?, digits(14..16)?, digits(17..19)?);
    if !(1..=12).contains(&month) || day < 1 || day > month_length(year, month) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }

    let (mut nanos, mut zone) = (0, rest);
    if let Some(after) = rest.strip_prefix(b".") {
        let count = after.iter().take_while(|b| b.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        let nine: Vec<u8> = after[..count]
            .iter()
            .copied()
            .chain([b'0'; 9])
            .take(9)
            .collect();
        nanos = u32::try_from(decimal(&nine)?).unwrap();
        zone = &after[count..];
    }
    let offset = match zone {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (decimal(&[*h1, *h2])?, decimal(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = hours * 3600 + minutes * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    // A leap second is the last moment of a month in UTC, and is held just before its end.
    let is_leap = second == 60;
    let local = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second.min(59);
    let seconds = local - offset;
    if is_leap {
        let next = (seconds + 1).div_euclid(86_400);
        if (seconds + 1).rem_euclid(86_400) != 0 || !is_first_of_month(next, year) {
            return None;
        }
        nanos = 999_999_999;
    }
    // What the years 0 to 9999 of UTC do not hold has no text there.
    (-62_167_219_200..=253_402_300_799)
        .contains(&seconds)
        .then_some((seconds, nanos))
}

fn decimal(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit()
            .then(|| value * 10 + i64::from(byte - b'0'))
    })
}

fn is_leap_year(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01, counted month by month.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let whole_years: i64 = (0..year).map(|y| 365 + i64::from(is_leap_year(y))).sum();
    let whole_months: i64 = (1..month).map(|m| month_length(year, m)).sum();
    whole_years + whole_months + day - 1 - 719_528
}

fn is_first_of_month(wanted: i64, near: i64) -> bool {
    (near - 1..=near + 1).any(|year| (1..=12).any(|month| days(year, month, 1) == wanted))
}
