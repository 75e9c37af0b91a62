//! What is known of the sending side.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{List, Text};

/// What is known of the sending side. A receiver's retention, lease and answers
/// are checked against it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields, default = "super::text::defaults::sender")
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct Sender {
    /// Whether and how long the sender tries again.
    pub retries: Retries,
    /// How long it waits for an answer, in seconds.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub timeout_s: Option<u16>,
    /// What it takes for success.
    pub success: SuccessAnswer,
    /// The status that makes it try again.
    pub retry_status: u16,
    /// Whether the answer's body has a meaning, so that the library cannot make one up.
    pub reply_matters: bool,
    /// Whether a retry is documented to repeat the body byte for byte.
    pub identical_retries: bool,
    /// Which age of a delivery the sender's documentation or libraries allow. The
    /// scheme's window may differ, and is what counts.
    pub tolerance: Text,
    /// How a secret is replaced.
    pub rotation: Text,
    /// What surprises people, one line each.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "super::is_empty")
    )]
    pub quirks: List<Text>,
}

/// A sender of which nothing is documented: it may retry for 72 hours, any 2xx is
/// success, 503 makes it try again.
pub const UNDOCUMENTED_SENDER: Sender = Sender {
    retries: Retries::Unknown,
    timeout_s: None,
    success: SuccessAnswer::Any2xx,
    retry_status: 503,
    reply_matters: false,
    identical_retries: false,
    tolerance: Text::Borrowed("not documented"),
    rotation: Text::Borrowed("not documented"),
    quirks: List::Borrowed(&[]),
};

/// Whether and how long a sender tries again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Retries {
    /// It never does: what the receiver cannot take now is lost.
    Never,
    /// At these delays, each in seconds after the attempt before.
    Schedule {
        /// The delays.
        delays_s: List<u32>,
    },
    /// Not documented; 72 hours are assumed.
    Unknown,
    /// For this long after the first attempt, at unknown delays.
    Until {
        /// The horizon in seconds.
        horizon_s: u32,
    },
}

impl Retries {
    /// Seconds that are assumed where the provider says nothing: 72 hours.
    pub const ASSUMED_HORIZON_S: u32 = 72 * 3600;

    /// Seconds from the first attempt to the last automatic one.
    #[must_use]
    pub fn horizon_s(&self) -> u32 {
        match self {
            Self::Never => 0,
            Self::Schedule { delays_s } => delays_s
                .iter()
                .fold(0, |sum: u32, delay| sum.saturating_add(*delay)),
            Self::Unknown => Self::ASSUMED_HORIZON_S,
            Self::Until { horizon_s } => *horizon_s,
        }
    }

    /// Whether the horizon is assumed rather than documented.
    #[must_use]
    pub const fn is_assumed(&self) -> bool {
        matches!(self, Self::Unknown)
    }
}

/// What a sender takes for success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum SuccessAnswer {
    /// Any 2xx.
    Any2xx,
    /// This status only.
    Exactly(u16),
}

impl SuccessAnswer {
    /// The status that the library answers with on success.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Any2xx => 200,
            Self::Exactly(status) => status,
        }
    }
}
