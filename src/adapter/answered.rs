//! What a status of the application's says of the event.

use core::error::Error;
use core::fmt;

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

    /// Whether a status is one of success; else the error by which a handler tells of it,
    /// for the reason that the response gives or, without one, for its status.
    pub(super) fn check(status: u16, reason: Option<Reason>) -> Result<(), HandlerError> {
        let reason = || reason.unwrap_or_else(|| Reason::of(Status(status)));
        match Self::of(status) {
            Self::Processed => Ok(()),
            Self::Refused => Err(HandlerError::reject(reason())),
            Self::Retry => Err(HandlerError::retry(reason())),
        }
    }
}

/// What the application answered in place of success.
#[derive(Debug)]
struct Status(u16);

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service answered {}", self.0)
    }
}

impl Error for Status {}

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
