//! Where the time stands, in which unit, and how far off it may be.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{JsonPath, Text};

/// One place where the time may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct TimestampSource {
    /// The place.
    pub place: TimestampPlace,
    /// The unit.
    pub unit: TimestampUnit,
    /// Whether a delivery without it is still judged (by the next place, or not at all).
    #[cfg_attr(feature = "serde", serde(default))]
    pub optional: bool,
}

/// A place in a delivery where the time stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum TimestampPlace {
    /// A form field of the body.
    Form(Text),
    /// A header.
    Header(Text),
    /// A JSON field of the body.
    Json(JsonPath),
    /// A key of the signature header's `key=value` items.
    SignatureField(Text),
}

/// The unit of a time's text. All are read strictly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum TimestampUnit {
    /// RFC 3339 with a zone, fractions allowed.
    Iso8601,
    /// Unix milliseconds.
    Milliseconds,
    /// Unix seconds.
    Seconds,
}

/// How far a delivery's time may lie from the receiver's clock, in seconds.
/// Exactly the limit passes. `None` is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct Window {
    /// How old a delivery may be.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub past_s: Option<u32>,
    /// How far ahead of the clock it may be.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub future_s: Option<u32>,
}

impl Window {
    /// No limit on either side: for schemes that sign no time.
    pub const OFF: Self = Self {
        past_s: None,
        future_s: None,
    };

    /// Limits in seconds on both sides.
    #[must_use]
    pub const fn new(past_s: u32, future_s: u32) -> Self {
        Self {
            past_s: Some(past_s),
            future_s: Some(future_s),
        }
    }
}
