//! What support asks for when a delivery is refused, and nothing secret.
//!
//! Receiver and sender each make a [`Bundle`] of the delivery as they have it, and exchange
//! those instead of the delivery. [`Bundle::compare`] then names the range of bytes that
//! changed on the way, the style in which the body was written again, or says that the two
//! hold different secrets.
//!
//! A bundle holds method, path and names of query parameters, names of headers and the
//! shape of their values, the verdict, the event id, times, and the body's length. The body
//! itself is there only as digests of its chunks and of its usual re-encodings. They are
//! keyed with a value derived from the shared secret, since a digest of something short can
//! be guessed. A secret under 16 bytes could be guessed by them too, and a public key keeps
//! nothing from anybody: then there are lengths only.

mod chunks;
mod comparison;
mod digest;
mod document;
mod fault;
mod headers;
mod judgement;
mod keyed;
mod request;
mod shape;
mod shown;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest as _, Sha256};

pub use self::comparison::{
    BodyComparison, Comparison, Difference, Reencoding, Secrets, Side, Span, Subject,
};
pub use self::document::Bundle;
pub use self::fault::BundleError;

use self::chunks::Hashed;
use self::document::{Body, Document, Key, VERSION};
use self::headers::HeaderReader;
use self::keyed::{Keyed, Without};
use self::request::Request;
use self::shown::Shown;
use crate::diagnose::reencodings;
use crate::scheme::Scheme;
use crate::{ConfigError, Delivery, KeyRing, Timestamp, Verifier};

/// Makes bundles of deliveries of one scheme.
///
/// ```
/// use countersign::bundle::{BodyComparison, Bundler};
/// use countersign::scheme::catalogue::GITHUB;
/// use countersign::{Delivery, KeyRing, Timestamp};
///
/// let ring = KeyRing::new().with("current", "a secret of both, long enough")?;
/// let bundler = Bundler::new(GITHUB, &ring)?;
/// let headers = [("x-hub-signature-256", "sha256=00"), ("x-github-delivery", "72d3162e")];
/// let names = headers.iter().map(|(name, _)| *name);
///
/// let sent = Delivery::new(&headers, br#"{"action":"opened","number":1}"#);
/// let received = Delivery::new(&headers, br#"{"action": "opened", "number": 1}"#);
/// let sent = bundler.bundle(&sent, names.clone(), Timestamp::EPOCH)?;
/// let received = bundler.bundle(&received, names, Timestamp::EPOCH)?;
///
/// let comparison = sent.compare(&received)?;
/// let BodyComparison::Reencoded(reencoding) = comparison.body() else {
///     panic!("it is the same JSON");
/// };
/// assert_eq!(reencoding.form(), "blanks after commas and colons (Python)");
/// assert!(!received.to_json().contains("opened"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct Bundler {
    scheme: Scheme,
    ring: KeyRing,
    keys: Vec<(String, Result<Keyed, Without>)>,
    url: Option<String>,
    parameters: Vec<(String, String)>,
}

impl Bundler {
    /// A bundler for a scheme and the secrets that the user holds. Secrets that a verifier
    /// would refuse are taken too: with short ones a delivery is judged all the same, and
    /// of others the verdict says what is wrong with them.
    ///
    /// # Errors
    ///
    /// `INVALID_SCHEME` or `UNSAFE_SCHEME`, and `INVALID_KEY_RING` for an empty ring.
    pub fn new(scheme: Scheme, ring: &KeyRing) -> Result<Self, ConfigError> {
        scheme.check()?;
        if ring.secrets().is_empty() {
            return Err(ConfigError::InvalidKeyRing {
                problem: "it holds no secret".into(),
            });
        }
        let keys = ring.secrets().iter().map(|secret| {
            let keyed = Keyed::new(scheme.algorithm, &scheme.key, secret);
            (secret.name().into(), keyed)
        });
        Ok(Self {
            keys: keys.collect(),
            ring: ring.clone().insecure_allow_short_secrets(),
            scheme,
            url: None,
            parameters: Vec::new(),
        })
    }

    /// The URL as registered with the provider, for schemes that sign it. Without it the
    /// delivery's own is taken.
    pub fn registered_url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// A parameter that the scheme needs beside keys and URL.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// How old a delivery may be, in seconds; `None`: of any age.
    pub const fn past(mut self, seconds: Option<u32>) -> Self {
        self.scheme.window.past_s = seconds;
        self
    }

    /// How far ahead of the clock a delivery may be, in seconds; `None`: any.
    pub const fn future(mut self, seconds: Option<u32>) -> Self {
        self.scheme.window.future_s = seconds;
        self
    }

    /// The names of keys that digests cannot be made with, each with what it is: bundles
    /// hold only lengths for them.
    pub fn without_digests(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let keys = self.keys.iter();
        keys.filter_map(|(name, keyed)| Some((name.as_str(), keyed.as_ref().err()?.describe())))
    }

    /// The bundle of a delivery, judged at `now`. Headers can be asked by name only, so
    /// `names` tells which there are.
    ///
    /// # Errors
    ///
    /// `MISSING_PARAMETER`, `UNKNOWN_PARAMETER` or `FEATURE_MISSING`: what keeps the
    /// delivery from being judged, other than a secret.
    pub fn bundle<'n>(
        &self,
        delivery: &Delivery<'_>,
        names: impl IntoIterator<Item = &'n str>,
        now: Timestamp,
    ) -> Result<Bundle, ConfigError> {
        let Delivery { head, body } = *delivery;
        let shown = Shown::new(&self.scheme, &self.ring);
        let judgement = match self.verifier(delivery) {
            Ok(verifier) => judgement::of(&verifier, delivery, now, &shown),
            Err(
                problem @ (ConfigError::InvalidSecret { .. } | ConfigError::InvalidKeyRing { .. }),
            ) => judgement::unjudged(&self.scheme, &problem, delivery, &shown),
            Err(problem) => return Err(problem),
        };
        let hashed = Hashed::of(body);
        let whole: [u8; 32] = Sha256::digest(body).into();
        let made = reencodings(body).map(|made| {
            let texts = made.map(|made| (made.form.into(), Sha256::digest(&made.text).into()));
            once(&whole, texts)
        });
        let texts: Vec<[u8; 32]> = made.iter().flatten().map(|(_, text)| *text).collect();
        let forms = made.map(|made| made.into_iter().map(|(form, _)| form).collect());
        let keys = self.keys.iter().map(|(name, keyed)| match keyed {
            Ok(keyed) => Key::with(name, keyed.digests(&whole, &hashed, &texts)),
            Err(without) => Key::without(name, *without),
        });
        Ok(Bundle::from(Document {
            version: VERSION,
            scheme: self.scheme.id.clone().into_owned(),
            bundled_at: now.to_string(),
            request: Request::new(&head, &shown),
            verdict: judgement.verdict,
            event_id: judgement.event_id,
            timestamp: judgement.timestamp,
            headers: HeaderReader::new(&self.scheme).read(head.headers, names, &shown),
            body: Body {
                length: u64::try_from(body.len()).unwrap_or(u64::MAX),
                reencodings: forms,
            },
            keys: keys.collect(),
        }))
    }

    fn verifier(&self, delivery: &Delivery<'_>) -> Result<Verifier, ConfigError> {
        let mut builder = Verifier::builder(self.scheme.clone()).ring(&self.ring);
        if let Some(url) = self.url.as_deref().or(delivery.head.url) {
            builder = builder.registered_url(url);
        }
        for (name, value) in &self.parameters {
            builder = builder.parameter(name, value);
        }
        builder.build()
    }
}

/// Each text once, under the first form that makes it, and none that is the body itself.
fn once(
    body: &[u8; 32],
    texts: impl Iterator<Item = (String, [u8; 32])>,
) -> Vec<(String, [u8; 32])> {
    let mut kept: Vec<(String, [u8; 32])> = Vec::new();
    for (form, digest) in texts {
        if digest != *body && kept.iter().all(|(_, known)| *known != digest) {
            kept.push((form, digest));
        }
    }
    kept
}

impl fmt::Debug for Bundler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundler")
            .field("scheme", &self.scheme.id)
            .field("ring", &self.ring)
            .finish_non_exhaustive()
    }
}
