//! The delivery's fault: why it was refused.

use core::fmt;

use time::Duration;

use super::Code;

/// Why a delivery was refused.
///
/// Small and `Copy`; it carries lengths, counts and shapes, never a text of the
/// sender and never anything of a secret or a signature. The names behind a
/// [`HeaderSet`] are the scheme's own: see
/// [`Verifier::header_names`](crate::Verifier::header_names).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// Required headers are absent or empty, or the signature in a scheme that keeps it
    /// in the body.
    #[error("{}", Missing(*.missing))]
    MissingHeaders {
        /// Which; none where the signature belongs in the body.
        missing: HeaderSet,
    },
    /// A header that the scheme reads is repeated with different values.
    #[error("a header that the scheme reads is repeated with different values")]
    AmbiguousHeader {
        /// Which.
        header: HeaderSet,
    },
    /// A version or algorithm that the scheme refuses.
    #[error("{problem}")]
    UnsupportedScheme {
        /// What was announced where.
        problem: UnsupportedProblem,
    },
    /// The signature text does not parse.
    #[error("the signature text ({length} bytes) {problem}")]
    MalformedSignature {
        /// How it fails.
        problem: SignatureProblem,
        /// Length of the text in bytes.
        length: usize,
    },
    /// The time's text does not parse.
    #[error("the time's text ({length} bytes) {problem}")]
    InvalidTimestamp {
        /// How it fails.
        problem: TimestampProblem,
        /// Length of the text in bytes.
        length: usize,
    },
    /// The body broke off, or did not come in time.
    #[error("the body ended early or did not come in time, after {received} bytes")]
    BodyIncomplete {
        /// What has come, in bytes.
        received: u64,
    },
    /// The body is over the cap.
    #[error("the body is over {limit} bytes")]
    BodyTooLarge {
        /// The cap in bytes.
        limit: u64,
    },
    /// No key matches.
    #[error("none of {keys} key(s) matches any of {signatures} signature(s)")]
    InvalidSignature {
        /// How many keys were tried.
        keys: u8,
        /// How many signatures the delivery holds.
        signatures: u8,
    },
    /// Genuine, but outside the window.
    #[error("the delivery is {} s {}, {} s are allowed",
        abs(*.skew), if .skew.is_negative() { "ahead of the clock" } else { "old" }, .limit.whole_seconds())]
    TimestampSkew {
        /// The clock minus the signed time: positive for an old delivery.
        skew: Duration,
        /// The limit on that side.
        limit: Duration,
    },
    /// An id or route outside the signature contradicts the signed body.
    #[error("{}", if *.by_route { "the signed body does not belong to this route" } else { "the header's event id differs from the signed body's" })]
    EventIdMismatch {
        /// Whether it is the route (else the header's id).
        by_route: bool,
    },
    /// A required event id is absent.
    #[error("the signed body lacks the id that its rule requires")]
    MissingEventId,
    /// The event id is not one unambiguous string or integer.
    #[error("{problem}")]
    InvalidEventId {
        /// How it fails.
        problem: EventIdProblem,
    },
    /// No delivery, but a challenge, and it is not answered.
    #[error("{problem}")]
    Challenge {
        /// Why not.
        problem: ChallengeProblem,
    },
    /// A key address in the delivery is not the provider's.
    #[error("a key or certificate address in the delivery is not the provider's")]
    UntrustedCertUrl,
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::MissingHeaders { .. } => Code::MissingSignatureHeaders,
            Self::AmbiguousHeader { .. } => Code::AmbiguousHeader,
            Self::UnsupportedScheme { .. } => Code::UnsupportedScheme,
            Self::MalformedSignature { .. } => Code::MalformedSignature,
            Self::InvalidTimestamp { .. } => Code::InvalidTimestamp,
            Self::BodyIncomplete { .. } => Code::BodyIncomplete,
            Self::BodyTooLarge { .. } => Code::BodyTooLarge,
            Self::InvalidSignature { .. } => Code::InvalidSignature,
            Self::TimestampSkew { .. } => Code::TimestampSkewTooLarge,
            Self::EventIdMismatch { .. } => Code::EventIdMismatch,
            Self::MissingEventId => Code::MissingEventId,
            Self::InvalidEventId { .. } => Code::InvalidEventId,
            Self::Challenge { .. } => Code::ChallengeRefused,
            Self::UntrustedCertUrl => Code::UntrustedCertUrl,
        }
    }

    /// The headers that this is about, if it is about headers.
    #[must_use]
    pub const fn headers(&self) -> Option<HeaderSet> {
        match self {
            Self::MissingHeaders { missing: set } | Self::AmbiguousHeader { header: set } => {
                Some(*set)
            }
            _ => None,
        }
    }
}

/// A set of the headers that a scheme reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeaderSet(u32);

impl HeaderSet {
    pub(crate) const EMPTY: Self = Self(0);

    pub(crate) fn insert(&mut self, index: usize) {
        self.0 |= u32::try_from(index)
            .ok()
            .and_then(|i| 1u32.checked_shl(i))
            .unwrap_or(0);
    }

    pub(crate) fn of(index: usize) -> Self {
        let mut set = Self::default();
        set.insert(index);
        set
    }

    pub(crate) fn contains(self, index: usize) -> bool {
        self.0 & Self::of(index).0 != 0
    }

    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of this set that are not in `other`.
    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// How many headers.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What is missing, in words.
struct Missing(HeaderSet);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            f.write_str("the body holds no signature")
        } else {
            write!(f, "{} required header(s) absent or empty", self.0)
        }
    }
}

impl fmt::Display for HeaderSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.len().fmt(f)
    }
}

/// How a signature text fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureProblem {
    /// An item without its separator.
    #[error("holds an item without `=` or its separator")]
    Item,
    /// No candidate decodes to a signature of the right length.
    #[error("holds nothing that decodes to a signature of this scheme")]
    NothingDecodes,
    /// A field that must stand once stands twice.
    #[error("holds the time twice")]
    RepeatedField,
    /// The time's field is absent.
    #[error("lacks the time")]
    MissingField,
    /// More than the budget allows.
    #[error("is longer, or holds more signatures, than any genuine one")]
    TooLong,
    /// No token (JWT) that can be read, and in one way only.
    #[error("is no token (JWT) that reads in one way only")]
    NotToken,
    /// A field of the body that is signed beside it is absent or not text.
    #[error("covers a field that is absent from the body or not text")]
    NotInBody,
}

/// How a time's text fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampProblem {
    /// Not a plain number without sign and leading zeros.
    #[error("is not a plain number of digits")]
    NotDigits,
    /// Beyond the year 9999.
    #[error("is out of range")]
    OutOfRange,
    /// Not RFC 3339 with a zone.
    #[error("is not RFC 3339 with a zone")]
    NotRfc3339,
    /// The place in the body where it should stand is absent or not text.
    #[error("is absent from the body or not text")]
    NotInBody,
    /// The claim is absent from the token, or no whole number.
    #[error("is absent from the token or no whole number")]
    NotInToken,
}

/// What was announced where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnsupportedProblem {
    /// The signature header holds other versions only.
    #[error("the signature header announces only versions that the scheme does not accept")]
    OtherVersion,
    /// A header with a fixed value has another one.
    #[error("a header announces a version or algorithm that the scheme does not accept")]
    OtherValue,
}

/// How an event id fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventIdProblem {
    /// The body is not JSON.
    #[error("the signed body is not JSON, so its event id cannot be read")]
    NotJson,
    /// A key on the path stands twice.
    #[error("a JSON key on the way to the event id stands twice")]
    DuplicateKey,
    /// The value is neither a string nor an integer.
    #[error("the event id is neither a string nor an integer")]
    NotText,
    /// The value is empty.
    #[error("the event id is empty")]
    Empty,
    /// A signed value breaks the shape that keeps it apart from its neighbours.
    #[error("a signed value holds a character that would make it ambiguous")]
    Ambiguous,
}

/// Why a challenge is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeProblem {
    /// What is asked is not what this scheme's sender asks.
    #[error("the challenge asks for something else than this sender does")]
    OtherMode,
    /// A token of other characters, or longer, than any genuine one: to answer it could
    /// mean to sign a message, or to send a stranger's page.
    #[error("the challenge's token is longer, or of other characters, than any that is answered")]
    Token,
    /// No registration is open for the path of the request.
    #[error("a secret came for a path that no registration is open for")]
    Unregistered,
    /// The address to confirm is not the provider's.
    #[error("the address to confirm is not the provider's")]
    UntrustedUrl,
    /// The verify token is absent, or another than the receiver's.
    #[error("the challenge's verify token is not the receiver's")]
    VerifyToken,
    /// The receiver was given no verify token.
    #[error("the receiver has no verify token to compare the challenge's with")]
    VerifyTokenUnset,
}

/// Seconds without sign, with milliseconds where there are any.
fn abs(skew: Duration) -> impl fmt::Display {
    struct Seconds(Duration);
    impl fmt::Display for Seconds {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let whole = self.0.whole_seconds();
            match self.0.subsec_nanoseconds() {
                0 => write!(f, "{whole}"),
                nanos => write!(f, "{whole}.{nanos:09}"),
            }
        }
    }
    Seconds(skew.abs())
}
