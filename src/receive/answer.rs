//! The one table from a code to the answer that a sender gets.

use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use super::builder::DuplicateAnswer;
use super::{Event, Receipt, Reply, Situation};
use crate::scheme::{Sender, SuccessAnswer};
use crate::store::Outcome;
use crate::{Answer, Code, Rejection};

/// How this receiver answers its sender.
pub(super) struct Answers {
    pub(super) success: SuccessAnswer,
    pub(super) retry: u16,
    pub(super) duplicate: DuplicateAnswer,
    pub(super) replies: Option<Replies>,
}

/// The user's reply function.
pub(super) type Replies = Arc<dyn Fn(&Event, Situation) -> Reply + Send + Sync>;

/// Asked of a sender where nothing better is known: long enough for a restart.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl Answers {
    pub(super) const fn new(
        sender: &Sender,
        duplicate: DuplicateAnswer,
        replies: Option<Replies>,
    ) -> Self {
        Self {
            success: sender.success,
            retry: sender.retry_status,
            duplicate,
            replies,
        }
    }

    /// The handler's own answer.
    pub(super) const fn success(&self, reply: Reply) -> Receipt {
        let status = match (self.success, reply.wished_status()) {
            (SuccessAnswer::Any2xx, Some(status @ 200..=299)) => status,
            (success, _) => success.status(),
        };
        receipt(status, None, reply, None)
    }

    /// The handler refused the event for good.
    pub(super) fn refused(&self, event: &Event) -> Receipt {
        self.success(self.reply(event, Situation::Refused))
    }

    /// The event failed too often, and was put aside.
    pub(super) fn dead_lettered(&self, event: &Event) -> Receipt {
        self.of(
            Code::EventDeadLettered,
            None,
            self.reply(event, Situation::Refused),
        )
    }

    /// Done before; with the reply that was kept, if one was.
    pub(super) fn duplicate(
        &self,
        event: &Event,
        outcome: Outcome,
        kept: Option<Reply>,
    ) -> Receipt {
        let reply = kept.unwrap_or_else(|| self.reply(event, Situation::Duplicate { outcome }));
        self.of(Code::DuplicateEventId, None, reply)
    }

    /// Done before, with another body.
    pub(super) fn reused(&self, event: &Event) -> Receipt {
        self.of(
            Code::EventIdReused,
            None,
            self.reply(event, Situation::Reused),
        )
    }

    /// The sender is to retry, after `wait` if that is known.
    pub(super) fn retry(&self, event: &Event, code: Code, wait: Option<Duration>) -> Receipt {
        self.of(code, wait, self.reply(event, Situation::Retry { code }))
    }

    /// A challenge was answered.
    pub(super) const fn challenged(&self, reply: Reply) -> Receipt {
        let mut receipt = self.success(reply);
        receipt.code = Some(Code::ChallengeAnswered);
        receipt
    }

    /// The verifier refused it. Whoever sent it learns nothing but the status.
    pub(super) fn rejected(&self, rejection: Rejection) -> Receipt {
        Receipt {
            rejection: Some(rejection),
            ..self.of(rejection.code(), None, Reply::empty())
        }
    }

    /// The task that processed the event was torn down with its runtime.
    pub(super) fn torn_down(&self) -> Receipt {
        self.of(Code::CompletionUnknown, None, Reply::empty())
    }

    fn of(&self, code: Code, wait: Option<Duration>, reply: Reply) -> Receipt {
        let (status, wait) = match code.answer() {
            Answer::Retry => (self.retry, Some(wait.unwrap_or(RETRY_AFTER))),
            Answer::Status(_) if code == Code::DuplicateEventId => match self.duplicate {
                DuplicateAnswer::Conflict => (409, None),
                DuplicateAnswer::Success => (self.success.status(), None),
            },
            Answer::Status(200..=299) => (self.success.status(), None),
            Answer::Status(status) => (status, None),
            // Codes of our own configuration never get here; a fault of ours is a 500.
            Answer::None => (500, None),
        };
        receipt(status, wait.map(whole_seconds), reply, Some(code))
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

const fn receipt(
    status: u16,
    retry_after_s: Option<u32>,
    reply: Reply,
    code: Option<Code>,
) -> Receipt {
    Receipt {
        status,
        retry_after_s,
        reply,
        code,
        rejection: None,
        store_error: None,
        handler_error: None,
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
    use super::*;
    use crate::scheme::UNDOCUMENTED_SENDER;

    /// Every code that a request can come to, and no answer that was not meant:
    /// above all no 410, which disables endpoints, and no 2xx but for what is done.
    #[test]
    fn each_code_has_its_answer() {
        let answers = Answers::new(&UNDOCUMENTED_SENDER, DuplicateAnswer::Success, None);
        for code in Code::ALL.iter().copied() {
            let receipt = answers.of(code, None, Reply::empty());
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
