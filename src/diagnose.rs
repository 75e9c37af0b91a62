//! Why was a delivery refused? A separate call, never in the request path.
//!
//! Given a refused delivery and the secrets that the user holds, [`Diagnosis`] looks for
//! the change that makes the signature match: another form of the secret, of the body, of
//! the signed content, of the time, the URL, the encoding, the algorithm, or another
//! provider's scheme; one change, then two. One match is a proof, and says what to mend.
//!
//! What it finds is a text for people. It cannot become an HTTP answer, no delivery passes
//! by it, and it holds no secret, no signature that would be right and no text of a body.
//! Nobody but the owner of the secrets can ask: without them nothing is found.

mod age;
mod budget;
mod candidate;
mod case;
mod cause;
mod claims;
mod compression;
mod event_id;
mod finding;
mod headers;
mod hypothesis;
mod key;
mod keys;
mod reading;
mod reencoding;
mod reprint;
mod search;
mod several;
mod whole;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use cause::Cause;
pub use finding::{DetailValue, Explanation, Finding, Mistake, Unexplained};
pub use several::{Common, Several};

pub(crate) use claims::Claims;
pub(crate) use reencoding::{keeps_text, reencodings};

use self::case::Case;
use self::reading::Layout;
use crate::scheme::Scheme;
use crate::{ConfigError, Delivery, KeyRing, Secret, Timestamp, Verifier};

/// Looks for the reason why deliveries of a scheme are refused.
///
/// ```
/// use countersign::diagnose::{Cause, Diagnosis, Finding};
/// use countersign::scheme::catalogue::GITHUB;
/// use countersign::{Delivery, KeyRing, Timestamp};
///
/// let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
/// let headers = [("X-Hub-Signature-256", signature)];
/// let ring = KeyRing::new().with("current", "\"It's a Secret to Everybody\"\n")?;
///
/// let diagnosis = Diagnosis::new(GITHUB, &ring)?;
/// let delivery = Delivery::new(&headers, b"Hello, World!");
/// let Finding::Explained(why) = diagnosis.explain(&delivery, Timestamp::EPOCH) else {
///     panic!("the blanks and quotes are found");
/// };
/// assert_eq!(why.cause(), Cause::SecretWhitespace);
/// assert_eq!(why.also()[0].cause(), Cause::SecretQuoted);
/// assert!(why.is_proven());
/// # Ok::<(), countersign::ConfigError>(())
/// ```
#[must_use]
pub struct Diagnosis {
    scheme: Scheme,
    layout: Layout,
    in_use: Vec<Secret>,
    others: Vec<Secret>,
    url: Option<String>,
    parameters: Vec<(String, String)>,
    budget: u32,
}

impl Diagnosis {
    /// A diagnosis for a scheme and the secrets in use. Secrets that a verifier would
    /// refuse are taken too: they may be the reason.
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
        Ok(Self {
            layout: Layout::new(scheme.clone()),
            scheme,
            in_use: ring.secrets().to_vec(),
            others: Vec::new(),
            url: None,
            parameters: Vec::new(),
            budget: budget::DEFAULT,
        })
    }

    /// Other secrets that the delivery may be signed with: of another channel or
    /// environment, or the previous one.
    pub fn other_secrets(mut self, ring: &KeyRing) -> Self {
        self.others = ring.secrets().to_vec();
        self
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

    /// How many MACs a search may take, 20,000 unless told. A MAC over 128 KiB or more
    /// counts as several, so that at most 128 KiB for each are hashed: a body over the
    /// scheme's cap is searched too, with as few MACs as its length leaves.
    pub const fn budget(mut self, macs: u32) -> Self {
        self.budget = macs;
        self
    }

    /// Why this delivery was refused at `now`.
    #[must_use]
    pub fn explain(&self, delivery: &Delivery<'_>, now: Timestamp) -> Finding {
        self.explain_watched(delivery, now, &mut |_| {})
    }

    /// The same; `watch` is told now and then how many MACs were computed.
    #[must_use]
    pub fn explain_watched(
        &self,
        delivery: &Delivery<'_>,
        now: Timestamp,
        watch: &mut dyn FnMut(u32),
    ) -> Finding {
        let verifier = self.verifier(delivery);
        let rejection = match &verifier {
            Some(verifier) => match verifier.verify(delivery, now) {
                Ok(_) => return Finding::Verifies,
                Err(rejection) => Some(rejection),
            },
            None => None,
        };
        let case = Case {
            diagnosis: self,
            delivery: *delivery,
            now,
            rejection,
            keys: keys::keys(&self.layout.scheme, &self.in_use, &self.others),
        };
        case.explain(watch)
    }

    /// A verifier with those secrets in use that one can be built with.
    fn verifier(&self, delivery: &Delivery<'_>) -> Option<Verifier> {
        let url = self.url.as_deref().or(delivery.head.url);
        let build = |ring: &KeyRing| self.build(ring, url, self.scheme.body_limit);
        let alone = |secret: &&Secret| {
            let ring = KeyRing::new().insecure_allow_short_secrets();
            ring.with_secret((*secret).clone())
                .is_ok_and(|ring| build(&ring).is_some())
        };
        let ring = self.in_use.iter().filter(alone).try_fold(
            KeyRing::new().insecure_allow_short_secrets(),
            |ring, secret| ring.with_secret(secret.clone()),
        );
        build(&ring.ok()?)
    }

    fn build(&self, ring: &KeyRing, url: Option<&str>, body_limit: u64) -> Option<Verifier> {
        let mut builder = Verifier::builder(self.scheme.clone())
            .ring(ring)
            .body_limit(body_limit);
        if let Some(url) = url {
            builder = builder.registered_url(url);
        }
        for (name, value) in &self.parameters {
            builder = builder.parameter(name, value);
        }
        builder.build().ok()
    }
}

impl fmt::Debug for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Diagnosis")
            .field("scheme", &self.scheme.id)
            .field("in_use", &self.in_use)
            .field("others", &self.others)
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}
