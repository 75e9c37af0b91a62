//! The bundle as it is written and read: one JSON object, bounded, and checked when read.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use serde_json::error::Category;

use super::chunks;
use super::comparison::Comparison;
use super::fault::BundleError;
use super::headers::{HeaderShapes, MAX_NAMES};
use super::judgement::{EventId, Moment, Verdict};
use super::keyed::{KeyedDigests, Without};
use super::request::Request;

/// The number of this format. Another one is not read.
pub(super) const VERSION: u64 = 1;

/// Keys of a ring, and more forms than there are rows of bodies with their ways.
const MAX_KEYS: usize = 8;
const MAX_FORMS: usize = 256;

/// What one side knows of a delivery, without anything secret.
///
/// Made by [`Bundler::bundle`](super::Bundler::bundle), or read from the other side's file.
///
/// ```
/// use countersign::bundle::{Bundle, BundleError};
///
/// let fault = Bundle::from_json(br#"{"version":2}"#).unwrap_err();
/// assert_eq!(fault, BundleError::OtherVersion { found: 2 });
/// assert_eq!(fault.code().as_str(), "UNREADABLE_INPUT");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Bundle {
    document: Document,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) version: u64,
    pub(super) scheme: String,
    pub(super) bundled_at: String,
    pub(super) verdict: Verdict,
    pub(super) request: Request,
    pub(super) event_id: Option<EventId>,
    pub(super) timestamp: Option<Moment>,
    pub(super) headers: HeaderShapes,
    pub(super) body: Body,
    pub(super) keys: Vec<Key>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    pub(super) length: u64,
    /// The forms of which every key has a digest; `None` for a body that is too long.
    pub(super) reencodings: Option<Vec<String>>,
}

/// A key: its digests, or why it has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    pub(super) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) without: Option<Without>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) digests: Option<KeyedDigests>,
}

impl Key {
    pub(super) fn with(name: &str, digests: KeyedDigests) -> Self {
        Self {
            name: name.to_string(),
            without: None,
            digests: Some(digests),
        }
    }

    pub(super) fn without(name: &str, why: Without) -> Self {
        Self {
            name: name.to_string(),
            without: Some(why),
            digests: None,
        }
    }
}

impl Bundle {
    /// Longest bundle that is read, in bytes: one of eight keys takes some 900 KB.
    pub const MAX_BYTES: usize = 1024 * 1024;

    /// Reads a bundle: one JSON object, and nothing after it.
    ///
    /// # Errors
    ///
    /// `UNREADABLE_INPUT` for what is no bundle, or one of another format.
    pub fn from_json(text: &[u8]) -> Result<Self, BundleError> {
        #[derive(Deserialize)]
        struct Version {
            version: Option<u64>,
        }
        if text.len() > Self::MAX_BYTES {
            return Err(BundleError::TooLong);
        }
        // serde would take an array for the object, its items in the order of the fields.
        if !matches!(text.trim_ascii_start().first(), None | Some(b'{')) {
            return Err(BundleError::NotABundle {
                problem: "it is not one object",
            });
        }
        let Version { version } = serde_json::from_slice(text).map_err(|fault| problem(&fault))?;
        match version {
            Some(VERSION) => {}
            Some(found) => return Err(BundleError::OtherVersion { found }),
            None => {
                return Err(BundleError::NotABundle {
                    problem: "it has no `version`",
                });
            }
        }
        let document: Document = serde_json::from_slice(text).map_err(|fault| problem(&fault))?;
        document.check()?;
        Ok(document.into())
    }

    /// The bundle as one line of JSON: an object with `version` (1), `scheme`, `bundled_at`,
    /// `verdict`, `request`, `event_id`, `timestamp`, `headers`, `body` (its length, and the
    /// names of the forms that it was written in) and `keys`. A key has `name` and either
    /// `without`, the reason why there are no digests, or `digests`: its fingerprint, and as
    /// hexadecimal text of 8 bytes each those of the body, of its chunks of each size in the
    /// order from the start and from the end, and of the forms.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Text and numbers in memory: nothing here can fail.
        serde_json::to_string(&self.document).unwrap_or_default()
    }

    /// The id of the scheme.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.document.scheme
    }

    /// The body's length in bytes.
    #[must_use]
    pub const fn body_length(&self) -> u64 {
        self.document.body.length
    }

    /// `VERIFIED`, or the code for which the delivery was refused.
    #[must_use]
    pub fn verdict(&self) -> &str {
        self.document.verdict.word()
    }

    /// When it was made, as RFC 3339.
    #[must_use]
    pub fn bundled_at(&self) -> &str {
        &self.document.bundled_at
    }

    /// What differs between this bundle (`A`) and another (`B`) of the same delivery.
    ///
    /// # Errors
    ///
    /// `UNREADABLE_INPUT` for bundles of two schemes.
    pub fn compare(&self, other: &Self) -> Result<Comparison, BundleError> {
        if self.scheme() != other.scheme() {
            return Err(BundleError::OtherScheme {
                a: self.scheme().to_string(),
                b: other.scheme().to_string(),
            });
        }
        Ok(Comparison::new(&self.document, &other.document))
    }
}

impl Document {
    /// What the types alone do not hold to.
    fn check(&self) -> Result<(), BundleError> {
        let refused = |problem| Err(BundleError::NotABundle { problem });
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        if self.scheme.is_empty() || self.scheme.len() > 64 || !self.scheme.bytes().all(plain) {
            return refused("its `scheme` is no scheme's id");
        }
        let forms = self.body.reencodings.as_ref().map_or(0, Vec::len);
        // Comparing is quadratic in these.
        if self.keys.len() > MAX_KEYS || forms > MAX_FORMS || self.headers.shapes.len() > MAX_NAMES
        {
            return refused("it has more keys, headers or forms than a bundle has");
        }
        for key in &self.keys {
            match (&key.digests, key.without) {
                (None, Some(_)) => {}
                (Some(digests), None) => {
                    let fits = digests.body.0.len() == 1
                        && digests.reencodings.0.len() == forms
                        && chunks::fit(&digests.chunks, self.body.length);
                    if !fits {
                        return refused("a key's digests do not fit the body's length");
                    }
                }
                _ => return refused("a key has digests and a reason why not, or neither"),
            }
        }
        Ok(())
    }
}

fn problem(fault: &serde_json::Error) -> BundleError {
    match fault.classify() {
        Category::Data => BundleError::NotABundle {
            problem: "a field is missing, unknown, given twice or of another type",
        },
        _ => BundleError::NotJson {
            line: fault.line(),
            column: fault.column(),
        },
    }
}

impl From<Document> for Bundle {
    fn from(document: Document) -> Self {
        Self { document }
    }
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundle")
            .field("scheme", &self.scheme())
            .field("verdict", &self.verdict())
            .field("body_length", &self.body_length())
            .finish_non_exhaustive()
    }
}
