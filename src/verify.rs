//! Is a delivery genuine, and which event is it? Bytes and `now` in, proof or
//! rejection out: no IO, no clock, no async, no panic.
//!
//! The stages, each a file of this folder, in the order that is a promise:
//!
//! 1. `fields`: required headers present, none repeated with different values;
//! 2. `fields`: fixed headers and versions;
//! 3. `signature`: the signature text is well formed;
//! 4. `time`: the time's text is well formed;
//! 5. the body cap;
//! 6. `content` and `integrity`: a key matches;
//! 7. `time`: the signed time lies in the window;
//! 8. `challenge`: the signature is not one that anybody could have asked for;
//! 9. `identity`: the event id, and what makes two deliveries the same event.

#[cfg(feature = "challenge")]
mod asked;
mod authentic;
mod builder;
mod challenge;
pub(crate) mod content;
mod delivery;
pub(crate) mod encoding;
pub(crate) mod fields;
#[cfg(any(feature = "challenge", feature = "form"))]
mod form;
#[cfg(not(any(feature = "challenge", feature = "form")))]
#[path = "verify/form_absent.rs"]
mod form;
mod headers;
mod identity;
mod integrity;
#[cfg(feature = "json")]
mod json;
#[cfg(not(feature = "json"))]
#[path = "verify/json_absent.rs"]
mod json;
pub(crate) mod lanes;
mod likeness;
pub(crate) mod mac;
mod outside;
pub(crate) mod public_key;
mod running;
pub(crate) mod signature;
mod stream;
pub(crate) mod time;
pub(crate) mod values;
mod verified;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use authentic::Authentic;
pub use builder::VerifierBuilder;
pub use delivery::{Delivery, Head};
pub use headers::{HeaderFn, HeaderName, Headers, header_fn};
pub use likeness::Likeness;
pub use stream::{DetachedStream, Stream, StreamVerifier, Unsealed};
pub use verified::{DedupeKey, EventId, KeyId, KeyPartText, Verified};

pub(crate) use fields::{
    every_header_name, header_names, required_header_names, signature_header_names, slot_count,
};
pub(crate) use identity::identity_paths;
#[cfg(feature = "spool")]
pub(crate) use identity::named_without_body;
pub(crate) use likeness::like as likenesses;
#[cfg(feature = "challenge")]
pub(crate) use outside::amazon::is_sns;
pub(crate) use public_key::feature as public_key_feature;
pub(crate) use values::MAX_PATHS;
#[cfg(any(feature = "challenge", feature = "diagnose"))]
pub(crate) use {json::fields as json_fields, values::Value};
#[cfg(feature = "receiver")]
pub(crate) use {running::Running, stream::streamed_content};

use self::challenge::Answerable;
use self::content::{Content, SignedBytes, Sources};
use self::fields::{Fields, Numbered, Slots};
use self::identity::IdentityReader;
use self::integrity::{Check, Keys, Matched};
use self::outside::Outsider;
use self::signature::{SignatureReader, Values};
use self::time::{FoundTime, TimeReader};
use self::values::{BodyFields, BodyValues};
use crate::scheme::{Scheme, SignatureSource, Window};
use crate::{
    ConfigError, EventIdProblem, HeaderSet, KeyRing, Rejection, SignatureProblem, Signed,
    Timestamp, Unsigned,
};

/// A scheme, a key ring and a tolerance: verifies deliveries.
///
/// ```
/// use countersign::scheme::catalogue::STRIPE;
/// use countersign::{Delivery, KeyRing, Timestamp, Verifier};
///
/// let ring = KeyRing::new().with("current", "whsec_test_secret_of_the_docs")?;
/// let verifier = Verifier::new(STRIPE, &ring)?;
///
/// let headers = [("Stripe-Signature", "t=1700000000,v1=00")];
/// let verdict = verifier.verify(&Delivery::new(&headers, b"{}"), Timestamp::now());
/// assert_eq!(verdict.unwrap_err().code().as_str(), "MALFORMED_SIGNATURE");
/// # Ok::<(), countersign::ConfigError>(())
/// ```
#[derive(Debug)]
pub struct Verifier {
    scheme: Scheme,
    keys: Keys,
    window: Window,
    body_limit: u64,
    url: UrlSource,
    parameters: Vec<(String, String)>,
    slots: Slots,
    contents: Vec<Content>,
    body_fields: BodyFields,
    identity: IdentityReader,
    signature: SignatureReader,
    time: TimeReader,
    outsider: Option<Box<dyn Outsider>>,
    answerable: Option<Answerable>,
}

/// Where a signed URL comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum UrlSource {
    /// As registered with the provider.
    Registered(String),
    /// From the request, if its host is one of these.
    Request(Vec<String>),
    /// The scheme signs none.
    Unused,
}

impl Verifier {
    /// A verifier with the scheme's own window and body cap.
    ///
    /// # Errors
    ///
    /// `INVALID_SECRET`, `INVALID_KEY_RING`, `INVALID_SCHEME`, `UNSAFE_SCHEME`,
    /// `FEATURE_MISSING`, `MISSING_PARAMETER` for a scheme that signs a URL or needs
    /// another parameter, or `UNKNOWN_PARAMETER`.
    pub fn new(scheme: Scheme, ring: &KeyRing) -> Result<Self, ConfigError> {
        Self::builder(scheme).ring(ring).build()
    }

    /// A builder, for another window or body cap, or a registered URL.
    pub const fn builder(scheme: Scheme) -> VerifierBuilder {
        VerifierBuilder::new(scheme)
    }

    /// The same verifier with another key ring.
    ///
    /// # Errors
    ///
    /// `INVALID_SECRET` or `INVALID_KEY_RING`.
    pub fn with_ring(&self, ring: &KeyRing) -> Result<Self, ConfigError> {
        VerifierBuilder::of(self).ring(ring).build()
    }

    /// The scheme.
    #[must_use]
    pub const fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The window in force.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    /// Longest body accepted, in bytes.
    #[must_use]
    pub const fn body_limit(&self) -> u64 {
        self.body_limit
    }

    /// The scheme's own names of the headers that a rejection is about.
    pub fn header_names(&self, set: HeaderSet) -> impl Iterator<Item = &str> {
        self.slots.names(set)
    }

    /// Verifies a delivery: genuine, in time, and which event.
    ///
    /// # Errors
    ///
    /// The first stage that refuses it, in the order of this module.
    #[inline]
    pub fn verify<'d>(
        &'d self,
        delivery: &Delivery<'d>,
        now: Timestamp,
    ) -> Result<Verified<'d>, Rejection> {
        self.authenticate(delivery, now)?.identify()
    }

    /// The stages up to the window: genuine and in time, whatever event it is.
    /// [`Authentic::identify`] goes on from there.
    ///
    /// # Errors
    ///
    /// The first stage that refuses it, in the order of this module.
    #[inline]
    pub fn authenticate<'d>(
        &'d self,
        delivery: &Delivery<'d>,
        now: Timestamp,
    ) -> Result<Authentic<'d>, Rejection> {
        let head = &delivery.head;
        let mut fields = Fields::new();
        let mut numbered = None;
        self.slots.read(head.headers, &mut fields, &mut numbered)?;
        if let Some(outsider) = &self.outsider {
            return self.authenticate_outside(outsider.as_ref(), delivery, fields, now);
        }
        if !self.body_fields.is_empty() {
            return self.authenticate_in_body(delivery, &fields, numbered.as_ref(), now);
        }
        let signatures = self.slots.signatures(&fields, numbered.as_ref());
        self.judge(delivery, &fields, signatures, BodyValues::none(), now)
    }

    /// Schemes that keep signature, time or signed fields in the body. The cap comes
    /// first for them: nothing over it is parsed.
    #[cold]
    fn authenticate_in_body<'d>(
        &'d self,
        delivery: &Delivery<'d>,
        fields: &Fields<'d>,
        numbered: Option<&Numbered<'d>>,
        now: Timestamp,
    ) -> Result<Authentic<'d>, Rejection> {
        self.check_size(length(delivery.body))?;
        let body_values = self.body_fields.read(delivery.body);
        let in_body = [self.signature_in_body(&body_values)?];
        let signatures = match in_body {
            [None] => self.slots.signatures(fields, numbered),
            _ => &in_body,
        };
        self.judge(delivery, fields, signatures, &body_values, now)
    }

    /// Stages 3 to 7.
    #[inline(always)]
    fn judge<'d>(
        &'d self,
        delivery: &Delivery<'d>,
        fields: &Fields<'d>,
        signatures: Values<'_>,
        body_values: &BodyValues<'_>,
        now: Timestamp,
    ) -> Result<Authentic<'d>, Rejection> {
        let head = &delivery.head;
        let mut signatures = self.signature.unread(signatures);
        self.signature.read(&mut signatures)?;
        let time = self.time.read(fields, body_values, signatures.time)?;
        self.check_size(length(delivery.body))?;

        let sources = Sources {
            head,
            fields,
            body_values,
            time: time.text,
            url: self.signed_url(head)?,
        };
        let bytes = SignedBytes {
            contents: &self.contents,
            sources: &sources,
            body: delivery.body,
        };
        let matched = self
            .keys
            .check(self.scheme.algorithm, &bytes, &signatures)?;
        let (time, unsigned_time) = self.conclude(matched, &sources, &time, now)?;
        Ok(Authentic {
            verifier: self,
            head: *head,
            fields: *fields,
            key: matched.key(),
            time,
            unsigned_time,
            claimed_id: None,
            body: delivery.body,
        })
    }

    /// A verifier that takes the body in chunks.
    ///
    /// # Errors
    ///
    /// `NOT_STREAMABLE` for schemes that keep signature or time in the body, whose
    /// content needs more of the body than its bytes, or whose algorithm wants the
    /// whole message.
    pub fn streaming(&self) -> Result<StreamVerifier<'_>, ConfigError> {
        StreamVerifier::new(self)
    }

    /// What is left to do once a key has matched: shapes, then the window. A field
    /// that breaks its shape comes first, since it could have moved the time.
    #[inline(always)]
    fn conclude(
        &self,
        matched: Matched,
        sources: &Sources<'_>,
        time: &FoundTime<'_>,
        now: Timestamp,
    ) -> Result<JudgedTime, Rejection> {
        let content = self.contents.get(matched.content());
        if !content.is_some_and(|content| content.fits(sources)) {
            return Err(Rejection::InvalidEventId {
                problem: EventIdProblem::Ambiguous,
            });
        }
        match time.value {
            Some(value) if time.is_covered => {
                let signed = Signed::new(value);
                time::judge(&signed, now, self.window)?;
                Ok((Some(signed), None))
            }
            Some(value) => Ok((None, Some(Unsigned::new(value)))),
            None => Ok((None, None)),
        }
    }

    /// The signature, where it stands in the body.
    #[inline]
    fn signature_in_body<'b>(
        &self,
        values: &'b BodyValues<'_>,
    ) -> Result<Option<&'b [u8]>, Rejection> {
        let value = match &self.scheme.signature {
            SignatureSource::Form { field } => values.form(self.body_fields.form_index(field)),
            SignatureSource::Json { path } => values.json(self.body_fields.json_index(path)),
            _ => return Ok(None),
        };
        let value = value.filter(|value| !value.trim_ascii().is_empty());
        value.map(Some).ok_or_else(|| Rejection::MissingHeaders {
            missing: HeaderSet::default(),
        })
    }

    #[inline]
    fn check_size(&self, bytes: u64) -> Result<(), Rejection> {
        if bytes <= self.body_limit {
            return Ok(());
        }
        Err(Rejection::BodyTooLarge {
            limit: self.body_limit,
        })
    }

    /// The URL that the content holds, if it holds one. A request at a host that was
    /// not allowed cannot be genuine.
    #[inline]
    fn signed_url<'s>(&'s self, head: &Head<'s>) -> Result<Option<&'s str>, Rejection> {
        match &self.url {
            UrlSource::Unused => Ok(None),
            UrlSource::Registered(url) => Ok(Some(url)),
            UrlSource::Request(hosts) => {
                let is_allowed = |url: &&str| {
                    host(url).is_some_and(|host| hosts.iter().any(|known| known == host))
                };
                let url = head.url.filter(is_allowed);
                url.map(Some).ok_or(Rejection::InvalidSignature {
                    keys: 0,
                    signatures: 0,
                })
            }
        }
    }
}

/// The signed time that passed, or a time outside the signature, which decided nothing.
type JudgedTime = (Option<Signed<Timestamp>>, Option<Unsigned<Timestamp>>);

fn length(body: &[u8]) -> u64 {
    u64::try_from(body.len()).unwrap_or(u64::MAX)
}

const fn absent_from_body() -> Rejection {
    Rejection::MalformedSignature {
        problem: SignatureProblem::NotInBody,
        length: 0,
    }
}

/// The host of an absolute URL, without user and port.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(host.split(':').next().unwrap_or(host))
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Check(..)")
    }
}
