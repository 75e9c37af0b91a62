//! What a handler answers, and what is answered in its place.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

use crate::Code;
use crate::scheme::Text;
use crate::store::{KeptReply, Outcome};

/// The body of an answer, and perhaps its status, as far as the sender leaves a choice.
///
/// ```
/// use countersign::Reply;
///
/// let reply = Reply::json(br#"{"status":"OK"}"#);
/// assert_eq!(reply.content_type(), Some("application/json"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Reply {
    status: Option<u16>,
    content_type: Option<Box<str>>,
    pub(super) header: Option<Box<(Text, Vec<u8>)>>,
    body: Vec<u8>,
}

impl Reply {
    /// No body: what all senders take that do not read one.
    pub const fn empty() -> Self {
        Self {
            status: None,
            content_type: None,
            header: None,
            body: Vec::new(),
        }
    }

    /// A body of this media type. An empty one, or one of over 255 bytes, is no media type
    /// and left out.
    pub fn new(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: None,
            content_type: (1..=usize::from(u8::MAX))
                .contains(&content_type.len())
                .then(|| content_type.into()),
            header: None,
            body: body.into(),
        }
    }

    /// A body of JSON text.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self::new("application/json", body)
    }

    /// Another status of success than the receiver's: a 2xx, and only where the sender
    /// takes any 2xx for success. Everything else is ignored, and so is the status of a
    /// reply that is given again.
    pub const fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// One more header of the answer, its name in lower case. A reply with one is not
    /// kept: to give it again without would be another answer.
    #[cfg_attr(
        not(any(feature = "challenge", feature = "tower", feature = "actix-web")),
        allow(dead_code, reason = "nobody has one")
    )]
    pub(crate) fn with_header(mut self, name: Text, value: impl Into<Vec<u8>>) -> Self {
        self.header = Some(Box::new((name, value.into())));
        self
    }

    pub(crate) const fn wished_status(&self) -> Option<u16> {
        self.status
    }

    /// The body's media type.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// What else the answer says, names in lower case: some challenges want a header. An
    /// adapter sends them along.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let header = self.header.as_deref().into_iter();
        header.map(|(name, value)| (name.as_ref(), value.as_slice()))
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body itself.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// As a store keeps it: the media type's length, the media type, the body.
    pub(super) fn keep(&self) -> Option<KeptReply> {
        if self.header.is_some() {
            return None;
        }
        let content_type = self.content_type.as_deref().unwrap_or_default();
        let mut bytes = Vec::new();
        bytes.push(u8::try_from(content_type.len()).ok()?);
        bytes.extend_from_slice(content_type.as_bytes());
        bytes.extend_from_slice(&self.body);
        KeptReply::new(bytes)
    }

    pub(super) fn kept(kept: &KeptReply) -> Option<Self> {
        let (length, rest) = kept.as_bytes().split_first()?;
        let (content_type, body) = rest.split_at_checked(usize::from(*length))?;
        let content_type = core::str::from_utf8(content_type).ok()?;
        Some(Self {
            status: None,
            content_type: (!content_type.is_empty()).then(|| content_type.into()),
            header: None,
            body: body.to_vec(),
        })
    }
}

/// Without the body, which is the application's.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// When no handler spoke, and a body is wanted all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Situation {
    /// The event was done before, and no reply was kept.
    Duplicate {
        /// How it ended.
        outcome: Outcome,
    },
    /// The handler refused it for good, or put it aside; the sender is told that
    /// all is well.
    Refused,
    /// The sender is asked to retry, for this reason.
    Retry {
        /// Why.
        code: Code,
    },
    /// The event was done before, with another body.
    Reused,
}

/// Why a handler did not process an event.
#[derive(Debug)]
#[must_use]
pub struct HandlerError {
    pub(super) kind: Kind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Another attempt may succeed.
    Retry,
    /// It never will.
    Refused(Outcome),
}

impl HandlerError {
    /// Another attempt may succeed: the claim is given back, and the sender asked to
    /// retry. The handler says by this that nothing of it is still running.
    pub fn retry(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Kind::Retry, source)
    }

    /// No attempt will ever succeed: the event counts as done, and the sender is told
    /// that all is well, so that it stops.
    pub fn reject(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Kind::Refused(Outcome::Rejected), source)
    }

    /// As [`reject`](Self::reject), for an event that was put aside for a person.
    pub fn dead_letter(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Kind::Refused(Outcome::DeadLettered), source)
    }

    pub(super) fn worth_a_retry(mut self) -> Self {
        self.kind = Kind::Retry;
        self
    }

    fn new(kind: Kind, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind,
            source: Some(source.into()),
        }
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Retry => "the handler failed",
            Kind::Refused(Outcome::DeadLettered) => "the handler put the event aside",
            Kind::Refused(_) => "the handler refused the event for good",
        })
    }
}

impl Error for HandlerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| {
            let source: &(dyn Error + 'static) = source;
            source
        })
    }
}
