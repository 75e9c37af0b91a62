//! The streaming entry: the same stages, the body in chunks.
//!
//! The caller keeps the bytes sealed until [`Stream::finish`] says that they are
//! genuine; nothing of the body is kept here.

use core::fmt;

use super::authentic::Authentic;
use super::content::Content;
use super::delivery::Head;
use super::fields::Fields;
use super::integrity::Check;
use super::values::BodyValues;
use super::{Verifier, absent_from_body};
use crate::{ConfigError, Rejection, Timestamp};

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
/// let genuine = stream.finish(Timestamp::now())?;
/// assert_eq!(genuine.key_name(), "current");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct StreamVerifier<'v> {
    verifier: &'v Verifier,
    content: &'v Content,
}

/// One delivery whose body is still coming.
#[must_use = "a stream that is not finished has verified nothing"]
pub struct Stream<'d> {
    verifier: &'d Verifier,
    content: &'d Content,
    head: Head<'d>,
    fields: Fields<'d>,
    check: Check,
    body_bytes: usize,
}

impl<'v> StreamVerifier<'v> {
    pub(super) fn new(verifier: &'v Verifier) -> Result<Self, ConfigError> {
        let not_streamable = |why| ConfigError::NotStreamable {
            scheme: verifier.scheme.id.clone().into(),
            why,
        };
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

    /// Begins with the head: stages 1 to 4.
    ///
    /// # Errors
    ///
    /// The first stage that refuses the head.
    pub fn begin<'d>(&self, head: Head<'d>) -> Result<Stream<'d>, Rejection>
    where
        'v: 'd,
    {
        let verifier = self.verifier;
        let fields = verifier.slots.read(head.headers)?;
        let nothing = BodyValues::default();
        let signatures = verifier.signature_reader().read(&fields.signatures)?;
        let time = verifier.time(&fields, &nothing, &signatures)?;
        let sources = verifier.sources(&head, &fields, &nothing, &time)?;
        let mut check = Check::new();
        verifier.keys.start(verifier.scheme.algorithm, &mut check);
        self.content
            .feed_before(sources, &mut |bytes| check.update(0, 1, bytes))
            .ok_or_else(absent_from_body)?;
        Ok(Stream {
            verifier,
            content: self.content,
            head,
            fields,
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
        self.body_bytes = self.body_bytes.saturating_add(chunk.len());
        self.verifier.check_size(self.body_bytes)?;
        self.check.update(0, 1, chunk);
        Ok(())
    }

    /// Ends the body: signature and window.
    ///
    /// # Errors
    ///
    /// The first stage that refuses the delivery.
    pub fn finish(self, now: Timestamp) -> Result<Authentic<'d>, Rejection> {
        let Self {
            verifier,
            content,
            head,
            fields,
            mut check,
            body_bytes,
        } = self;
        verifier.check_size(body_bytes)?;
        // The head parsed before; its candidates are cheaper to read again than to carry.
        let nothing = BodyValues::default();
        let signatures = verifier.signature_reader().read(&fields.signatures)?;
        let time = verifier.time(&fields, &nothing, &signatures)?;
        let sources = verifier.sources(&head, &fields, &nothing, &time)?;
        content
            .feed_after(sources, &mut |bytes| check.update(0, 1, bytes))
            .ok_or_else(absent_from_body)?;
        let (key, content) = verifier.keys.settle(&mut check, &signatures)?;
        verifier.conclude(head, fields, sources, key, content, &time, body_bytes, now)
    }
}

impl fmt::Debug for Stream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("body_bytes", &self.body_bytes)
            .finish_non_exhaustive()
    }
}
