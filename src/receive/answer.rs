//! The one table from a code to the answer that a sender gets.

use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use super::status::{Statuses, is_success};
use super::{Event, Receipt, Reply, Situation};
use crate::store::Outcome;
use crate::{Answer, Code, Rejection};

/// How this receiver answers its sender.
pub(super) struct Answers {
    pub(super) statuses: Statuses,
    pub(super) replies: Option<Replies>,
}

/// The user's reply function.
pub(super) type Replies = Arc<dyn Fn(&Event, Situation) -> Reply + Send + Sync>;

/// Asked of a sender where nothing better is known: long enough for a restart.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl Answers {
    /// The handler's own answer.
    pub(super) fn success(&self, reply: Reply) -> Receipt {
        let wished = reply.wished_status();
        self.statuses.wished(self.of(None, None, reply), wished)
    }

    /// The handler refused the event for good.
    pub(super) fn refused(&self, event: &Event) -> Receipt {
        let reply = self.reply(event, Situation::Refused);
        self.of(Some(Code::EventRefused), None, reply)
    }

    /// The event failed too often, and was put aside.
    pub(super) fn dead_lettered(&self, event: &Event) -> Receipt {
        let reply = self.reply(event, Situation::Refused);
        self.of(Some(Code::EventDeadLettered), None, reply)
    }

    /// Done before; with the reply that was kept, if one was.
    pub(super) fn duplicate(
        &self,
        event: &Event,
        outcome: Outcome,
        kept: Option<Reply>,
    ) -> Receipt {
        let reply = kept.unwrap_or_else(|| self.reply(event, Situation::Duplicate { outcome }));
        self.of(Some(Code::DuplicateEventId), None, reply)
    }

    /// Done before, with another body.
    pub(super) fn reused(&self, event: &Event) -> Receipt {
        let reply = self.reply(event, Situation::Reused);
        self.of(Some(Code::EventIdReused), None, reply)
    }

    /// The sender is to retry, after `wait` if that is known.
    pub(super) fn retry(&self, event: &Event, code: Code, wait: Option<Duration>) -> Receipt {
        let reply = self.reply(event, Situation::Retry { code });
        self.of(Some(code), wait, reply)
    }

    /// A challenge was answered.
    pub(super) fn challenged(&self, reply: Reply) -> Receipt {
        let wished = reply.wished_status();
        let receipt = self.of(Some(Code::ChallengeAnswered), None, reply);
        self.last_word(self.statuses.wished(receipt, wished))
    }

    /// The verifier refused it. Whoever sent it learns nothing but the status.
    pub(super) fn rejected(&self, rejection: Rejection) -> Receipt {
        self.last_word(Receipt {
            rejection: Some(rejection),
            ..self.of(Some(rejection.code()), None, Reply::empty())
        })
    }

    /// Its body could not be written to the spool.
    pub(super) fn unspooled(&self) -> Receipt {
        self.undecided(Code::SpoolUnavailable)
    }

    /// The task that processed the event was torn down with its runtime.
    pub(super) fn torn_down(&self) -> Receipt {
        self.undecided(Code::CompletionUnknown)
    }

    /// The sender is to retry, and no reply says so: the status has to.
    fn undecided(&self, code: Code) -> Receipt {
        let mut receipt = self.last_word(self.of(Some(code), None, Reply::empty()));
        if is_success(receipt.status) {
            receipt.status = 503;
            receipt.retry_after_s = Some(whole_seconds(RETRY_AFTER));
        }
        receipt
    }

    /// The receipt of a processed event, when all that it tells is known.
    pub(super) fn last_word(&self, receipt: Receipt) -> Receipt {
        self.statuses.last_word(receipt)
    }

    fn of(&self, code: Option<Code>, wait: Option<Duration>, reply: Reply) -> Receipt {
        let retry_after = match code.map(Code::answer) {
            Some(Answer::Retry) => Some(whole_seconds(wait.unwrap_or(RETRY_AFTER))),
            _ => None,
        };
        Receipt {
            status: self.statuses.of(code),
            retry_after_s: retry_after,
            reply,
            code,
            rejection: None,
            store_error: None,
            handler_error: None,
        }
    }

    fn reply(&self, event: &Event, situation: Situation) -> Reply {
        self.replies
            .as_ref()
            .map_or_else(Reply::empty, |replies| replies(event, situation))
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

/// Rounded up, at least one: a sender that comes back too early only meets the same answer.
fn whole_seconds(wait: Duration) -> u32 {
    let seconds = wait.as_secs();
    let seconds = if wait.subsec_nanos() == 0 {
        seconds
    } else {
        seconds.saturating_add(1)
    };
    u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::scheme::UNDOCUMENTED_SENDER;

    /// Every code that a request can come to, and no answer that was not meant:
    /// above all no 410, which disables endpoints, and no 2xx but for what is done.
    #[test]
    fn each_code_has_its_answer() {
        let answers = Answers {
            statuses: Statuses::new(&UNDOCUMENTED_SENDER, Vec::new(), None).unwrap(),
            replies: None,
        };
        for code in Code::ALL.iter().copied() {
            let receipt = answers.of(Some(code), None, Reply::empty());
            assert_eq!(receipt.code(), Some(code));
            assert!(receipt.body().is_empty());
            let wanted = match code.answer() {
                Answer::Retry => (503, Some(5)),
                Answer::Status(status) => (status, None),
                Answer::None => (500, None),
            };
            assert_eq!(
                (receipt.status(), receipt.retry_after_s()),
                wanted,
                "{code}"
            );
            assert_ne!(receipt.status(), 410);
            if receipt.status() < 400 {
                assert!(matches!(
                    code,
                    Code::ChallengeAnswered
                        | Code::DuplicateEventId
                        | Code::EventDeadLettered
                        | Code::EventIdReused
                        | Code::EventRefused
                ));
            }
        }
    }

    #[test]
    fn waits_are_rounded_up_and_never_zero() {
        for (milliseconds, seconds) in [(0, 1), (1, 1), (1000, 1), (1001, 2), (59_999, 60)] {
            assert_eq!(whole_seconds(Duration::from_millis(milliseconds)), seconds);
        }
        assert_eq!(whole_seconds(Duration::MAX), u32::MAX);
    }
}
