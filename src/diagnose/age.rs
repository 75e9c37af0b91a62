//! Deliveries whose signature matches, or would, and whose time does not pass.

use ::time::Duration;

use super::case::{Case, explained};
use super::cause::Cause;
use super::finding::{Finding, Mistake, Unexplained};
use super::hypothesis::{secret, time};
use super::search::Proof;
use crate::scheme::{TimestampUnit, Window};
use crate::{Code, Rejection, Timestamp};

impl Case<'_> {
    /// A genuine delivery outside the window.
    pub(super) fn skewed(&self, skew: Duration, limit: Duration) -> Mistake {
        let layout = &self.diagnosis.layout;
        let reading = layout.read(self.delivery.head.headers, self.delivery.body);
        if let Some((text, unit)) = &reading.time
            && let Some((at, _)) = time::parse(text)
            && is_within(at, self.now, self.diagnosis.scheme.window)
        {
            return other_unit(text, *unit);
        }
        outside(skew, limit)
    }

    /// Whether a delivery that a proof makes genuine would be refused for its time too.
    pub(super) fn skew_of(&self, proof: &Proof) -> Option<Mistake> {
        let window = self.diagnosis.scheme.window;
        let (at, _) = time::parse(proof.time.as_deref()?)?;
        let skew = self.now.since(at);
        let past = seconds(window.past_s).filter(|limit| skew > *limit);
        let ahead = Duration::ZERO.saturating_sub(skew);
        let future = seconds(window.future_s).filter(|limit| ahead > *limit);
        Some(outside(skew, past.or(future)?))
    }

    /// A delivery whose signature matches as it is, and which was refused all the same.
    pub(super) fn matches_as_it_is(&self, macs: u32) -> Finding {
        let layout = &self.diagnosis.layout;
        let reading = layout.read(self.delivery.head.headers, self.delivery.body);
        let mistake = match self.rejection {
            None => self.refused_secret(),
            Some(Rejection::InvalidTimestamp { .. }) => {
                reading.time.as_ref().map(|(text, unit)| other_unit(text, *unit))
            }
            Some(Rejection::MalformedSignature { .. } | Rejection::UnsupportedScheme { .. }) => {
                Some(Mistake {
                    cause: Cause::SignaturePrefix,
                    detail: alloc::vec![("prefix", "more than the scheme knows".into())],
                    fix: "The signature is right, and a header announces something beside it that the scheme refuses: another version, a fixed value, or an item of no known form. Set `format` and `require` of the scheme to what the sender writes.".into(),
                })
            }
            // No proof: by its own account the verifier had no such signature or key.
            Some(Rejection::InvalidSignature { .. } | Rejection::MissingHeaders { .. }) => None,
            Some(rejection) => Some(refused_for(rejection.code())),
        };
        match mistake {
            Some(mistake) => explained(mistake, alloc::vec::Vec::new(), true, macs),
            None => Finding::Unexplained(Unexplained {
                ruled_out: alloc::vec::Vec::new(),
                macs,
                is_complete: true,
            }),
        }
    }

    /// A secret that this crate refuses, and that both sides have.
    fn refused_secret(&self) -> Option<Mistake> {
        let rows = secret::ROWS.iter();
        let mut edges = rows.filter(|row| {
            row.ways == 1 && matches!(row.cause, Cause::SecretWhitespace | Cause::SecretQuoted)
        });
        let in_use = &self.diagnosis.in_use;
        let (row, secret) = edges.find_map(|row| {
            let mut secrets = in_use.iter();
            let secret = secrets.find(|secret| row.apply(secret.text(), 0).is_some())?;
            Some((row, secret))
        })?;
        Some(Mistake {
            cause: row.cause,
            detail: alloc::vec![("secret", secret.name().into()), ("form", "the sender has them too".into())],
            fix: "Sender and receiver have the same secret, with blanks or quotes around it that are surely a mistake: this crate refuses it. Set a new one on both sides, without them.".into(),
        })
    }
}

/// That the signature is right, and what the delivery was refused for.
fn refused_for(code: Code) -> Mistake {
    Mistake {
        cause: Cause::SignatureMatches,
        detail: alloc::vec![("code", code.as_str().into())],
        fix: code.next_action().into(),
    }
}

fn seconds(limit: Option<u32>) -> Option<Duration> {
    limit.map(|seconds| Duration::seconds(i64::from(seconds)))
}

fn is_within(at: Timestamp, now: Timestamp, window: Window) -> bool {
    let skew = now.since(at);
    let ahead = Duration::ZERO.saturating_sub(skew);
    seconds(window.past_s).is_none_or(|limit| skew <= limit)
        && seconds(window.future_s).is_none_or(|limit| ahead <= limit)
}

/// That a genuine delivery lies outside the window.
pub(super) fn outside(skew: Duration, limit: Duration) -> Mistake {
    let is_ahead = skew.is_negative();
    let detail = alloc::vec![
        ("skew_s", skew.whole_seconds().into()),
        ("limit_s", limit.whole_seconds().into()),
        (
            "direction",
            (if is_ahead {
                "ahead of the clock"
            } else {
                "old"
            })
            .into()
        ),
        ("deliveries", 1_usize.into()),
    ];
    if is_ahead {
        return Mistake {
            cause: Cause::ClockDrift,
            detail,
            fix: "The delivery is genuine and comes from the future: the receiver's clock is slow. Set it by NTP.".into(),
        };
    }
    Mistake {
        cause: Cause::StaleDelivery,
        detail,
        fix: "The delivery is genuine and old: a replay, a delivery that waited in a queue, or a retry under the first attempt's time. If every delivery is late by about as much, the clock is fast: diagnose several together.".into(),
    }
}

/// That the time is in another unit or form than the scheme's.
fn other_unit(text: &[u8], unit: TimestampUnit) -> Mistake {
    let expected = match unit {
        TimestampUnit::Iso8601 => "ISO 8601",
        TimestampUnit::Milliseconds => "milliseconds",
        TimestampUnit::Seconds => "seconds",
    };
    let is_number = text.iter().all(u8::is_ascii_digit);
    let found = match text.len() {
        _ if !is_number => "another text",
        0..=11 => "seconds",
        12..=14 => "milliseconds",
        _ => "microseconds or nanoseconds",
    };
    let both_numbers = is_number && unit != TimestampUnit::Iso8601;
    Mistake {
        cause: if both_numbers {
            Cause::TimestampUnit
        } else {
            Cause::TimestampReformatted
        },
        detail: alloc::vec![("expected", expected.into()), ("found", found.into())],
        fix: alloc::format!(
            "The sender writes and signs the time as {found}, and the scheme says {expected}. Set `unit` of the scheme's timestamp to what the sender writes, or mend the sender."
        ),
    }
}
