//! How a provider signs, as plain data.
//!
//! A [`Scheme`] can be written three ways that agree: as a `const` (the
//! [`catalogue`]), with the checked [`SchemeBuilder`], or as TOML or JSON text
//! (feature `serde`). Whatever way it came, the checker runs over it before a
//! [`Verifier`](crate::Verifier) is built from it.

mod builder;
pub mod catalogue;
mod challenge;
mod checker;
mod coverage;
mod identity;
mod key;
mod procedure;
mod sender;
mod signature;
mod template;
#[cfg(feature = "serde")]
mod text;
mod timestamp;

use alloc::borrow::Cow;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

pub use builder::SchemeBuilder;
pub use challenge::{Challenge, MacAnswer, MacChallenge, QueryGuard, TokenAlphabet, TokenPlace};
pub use identity::{
    ANY_DELIVERY, BatchRule, Dedupe, DedupeRule, EventIdRule, FieldEquals, JsonPath, KeyPart,
};
pub use key::{KeyForm, KeyRules, RefusedPrefix};
pub use procedure::Procedure;
pub use sender::{Retries, Sender, SuccessAnswer, UNDOCUMENTED_SENDER};
pub use signature::{Algorithm, Encoding, Format, SignatureSource};
pub use template::{Part, Shape, Template};
pub use timestamp::{TimestampPlace, TimestampSource, TimestampUnit, Window};

pub(crate) use checker::{MAX_HEADERS, MAX_KEY_PARTS, rule_paths};
pub(crate) use coverage::Coverage;

/// Text in a scheme: borrowed in a `const`, owned when built or read.
pub type Text = Cow<'static, str>;

/// A list in a scheme: borrowed in a `const`, owned when built or read.
pub type List<T> = Cow<'static, [T]>;

/// A provider's signing scheme.
///
/// The fields are public so that a scheme can be a `const` in any crate; a
/// scheme is complete by definition, and every field is a decision.
///
/// ```
/// use countersign::scheme::{Scheme, catalogue};
///
/// let scheme: &Scheme = catalogue::find("stripe").ok_or("unknown id")?;
/// assert_eq!(scheme.content.to_string(), "{timestamp}.{body}");
/// scheme.check()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(
    clippy::exhaustive_structs,
    reason = "a scheme is written as a const by users"
)]
pub struct Scheme {
    /// Short stable name, `[a-z0-9_]{1,64}`; part of every dedupe key.
    pub id: Text,
    /// The provider's name for people.
    pub name: Text,
    /// Where the provider documents this.
    #[cfg_attr(feature = "serde", serde(default = "text::defaults::docs"))]
    pub docs: Text,
    /// How a delivery is verified: by the fields below, or by code of its own.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Procedure::is_declared")
    )]
    pub procedure: Procedure,
    /// Where the signature stands.
    pub signature: SignatureSource,
    /// How the signature text splits into candidates.
    #[cfg_attr(feature = "serde", serde(default = "text::defaults::format"))]
    pub format: Format,
    /// How one signature is written.
    #[cfg_attr(feature = "serde", serde(default = "text::defaults::encoding"))]
    pub encoding: Encoding,
    /// What computes it.
    #[cfg_attr(feature = "serde", serde(default = "text::defaults::algorithm"))]
    pub algorithm: Algorithm,
    /// How a secret's text becomes key bytes.
    #[cfg_attr(feature = "serde", serde(default = "text::defaults::key"))]
    pub key: KeyRules,
    /// The signed content.
    #[cfg_attr(feature = "serde", serde(default = "text::defaults::content"))]
    pub content: Template,
    /// Other contents that the provider signs too; a match of any counts.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_empty"))]
    pub other_contents: List<Template>,
    /// Header families: headers under `prefix` may all come under `alias` instead.
    /// A family is taken whole or not at all.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_empty"))]
    pub aliases: List<HeaderFamily>,
    /// Where the time stands, first present wins. Empty: the scheme has no time.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_empty"))]
    pub timestamp: List<TimestampSource>,
    /// How far the time may lie from the receiver's clock.
    #[cfg_attr(feature = "serde", serde(default = "text::defaults::window"))]
    pub window: Window,
    /// Other headers that must have a fixed value.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_empty"))]
    pub require: List<FixedHeader>,
    /// Where the event id stands. `None`: the provider sends no single id.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub event_id: Option<EventIdRule>,
    /// Where the items of a batch have their ids. `None`: a delivery is one event.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub batch: Option<BatchRule>,
    /// What makes two deliveries the same event.
    #[cfg_attr(feature = "serde", serde(default = "text::defaults::dedupe"))]
    pub dedupe: Dedupe,
    /// What the sender asks besides deliveries.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Challenge::is_none")
    )]
    pub challenge: Challenge,
    /// Longest body accepted, in bytes.
    #[cfg_attr(feature = "serde", serde(default = "text::defaults::body_limit"))]
    pub body_limit: u64,
    /// What is known of the sending side: retries, time-outs, wanted answers.
    #[cfg_attr(feature = "serde", serde(default = "text::defaults::sender"))]
    pub sender: Sender,
    /// Checks that are waived, each with its reason.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "is_empty"))]
    pub waivers: List<Waiver>,
}

/// Headers under `prefix` may all come under `alias` instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct HeaderFamily {
    /// The prefix that the scheme's own header names begin with.
    pub prefix: Text,
    /// What may stand in its place.
    pub alias: Text,
}

/// A header that must have a fixed value, such as a version or an algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(deny_unknown_fields)
)]
#[allow(clippy::exhaustive_structs, reason = "written as a const by users")]
pub struct FixedHeader {
    /// The header's name.
    pub name: Text,
    /// The value, compared byte for byte.
    pub value: Text,
}

/// A check of the scheme checker that is waived, with the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(Serialize, Deserialize),
    serde(rename_all = "snake_case", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Waiver {
    /// The content joins fields so that bytes could move between two of them.
    InsecureAmbiguousContent {
        /// What an attacker can and cannot move, and what stops it.
        reason: Text,
    },
    /// The time is outside the signature; it then decides nothing.
    InsecureUnsignedTimestamp {
        /// Why it is read at all.
        reason: Text,
    },
    /// A dedupe rule merges deliveries by unsigned values alone.
    InsecureUnsignedKey {
        /// Why nothing signed serves.
        reason: Text,
    },
}

/// The commonest scheme, to be completed with `..HMAC_SHA256_BODY`: HMAC-SHA256 over
/// the raw body, hexadecimal, a UTF-8 secret, no time, deduplicated by the
/// body's digest. Id, name and signature header are empty.
pub const HMAC_SHA256_BODY: Scheme = Scheme {
    id: Cow::Borrowed(""),
    name: Cow::Borrowed(""),
    docs: Cow::Borrowed(""),
    procedure: Procedure::Declared,
    signature: SignatureSource::Header {
        name: Cow::Borrowed(""),
        also: Cow::Borrowed(&[]),
    },
    format: Format::Bare {
        prefix: Cow::Borrowed(""),
    },
    encoding: Encoding::Hex,
    algorithm: Algorithm::HmacSha256,
    key: KeyRules {
        form: KeyForm::Utf8,
        strip_prefix: None,
        min_bytes: 16,
        refused_prefixes: Cow::Borrowed(&[]),
    },
    content: Template(Cow::Borrowed(&[Part::Body])),
    other_contents: Cow::Borrowed(&[]),
    aliases: Cow::Borrowed(&[]),
    timestamp: Cow::Borrowed(&[]),
    window: Window::OFF,
    require: Cow::Borrowed(&[]),
    event_id: None,
    batch: None,
    dedupe: Dedupe::Rules(Cow::Borrowed(&[DedupeRule {
        name: Cow::Borrowed("body"),
        reason: Cow::Borrowed("no signed id is known; equal bytes count as one event"),
        key: Cow::Borrowed(&[KeyPart::BodyDigest]),
        required: false,
        ..ANY_DELIVERY
    }])),
    challenge: Challenge::None,
    body_limit: 1024 * 1024,
    sender: UNDOCUMENTED_SENDER,
    waivers: Cow::Borrowed(&[]),
};

impl Scheme {
    /// Starts a checked builder.
    pub fn builder(id: impl Into<Text>, name: impl Into<Text>) -> SchemeBuilder {
        SchemeBuilder::new(id.into(), name.into())
    }

    /// Every content that the provider signs.
    pub(crate) fn contents(&self) -> impl Iterator<Item = &Template> {
        core::iter::once(&self.content).chain(self.other_contents.iter())
    }

    /// Runs the checker: the content is injective, time and id are covered by
    /// the signature or declared absent, names and sizes are within bounds.
    ///
    /// # Errors
    ///
    /// `INVALID_SCHEME` for a field that cannot mean anything, `UNSAFE_SCHEME`
    /// for one that would let an attacker move or choose what is judged.
    pub fn check(&self) -> Result<(), crate::ConfigError> {
        checker::check(self)
    }

    /// The names of the headers that every delivery must carry, in the scheme's
    /// own spelling.
    #[must_use]
    pub fn required_headers(&self) -> alloc::vec::Vec<&str> {
        crate::verify::required_header_names(self)
    }

    /// The headers that a verifier reads, in lower case, under every name that they may
    /// come under. Headers that a delivery names itself (Contentful) are not among them.
    ///
    /// ```
    /// use countersign::scheme::catalogue::SLACK;
    ///
    /// assert_eq!(SLACK.headers(), ["x-slack-signature", "x-slack-request-timestamp"]);
    /// ```
    #[must_use]
    pub fn headers(&self) -> alloc::vec::Vec<alloc::string::String> {
        crate::verify::every_header_name(self)
    }

    /// What stands in a kept delivery for the value of a [secret
    /// header](Self::secret_headers): the header was there. `countersign diagnose`,
    /// `verify` and `bundle` say of such a delivery that they can judge nothing.
    pub const WITHHELD: &'static str = "(withheld)";

    /// Those of [`headers`](Self::headers) whose value is the secret itself: a shared
    /// token. Whatever keeps or shows a delivery must leave their values out, and may
    /// write [`WITHHELD`](Self::WITHHELD) for them.
    ///
    /// ```
    /// use countersign::scheme::catalogue::{GITHUB, GITLAB_TOKEN};
    ///
    /// assert_eq!(GITLAB_TOKEN.secret_headers(), ["x-gitlab-token"]);
    /// assert!(GITHUB.secret_headers().is_empty());
    /// ```
    #[must_use]
    pub fn secret_headers(&self) -> alloc::vec::Vec<alloc::string::String> {
        if self.algorithm.covers_content() {
            return alloc::vec::Vec::new();
        }
        crate::verify::signature_header_names(self)
    }

    /// What the signature covers, in the order of the content: `time`, `body`, `URL`,
    /// `header webhook-id`, …. Empty for a shared token, which covers nothing.
    ///
    /// ```
    /// use countersign::scheme::catalogue::STANDARD_WEBHOOKS_V1;
    ///
    /// assert_eq!(STANDARD_WEBHOOKS_V1.covers(), ["header webhook-id", "time", "body"]);
    /// ```
    #[must_use]
    pub fn covers(&self) -> alloc::vec::Vec<Text> {
        Coverage::of(self).parts()
    }

    /// Whether the signature covers the whole body.
    #[must_use]
    pub fn covers_body(&self) -> bool {
        Coverage::of(self).body()
    }
}

#[cfg(feature = "serde")]
fn is_empty<T: Clone>(list: &List<T>) -> bool {
    list.is_empty()
}
