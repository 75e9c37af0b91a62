//! Which status answers which code: the table, what the user chose instead, and what
//! nobody may choose.

use alloc::borrow::Cow;
use alloc::format;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::Receipt;
use crate::scheme::{Sender, SuccessAnswer};
use crate::{Answer, Code, ConfigError};

/// The status for each code.
pub(super) struct Statuses {
    success: SuccessAnswer,
    retry: u16,
    chosen: Vec<(Code, u16)>,
    choose: Option<Choose>,
}

/// The user's function from a receipt to a status.
pub(super) type Choose = Arc<dyn Fn(&Receipt) -> Option<u16> + Send + Sync>;

impl Statuses {
    pub(super) fn new(
        sender: &Sender,
        chosen: Vec<(Code, u16)>,
        choose: Option<Choose>,
    ) -> Result<Self, ConfigError> {
        let statuses = Self {
            success: sender.success,
            retry: sender.retry_status,
            chosen,
            choose,
        };
        for (code, status) in statuses.chosen.iter().copied() {
            if let Some(problem) = statuses.problem(Some(code), status) {
                return Err(ConfigError::UnsafeAnswer {
                    code,
                    status,
                    problem,
                });
            }
        }
        Ok(statuses)
    }

    /// The table's status, or the one chosen for the code. `None`: it was processed.
    pub(super) fn of(&self, code: Option<Code>) -> u16 {
        let Some(code) = code else {
            return self.success.status();
        };
        let chosen = self.chosen.iter().find(|(chosen, _)| *chosen == code);
        match (chosen, code.answer()) {
            (Some((_, status)), _) => *status,
            (None, Answer::Retry) => self.retry,
            (None, Answer::Status(200..=299)) => self.success.status(),
            (None, Answer::Status(status)) => status,
            // Codes of our own configuration never get here; a fault of ours is a 500.
            (None, Answer::None) => 500,
        }
    }

    /// The receipt with another status, if that may answer its code.
    pub(super) fn wished(&self, mut receipt: Receipt, status: Option<u16>) -> Receipt {
        if let Some(status) = status
            && self.problem(receipt.code, status).is_none()
        {
            receipt.status = status;
        }
        receipt
    }

    /// The receipt, when all that it tells is known, with the last word on its status.
    pub(super) fn last_word(&self, receipt: Receipt) -> Receipt {
        let status = self.choose.as_ref().and_then(|choose| choose(&receipt));
        let mut receipt = self.wished(receipt, status);
        // Who is told of success is not asked to come back.
        if is_success(receipt.status) {
            receipt.retry_after_s = None;
        }
        receipt
    }

    /// Why a status may not answer a code.
    fn problem(&self, code: Option<Code>, status: u16) -> Option<Cow<'static, str>> {
        match status {
            410 => {
                return Some("it makes senders disable the endpoint; choose another".into());
            }
            200..=299 | 400..=599 => {}
            _ => {
                return Some(
                    "it is no final answer to a webhook; choose one from 200 to 299 or from 400 to 599".into(),
                );
            }
        }
        let answer = code.map_or(Answer::Status(200), Code::answer);
        match (answer, is_success(status)) {
            (Answer::None, _) => Some("no delivery ever comes to this code".into()),
            (Answer::Retry, true) if status == self.retry => None,
            (Answer::Retry | Answer::Status(400..), true) => Some(
                "nobody processed the event, and the sender would never bring it again; choose one from 400 to 599".into(),
            ),
            (_, true) => match self.success {
                SuccessAnswer::Exactly(only) if status != only => Some(
                    format!("this sender takes {only} alone for success; choose that").into(),
                ),
                _ => None,
            },
            (_, false) if code.is_none() => {
                Some("the event was processed, and the sender would bring it again".into())
            }
            (_, false) => None,
        }
    }
}

impl fmt::Debug for Statuses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statuses")
            .field("success", &self.success)
            .field("retry", &self.retry)
            .field("chosen", &self.chosen)
            .finish_non_exhaustive()
    }
}

pub(super) const fn is_success(status: u16) -> bool {
    matches!(status, 200..=299)
}
