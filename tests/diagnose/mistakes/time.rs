//! Mistakes of the time: its text, its unit, its distance from the clock.

use countersign::Timestamp;
use countersign::diagnose::Cause;
use countersign::scheme::TimestampUnit;

use super::super::case::URL;
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("the time printed again", |maker| {
        if !maker.has_time_in_header() {
            return None;
        }
        let text = match maker.scheme.timestamp[0].unit {
            TimestampUnit::Iso8601 => maker.pick(&[
                "2026-06-18T00:00:00Z",
                "2026-06-18T00:00:00.000000Z",
                "2026-06-18T00:00:00.000+00:00",
                "2026-06-18T02:00:00.000+02:00",
            ]),
            _ => maker.pick(&["2026-06-18T00:00:00Z", "2026-06-18T00:00:00.000Z"]),
        };
        maker.genuine(Cause::TimestampReformatted).with_time(text)
    }),
    ("milliseconds of the time lost", |maker| {
        if !maker.has_time_in_header() || maker.scheme.timestamp[0].unit != TimestampUnit::Iso8601 {
            return None;
        }
        let after = i64::try_from(maker.random.below(999) + 1).unwrap();
        let at = Timestamp::from_unix_milliseconds(1_781_740_800_000 + after);
        let secret = maker.secret();
        let body = maker.event();
        let scheme = maker.scheme.clone();
        let cause = Cause::TimestampReformatted;
        let made = maker.signed_at(&scheme, secret, body.as_bytes(), URL, at, cause)?;
        made.with_time("2026-06-18T00:00:00Z")
    }),
    ("the time in another unit on its way", |maker| {
        if !maker.has_time_in_header() {
            return None;
        }
        let text = match maker.scheme.timestamp[0].unit {
            TimestampUnit::Seconds => "1781740800000",
            TimestampUnit::Milliseconds => "1781740800",
            _ => return None,
        };
        maker.genuine(Cause::TimestampUnit).with_time(text)
    }),
    ("the time in another unit from the sender", |maker| {
        let unit = match maker.scheme.timestamp.first()?.unit {
            TimestampUnit::Seconds => TimestampUnit::Milliseconds,
            TimestampUnit::Milliseconds => TimestampUnit::Seconds,
            _ => return None,
        };
        if !maker.covers_time() {
            return None;
        }
        let mut sender = maker.scheme.clone();
        sender.timestamp.to_mut()[0].unit = unit;
        let secret = maker.secret();
        let body = maker.event();
        maker.signed_by(&sender, secret, body.as_bytes(), URL, Cause::TimestampUnit)
    }),
    ("too old", |maker| {
        let past = i64::from(maker.scheme.window.past_s?);
        maker.scheme.timestamp.first()?;
        let mut made = maker.genuine(Cause::StaleDelivery);
        made.at = Timestamp::from_unix_seconds(
            1_781_740_801 + past + i64::try_from(maker.random.below(100_000)).unwrap(),
        );
        Some(made)
    }),
    ("from the future", |maker| {
        let future = i64::from(maker.scheme.window.future_s?);
        maker.scheme.timestamp.first()?;
        let mut made = maker.genuine(Cause::ClockDrift);
        made.at = Timestamp::from_unix_seconds(
            1_781_740_799 - future - i64::try_from(maker.random.below(100_000)).unwrap(),
        );
        Some(made)
    }),
];
