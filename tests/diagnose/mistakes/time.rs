//! Mistakes of the time: its text, its unit, its distance from the clock.

use countersign::Timestamp;
use countersign::diagnose::Cause;
use countersign::scheme::TimestampUnit;

use super::super::case::{Sent, URL};
use super::Row;

pub(super) const ROWS: &[Row] = &[
    ("the time printed again", |maker| {
        let name = maker.covers_header_time()?;
        if maker.scheme.timestamp[0].unit != TimestampUnit::Iso8601 {
            return None;
        }
        let mut made = maker.genuine(Cause::TimestampReformatted);
        let text = maker.pick(&[
            "2026-06-18T00:00:00Z",
            "2026-06-18T00:00:00.000000Z",
            "2026-06-18T00:00:00.000+00:00",
            "2026-06-18T02:00:00.000+02:00",
        ]);
        *made.sent.header(&name) = text.into();
        Some(made)
    }),
    ("milliseconds of the time lost", |maker| {
        let name = maker.covers_header_time()?;
        if maker.scheme.timestamp[0].unit != TimestampUnit::Iso8601 {
            return None;
        }
        let secret = maker.secret();
        let body = maker.event();
        let scheme = maker.scheme.clone();
        let at = Timestamp::from_unix_milliseconds(
            1_781_740_800_000 + i64::try_from(maker.random.below(999) + 1).unwrap(),
        );
        let sent = Sent::by(&scheme, &secret, body.as_bytes(), URL, at)?;
        let mut made = maker.signed_by(
            &scheme,
            secret,
            body.as_bytes(),
            URL,
            Cause::TimestampReformatted,
        )?;
        made.sent = sent;
        *made.sent.header(&name) = "2026-06-18T00:00:00Z".into();
        Some(made)
    }),
    ("the time in another unit on its way", |maker| {
        let name = maker.covers_header_time()?;
        let text = match maker.scheme.timestamp[0].unit {
            TimestampUnit::Seconds => "1781740800000",
            TimestampUnit::Milliseconds => "1781740800",
            _ => return None,
        };
        let mut made = maker.genuine(Cause::TimestampUnit);
        *made.sent.header(&name) = text.into();
        Some(made)
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
