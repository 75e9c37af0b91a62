//! The server's time, as it was last told.

use core::time::Duration;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A fresh claim takes the server's time as its fence. With a time that was told just
/// before, it needs no script to read it.
///
/// It may be behind the server's clock by [`RECENT`]. That is enough for a key whose last
/// record has ended: its holder's fence is older by a whole retention.
#[derive(Default)]
pub(super) struct ServerTime(Mutex<Option<Told>>);

#[derive(Clone, Copy)]
struct Told {
    micros: u64,
    asked: Instant,
    /// When somebody was last sent to ask.
    sent: Instant,
}

const RECENT: Duration = Duration::from_millis(100);
/// One claim in so long asks anew, while the others go on with what was told.
const ASKED_EVERY: Duration = Duration::from_millis(25);
/// With a shorter retention each claim asks: clocks of a cluster's nodes differ too.
const SHORTEST_RETENTION: Duration = Duration::from_secs(1);

impl ServerTime {
    /// In µs since 1970, if it was told just before; `None` to who shall ask.
    pub(super) fn recent(&self, now: Instant, retention: Duration) -> Option<u64> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = last.as_mut()?;
        let since = |moment| now.saturating_duration_since(moment);
        if since(told.asked) >= RECENT || retention < SHORTEST_RETENTION {
            return None;
        }
        if since(told.sent) >= ASKED_EVERY {
            told.sent = now;
            return None;
        }
        Some(told.micros)
    }

    /// What a server said that was asked at this moment.
    pub(super) fn tell(&self, micros: u64, asked: Instant) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.asked < asked) {
            *last = Some(Told {
                micros,
                asked,
                sent: asked,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    /// Told 7 at this moment.
    fn told() -> (ServerTime, Instant) {
        let (time, now) = (ServerTime::default(), Instant::now());
        time.tell(7, now);
        (time, now)
    }

    #[test]
    fn nothing_was_told_at_first() {
        assert_eq!(ServerTime::default().recent(Instant::now(), HOUR), None);
    }

    #[test]
    fn what_was_just_told_is_used_but_for_a_short_retention() {
        let (time, now) = told();
        assert_eq!(time.recent(now, HOUR), Some(7));
        assert_eq!(time.recent(now, SHORTEST_RETENTION), Some(7));
        assert_eq!(time.recent(now, SHORTEST_RETENTION / 2), None);
    }

    #[test]
    fn one_is_sent_to_ask_while_the_others_go_on() {
        let (time, now) = told();
        for due in [now + ASKED_EVERY, now + 2 * ASKED_EVERY] {
            assert_eq!(time.recent(due, HOUR), None);
            assert_eq!(time.recent(due, HOUR), Some(7));
        }
    }

    #[test]
    fn what_is_old_is_used_by_nobody() {
        let (time, now) = told();
        assert_eq!(time.recent(now + RECENT, HOUR), None);
        assert_eq!(time.recent(now + RECENT, HOUR), None);
    }

    #[test]
    fn an_answer_that_comes_late_replaces_no_later_one() {
        let (time, now) = told();
        time.tell(5, now.checked_sub(RECENT).unwrap());
        assert_eq!(time.recent(now, HOUR), Some(7));
        time.tell(8, now + ASKED_EVERY);
        assert_eq!(time.recent(now + ASKED_EVERY, HOUR), Some(8));
    }
}
