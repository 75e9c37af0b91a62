//! The streaming entry: the same stages, the body in chunks.
//!
//! A [`Stream`] keeps the chunks sealed: nobody sees a byte before the signature
//! has matched. A [`DetachedStream`] keeps nothing, for bodies that do not fit into
//! memory; its caller seals the bytes, and it cannot name the event.

use alloc::vec::Vec;
use core::fmt;

use super::Verifier;
use super::authentic::Authentic;
use super::content::Content;
use super::delivery::{Delivery, Head};
use super::running::Running;
use super::verified::Verified;
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
    running: Running,
}

/// A streamed body that turned out to be genuine and in time.
#[must_use = "verified tells which event it is"]
pub struct Unsealed<'d> {
    /// Of the head; the body stands beside it.
    authentic: Authentic<'d>,
    body: Vec<u8>,
}

impl<'v> StreamVerifier<'v> {
    pub(super) fn new(verifier: &'v Verifier) -> Result<Self, ConfigError> {
        match streamed_content(verifier) {
            Ok(content) => Ok(Self { verifier, content }),
            Err(why) => Err(ConfigError::NotStreamable {
                scheme: verifier.scheme.id.clone().into(),
                why,
            }),
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
        let running = Running::begin(self.verifier, self.content, &head)?;
        Ok(DetachedStream {
            verifier: self.verifier,
            content: self.content,
            head,
            running,
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
        Ok(Unsealed {
            authentic: self.inner.authenticate(now)?,
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
        self.running.update(self.verifier, chunk)
    }

    /// Ends the body: signature and window. Tells the name of the key that matched
    /// and the signed time.
    ///
    /// # Errors
    ///
    /// The first stage that refuses the delivery.
    pub fn finish(self, now: Timestamp) -> Result<(&'d str, Option<Signed<Timestamp>>), Rejection> {
        let verifier = self.verifier;
        let authentic = self.authenticate(now)?;
        Ok((verifier.keys.name(authentic.key), authentic.time))
    }

    fn authenticate(self, now: Timestamp) -> Result<Authentic<'d>, Rejection> {
        let Self {
            verifier,
            content,
            head,
            running,
        } = self;
        let nothing_kept = Delivery { head, body: &[] };
        running.finish(verifier, content, &nothing_kept, now)
    }
}

impl Unsealed<'_> {
    /// The name of the key that matched.
    #[must_use]
    pub fn key_name(&self) -> &str {
        self.authentic.key_name()
    }

    /// The signed time, where the scheme has one.
    #[must_use]
    pub const fn timestamp(&self) -> Option<Signed<Timestamp>> {
        self.authentic.time
    }

    /// A time outside the signature, which decided nothing.
    #[must_use]
    pub const fn unsigned_timestamp(&self) -> Option<Unsigned<Timestamp>> {
        self.authentic.unsigned_time
    }

    /// Names the event.
    ///
    /// # Errors
    ///
    /// As [`Authentic::identify`].
    pub fn verified(&self) -> Result<Verified<'_>, Rejection> {
        let authentic = Authentic {
            claimed_id: None,
            body: &self.body,
            ..self.authentic
        };
        authentic.identify()
    }

    /// The body, genuine and in time, whatever event it is.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }
}

/// The content of a scheme whose body can be taken in chunks, or why it cannot.
pub(crate) fn streamed_content(verifier: &Verifier) -> Result<&Content, &'static str> {
    if verifier.outsider.is_some() {
        return Err("its signature is checked by code that wants the whole body");
    }
    if !verifier.body_fields.is_empty() {
        return Err("its signature, its time or a signed field stands inside the body");
    }
    if !verifier.keys.is_streamable(verifier.scheme.algorithm) {
        return Err("its algorithm wants the whole message");
    }
    match verifier.contents.as_slice() {
        [content] if content.is_streamable() => Ok(content),
        _ => Err("its content is more than one raw body"),
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
            .field("body_bytes", &self.running.body_bytes())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Unsealed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsealed")
            .field("scheme", &self.authentic.verifier.scheme.id)
            .field("key_name", &self.key_name())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
