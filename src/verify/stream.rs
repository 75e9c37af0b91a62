//! The streaming entry: the same stages, the body in chunks.
//!
//! A [`Stream`] keeps the chunks sealed: nobody sees a byte before the signature
//! has matched. A [`DetachedStream`] keeps nothing, for bodies that do not fit into
//! memory; its caller seals the bytes, and it cannot name the event.

use alloc::vec::Vec;
use core::fmt;

use super::authentic::Authentic;
use super::content::{Content, Sources};
use super::delivery::Head;
use super::fields::{Fields, Numbered};
use super::integrity::Check;
use super::values::BodyValues;
use super::verified::Verified;
use super::{JudgedTime, Verifier, absent_from_body};
use crate::{ConfigError, Rejection, Signed, Timestamp, Unsigned};

/// A verifier that takes bodies in chunks.
///
/// ```
/// use countersign::scheme::catalogue::GITHUB;
/// use countersign::{Head, KeyRing, Timestamp, Verifier};
///
/// let ring = KeyRing::new().with("current", "It's a Secret to Everybody")?;
/// let verifier = Verifier::new(GITHUB, &ring)?;
/// let streaming = verifier.streaming()?;
///
/// let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
/// let headers = [("X-Hub-Signature-256", signature)];
/// let mut stream = streaming.begin(Head::new(&headers))?;
/// stream.update(b"Hello, ")?;
/// stream.update(b"World!")?;
/// let unsealed = stream.finish(Timestamp::now())?;
/// assert_eq!(unsealed.verified()?.body(), b"Hello, World!");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct StreamVerifier<'v> {
    verifier: &'v Verifier,
    content: &'v Content,
}

/// One delivery whose body is still coming; what has come is sealed.
#[must_use = "a stream that is not finished has verified nothing"]
pub struct Stream<'d> {
    inner: DetachedStream<'d>,
    body: Vec<u8>,
}

/// One delivery whose body is still coming and is kept by the caller.
#[must_use = "a stream that is not finished has verified nothing"]
pub struct DetachedStream<'d> {
    verifier: &'d Verifier,
    content: &'d Content,
    head: Head<'d>,
    fields: Fields<'d>,
    numbered: Option<Numbered<'d>>,
    check: Check,
    body_bytes: u64,
}

/// A streamed body that turned out to be genuine and in time.
#[must_use = "verified tells which event it is"]
pub struct Unsealed<'d> {
    verifier: &'d Verifier,
    head: Head<'d>,
    fields: Fields<'d>,
    key: usize,
    time: JudgedTime,
    body: Vec<u8>,
}

impl<'v> StreamVerifier<'v> {
    pub(super) fn new(verifier: &'v Verifier) -> Result<Self, ConfigError> {
        let not_streamable = |why| ConfigError::NotStreamable {
            scheme: verifier.scheme.id.clone().into(),
            why,
        };
        if verifier.outsider.is_some() {
            return Err(not_streamable(
                "its signature is checked by code that wants the whole body",
            ));
        }
        if !verifier.body_fields.is_empty() {
            return Err(not_streamable(
                "its signature, its time or a signed field stands inside the body",
            ));
        }
        if !verifier.keys.is_streamable(verifier.scheme.algorithm) {
            return Err(not_streamable("its algorithm wants the whole message"));
        }
        match verifier.contents.as_slice() {
            [content] if content.is_streamable() => Ok(Self { verifier, content }),
            _ => Err(not_streamable("its content is more than one raw body")),
        }
    }

    /// Begins with the head: stages 1 to 4. The chunks will be kept, sealed, up to
    /// the body cap.
    ///
    /// # Errors
    ///
    /// The first stage that refuses the head.
    pub fn begin<'d>(&self, head: Head<'d>) -> Result<Stream<'d>, Rejection>
    where
        'v: 'd,
    {
        let inner = self.begin_detached(head)?;
        Ok(Stream {
            inner,
            body: Vec::new(),
        })
    }

    /// Begins with the head, and keeps nothing of the body: the caller does, and
    /// trusts no byte of it before [`DetachedStream::finish`].
    ///
    /// # Errors
    ///
    /// The first stage that refuses the head.
    pub fn begin_detached<'d>(&self, head: Head<'d>) -> Result<DetachedStream<'d>, Rejection>
    where
        'v: 'd,
    {
        let verifier = self.verifier;
        let mut fields = Fields::new();
        let mut numbered = None;
        verifier
            .slots
            .read(head.headers, &mut fields, &mut numbered)?;
        let mut check = Check::new();
        {
            let nothing = BodyValues::none();
            let signatures = verifier.slots.signatures(&fields, numbered.as_ref());
            let mut signatures = verifier.signature.unread(signatures);
            verifier.signature.read(&mut signatures)?;
            let time = verifier.time.read(&fields, nothing, signatures.time)?;
            let sources = &Sources {
                head: &head,
                fields: &fields,
                body_values: nothing,
                time: time.text,
                url: verifier.signed_url(&head)?,
            };
            verifier.keys.start(verifier.scheme.algorithm, &mut check);
            let mut sink = |bytes: &[u8]| check.update(0, 1, bytes);
            self.content
                .feed_before(sources, &mut sink)
                .ok_or_else(absent_from_body)?;
        }
        Ok(DetachedStream {
            verifier,
            content: self.content,
            head,
            fields,
            numbered,
            check,
            body_bytes: 0,
        })
    }
}

impl<'d> Stream<'d> {
    /// Takes the next chunk.
    ///
    /// # Errors
    ///
    /// `BODY_TOO_LARGE` as soon as the chunks pass the cap.
    pub fn update(&mut self, chunk: &[u8]) -> Result<(), Rejection> {
        self.inner.update(chunk)?;
        self.body.extend_from_slice(chunk);
        Ok(())
    }

    /// Ends the body: signature and window.
    ///
    /// # Errors
    ///
    /// The first stage that refuses the delivery.
    pub fn finish(self, now: Timestamp) -> Result<Unsealed<'d>, Rejection> {
        let (verifier, head, fields) = (self.inner.verifier, self.inner.head, self.inner.fields);
        let (key, time) = self.inner.judge(now)?;
        Ok(Unsealed {
            verifier,
            head,
            fields,
            key,
            time,
            body: self.body,
        })
    }
}

impl<'d> DetachedStream<'d> {
    /// Takes the next chunk.
    ///
    /// # Errors
    ///
    /// `BODY_TOO_LARGE` as soon as the chunks pass the cap.
    pub fn update(&mut self, chunk: &[u8]) -> Result<(), Rejection> {
        let bytes = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.body_bytes = self.body_bytes.saturating_add(bytes);
        self.verifier.check_size(self.body_bytes)?;
        self.check.update(0, 1, chunk);
        Ok(())
    }

    /// Ends the body: signature and window. Tells the name of the key that matched
    /// and the signed time.
    ///
    /// # Errors
    ///
    /// The first stage that refuses the delivery.
    pub fn finish(self, now: Timestamp) -> Result<(&'d str, Option<Signed<Timestamp>>), Rejection> {
        let verifier = self.verifier;
        let (key, (time, _)) = self.judge(now)?;
        Ok((verifier.keys.name(key), time))
    }

    fn judge(self, now: Timestamp) -> Result<(usize, JudgedTime), Rejection> {
        let Self {
            verifier,
            content,
            head,
            fields,
            numbered,
            mut check,
            body_bytes,
        } = self;
        verifier.check_size(body_bytes)?;
        // The head parsed before; its candidates are cheaper to read again than to carry.
        let nothing = BodyValues::none();
        let signatures = verifier.slots.signatures(&fields, numbered.as_ref());
        let mut signatures = verifier.signature.unread(signatures);
        verifier.signature.read(&mut signatures)?;
        let time = verifier.time.read(&fields, nothing, signatures.time)?;
        let sources = &Sources {
            head: &head,
            fields: &fields,
            body_values: nothing,
            time: time.text,
            url: verifier.signed_url(&head)?,
        };
        let mut sink = |bytes: &[u8]| check.update(0, 1, bytes);
        content
            .feed_after(sources, &mut sink)
            .ok_or_else(absent_from_body)?;
        let matched = verifier.keys.settle(&mut check, &signatures)?;
        let time = verifier.conclude(matched, sources, &time, now)?;
        Ok((matched.key(), time))
    }
}

impl Unsealed<'_> {
    /// The name of the key that matched.
    #[must_use]
    pub fn key_name(&self) -> &str {
        self.verifier.keys.name(self.key)
    }

    /// The signed time, where the scheme has one.
    #[must_use]
    pub const fn timestamp(&self) -> Option<Signed<Timestamp>> {
        self.time.0
    }

    /// A time outside the signature, which decided nothing.
    #[must_use]
    pub const fn unsigned_timestamp(&self) -> Option<Unsigned<Timestamp>> {
        self.time.1
    }

    /// Names the event.
    ///
    /// # Errors
    ///
    /// As [`Authentic::identify`].
    pub fn verified(&self) -> Result<Verified<'_>, Rejection> {
        let authentic = Authentic {
            verifier: self.verifier,
            head: self.head,
            fields: self.fields,
            key: self.key,
            time: self.time.0,
            unsigned_time: self.time.1,
            claimed_id: None,
            body: &self.body,
        };
        authentic.identify()
    }

    /// The body, genuine and in time, whatever event it is.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }
}

impl fmt::Debug for Stream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for DetachedStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DetachedStream")
            .field("body_bytes", &self.body_bytes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Unsealed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsealed")
            .field("scheme", &self.verifier.scheme.id)
            .field("key_name", &self.key_name())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
