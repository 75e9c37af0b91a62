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
/// Exactly the limit passes. `None` is off; as text both sides are written, a
/// limit as its seconds or `"off"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct Window {
    /// How old a delivery may be.
    #[cfg_attr(feature = "serde", serde(with = "limit"))]
    pub past_s: Option<u32>,
    /// How far ahead of the clock it may be.
    #[cfg_attr(feature = "serde", serde(with = "limit"))]
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

/// Seconds, or `"off"`: what is left out by mistake must not switch a limit off.
#[cfg(feature = "serde")]
mod limit {
    use core::fmt;

    use serde::de::{Error, Unexpected, Visitor};
    use serde::{Deserializer, Serializer};

    #[allow(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    pub(super) fn serialize<S: Serializer>(
        limit: &Option<u32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match limit {
            Some(seconds) => serializer.serialize_u32(*seconds),
            None => serializer.serialize_str("off"),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u32>, D::Error> {
        deserializer.deserialize_any(Limit)
    }

    struct Limit;

    impl Visitor<'_> for Limit {
        type Value = Option<u32>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("seconds as a whole number, or \"off\"")
        }

        fn visit_i64<E: Error>(self, seconds: i64) -> Result<Self::Value, E> {
            let refused = |_| E::invalid_value(Unexpected::Signed(seconds), &self);
            u32::try_from(seconds).map(Some).map_err(refused)
        }

        fn visit_u64<E: Error>(self, seconds: u64) -> Result<Self::Value, E> {
            let refused = |_| E::invalid_value(Unexpected::Unsigned(seconds), &self);
            u32::try_from(seconds).map(Some).map_err(refused)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            if text == "off" {
                return Ok(None);
            }
            Err(E::invalid_value(Unexpected::Str(text), &self))
        }
    }
}
