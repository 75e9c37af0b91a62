//! What names an event, and what makes two deliveries the same event.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use super::{List, Text};

/// A path to a JSON field: names joined by dots (`data.id`). A segment ending in
/// `[]` goes through every item of an array (`events[].id`), for batches only.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(transparent))]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct JsonPath(pub Text);

impl JsonPath {
    /// The path's segments, outermost first.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('.')
    }
}

/// Where the event id stands. With both places given they must agree, and the
/// body's value is the one that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct EventIdRule {
    /// A header.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub header: Option<Text>,
    /// A JSON field of the body.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub json: Option<JsonPath>,
    /// Whether a delivery without it is refused. Where it is not, a JSON null is no id.
    pub required: bool,
}

/// What makes two deliveries the same event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Dedupe {
    /// Nothing: equal bytes may be different events and nothing splits them.
    None {
        /// Why.
        reason: Text,
    },
    /// The first rule that applies.
    Rules(List<DedupeRule>),
}

impl Dedupe {
    /// The rules, none where nothing is the same event.
    pub(crate) fn rules(&self) -> &[DedupeRule] {
        match self {
            Self::None { .. } => &[],
            Self::Rules(rules) => rules,
        }
    }
}

/// One rule: to which deliveries it applies, and what their key is.
///
/// A rule with a `route` is chosen by the delivery's URL path; the signature
/// does not cover that, so the rule also says which fields the signed body must
/// and must not have. A body that does not fit is refused, and so is a path that
/// no rule names. Without a URL the fields alone choose.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct DedupeRule {
    /// The rule's name; part of the key, so that two rules never meet.
    pub name: Text,
    /// Why this is the key.
    pub reason: Text,
    /// The end of the URL path that this rule is for.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub route: Option<Text>,
    /// Fields that the body must have.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "super::is_empty")
    )]
    pub has: List<JsonPath>,
    /// Fields that it must not have.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "super::is_empty")
    )]
    pub lacks: List<JsonPath>,
    /// Fields that must have a given text, for rules per event type.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "super::is_empty")
    )]
    pub equals: List<FieldEquals>,
    /// The key's parts. Empty: such deliveries are never claimed (a read).
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "super::is_empty")
    )]
    pub key: List<KeyPart>,
    /// Whether a missing signed part refuses the delivery; else the next rule is tried.
    #[cfg_attr(feature = "serde", serde(default = "super::text::defaults::yes"))]
    pub required: bool,
}

/// A rule without conditions and parts, to be completed with `..ANY_DELIVERY`.
pub const ANY_DELIVERY: DedupeRule = DedupeRule {
    name: Text::Borrowed(""),
    reason: Text::Borrowed(""),
    route: None,
    has: List::Borrowed(&[]),
    lacks: List::Borrowed(&[]),
    equals: List::Borrowed(&[]),
    key: List::Borrowed(&[]),
    required: true,
};

/// A body field that must have a given text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct FieldEquals {
    /// The field.
    pub json: JsonPath,
    /// The text.
    pub value: Text,
}

/// One part of a dedupe key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum KeyPart {
    /// SHA-256 of the body.
    BodyDigest,
    /// The event id.
    EventId,
    /// A form field of the body, without white space at its end: Braintree signs a payload
    /// with or without its final line feed.
    Form(Text),
    /// SHA-256 of all form fields of the body, name and value, sorted by name: of what
    /// `{form_sorted}` signs, however the form is written.
    FormDigest,
    /// A header. Outside the signature it may only split keys, and may be absent.
    Header(Text),
    /// A JSON field of the body.
    Json(JsonPath),
}

/// A body that holds several events: claimed whole, its item ids handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct BatchRule {
    /// The items' ids (`events[].id`).
    pub items: JsonPath,
}
