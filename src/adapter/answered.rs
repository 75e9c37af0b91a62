//! What a status of the application's says of the event.

use alloc::boxed::Box;
use alloc::format;
use core::error::Error;

use super::reason::Reason;
use crate::HandlerError;

/// What a status of the application's says of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// It is processed.
    Processed,
    /// It is refused for good.
    Refused,
    /// It is not processed; another attempt may succeed.
    Retry,
}

impl Answered {
    /// 2xx is success and 4xx a refusal for good, but for the three by which an
    /// application asks for another attempt itself: 408, 425 and 429. Everything else is
    /// no answer to an event: a redirect leads no provider anywhere.
    const fn of(status: u16) -> Self {
        match status {
            200..=299 => Self::Processed,
            408 | 425 | 429 => Self::Retry,
            400..=499 => Self::Refused,
            _ => Self::Retry,
        }
    }

    /// The error by which a handler tells of a status that is no success, and of the
    /// reason if it came with one.
    pub(super) fn check(status: u16, reason: Option<Reason>) -> Result<(), HandlerError> {
        let error = || -> Box<dyn Error + Send + Sync> {
            match reason {
                Some(reason) => reason.into(),
                None => format!("the service answered {status}").into(),
            }
        };
        match Self::of(status) {
            Self::Processed => Ok(()),
            Self::Refused => Err(HandlerError::reject(error())),
            Self::Retry => Err(HandlerError::retry(error())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_meaning() {
        for (status, answered) in [
            (100, Answered::Retry),
            (200, Answered::Processed),
            (204, Answered::Processed),
            (299, Answered::Processed),
            (302, Answered::Retry),
            (304, Answered::Retry),
            (400, Answered::Refused),
            (408, Answered::Retry),
            (410, Answered::Refused),
            (422, Answered::Refused),
            (425, Answered::Retry),
            (429, Answered::Retry),
            (500, Answered::Retry),
            (503, Answered::Retry),
        ] {
            assert_eq!(Answered::of(status), answered, "{status}");
        }
    }
}
