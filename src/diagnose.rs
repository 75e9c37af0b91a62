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
mod cause;
mod compression;
mod event_id;
mod finding;
mod headers;
mod hypothesis;
mod key;
mod keys;
mod reading;
mod reprint;
mod search;
mod several;
mod whole;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

pub use cause::Cause;
pub use finding::{DetailValue, Explanation, Finding, Mistake, Unexplained};
pub use several::{Common, Several};

use self::budget::Budget;
use self::keys::KeyTry;
use self::reading::Layout;
use self::search::{Found, Proof, Search};
use crate::scheme::Scheme;
use crate::{ConfigError, Delivery, Headers, KeyRing, Rejection, Secret, Timestamp, Verifier};

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
    /// counts as several.
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
        let build = |ring: &KeyRing| self.build(ring, url);
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

    fn build(&self, ring: &KeyRing, url: Option<&str>) -> Option<Verifier> {
        let mut builder = Verifier::builder(self.scheme.clone()).ring(ring);
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

/// One refused delivery.
struct Case<'c> {
    diagnosis: &'c Diagnosis,
    delivery: Delivery<'c>,
    now: Timestamp,
    rejection: Option<Rejection>,
    keys: Vec<KeyTry>,
}

impl Case<'_> {
    fn explain(&self, watch: &mut dyn FnMut(u32)) -> Finding {
        let head = self.delivery.head;
        match self.rejection {
            Some(Rejection::TimestampSkew { skew, limit }) => {
                return explained(alloc::vec![self.skewed(skew, limit)], true, 1);
            }
            Some(Rejection::EventIdMismatch { by_route }) => {
                let scheme = &self.diagnosis.layout.scheme;
                let body = self.delivery.body;
                let mistake = event_id::mismatch(scheme, head.headers, body, by_route);
                return explained(alloc::vec![mistake], true, 1);
            }
            _ => {}
        }
        let layout = &self.diagnosis.layout;
        let refusal = layout.read(head.headers, self.delivery.body).refusal;
        match refusal.or(self.rejection) {
            // Its headers are there, and what they hold is the business of its own code.
            Some(Rejection::AmbiguousHeader { .. } | Rejection::MissingHeaders { .. }) => {
                self.explain_headers(refusal.or(self.rejection), watch)
            }
            _ if !self.diagnosis.scheme.procedure.is_declared() => self.explain_whole(watch),
            _ => match self.search(head.headers, self.diagnosis.budget, watch) {
                (Found::Match(proof), macs, _) if proof.mistakes.is_empty() => {
                    self.matches_as_it_is(macs)
                }
                (Found::Match(proof), macs, _) => {
                    let skew = self.skew_of(&proof);
                    let mut mistakes = proof.mistakes;
                    mistakes.extend(skew);
                    explained(mistakes, true, macs)
                }
                (Found::Nothing, macs, ruled_out) => {
                    let mistake = headers::body_facts(head.headers, self.delivery.body);
                    match mistake {
                        Some(mistake) => explained(alloc::vec![mistake], false, macs),
                        None => Finding::Unexplained(ruled_out),
                    }
                }
            },
        }
    }

    /// Headers that are missing, renamed or repeated.
    fn explain_headers(&self, refusal: Option<Rejection>, watch: &mut dyn FnMut(u32)) -> Finding {
        let head = self.delivery.head;
        let layout = &self.diagnosis.layout;
        match refusal {
            Some(Rejection::AmbiguousHeader { header }) => {
                let names: Vec<String> = layout.names(header).map(ToString::to_string).collect();
                let share = self.diagnosis.budget / headers::SHARES;
                for picked in 0..headers::MAX_VALUES {
                    let Some(one) = headers::Picked::new(head.headers, &names, picked) else {
                        break;
                    };
                    if let (Found::Match(proof), macs, _) = self.search(&one, share, &mut *watch) {
                        let first = headers::repeated(&names, Some(picked));
                        return self.proven(first, proof, macs);
                    }
                }
                explained(alloc::vec![headers::repeated(&names, None)], false, 0)
            }
            Some(Rejection::MissingHeaders { missing }) => {
                let names: Vec<String> = layout.names(missing).map(ToString::to_string).collect();
                let renamed = headers::Renamed::new(head.headers, &names);
                if let Some(renamed) = renamed {
                    let mistake = headers::renamed(&renamed);
                    return match self.search(&renamed, self.diagnosis.budget, watch) {
                        (Found::Match(proof), macs, _) => self.proven(mistake, proof, macs),
                        (Found::Nothing, macs, _) => explained(alloc::vec![mistake], false, macs),
                    };
                }
                match self.search(head.headers, self.diagnosis.budget, watch) {
                    (Found::Match(proof), macs, _) if is_other_scheme(&proof) => {
                        explained(proof.mistakes, true, macs)
                    }
                    (Found::Match(proof), macs, _) => {
                        self.proven(headers::missing(&names), proof, macs)
                    }
                    (Found::Nothing, macs, _) => {
                        let mistake = headers::other_provider(layout, head.headers);
                        let mistake = mistake.unwrap_or_else(|| headers::missing(&names));
                        explained(alloc::vec![mistake], false, macs)
                    }
                }
            }
            _ => explained(Vec::new(), false, 0),
        }
    }

    /// Searches with these headers; tells what it took and what it ruled out.
    fn search(
        &self,
        headers: &dyn Headers,
        budget: u32,
        watch: &mut dyn FnMut(u32),
    ) -> (Found, u32, Unexplained) {
        let diagnosis = self.diagnosis;
        let mut head = self.delivery.head;
        head.headers = headers;
        let mut search = Search {
            layout: &diagnosis.layout,
            head,
            body: self.delivery.body,
            url: diagnosis.url.as_deref().or(head.url),
            keys: &self.keys,
            in_use: &diagnosis.in_use,
            others: &diagnosis.others,
            budget: Budget::new(budget),
            watch,
            ruled_out: alloc::vec![
                Cause::HeadersMissing,
                Cause::HeadersRenamed,
                Cause::HeaderRepeated
            ],
        };
        let (found, is_complete) = search.run();
        let macs = search.macs();
        let mut ruled_out = search.ruled_out;
        ruled_out.sort_unstable();
        let nothing = Unexplained {
            ruled_out,
            macs,
            is_complete,
        };
        (found, macs, nothing)
    }

    /// A mistake of the headers, and what else was proven with it.
    fn proven(&self, first: Mistake, proof: Proof, macs: u32) -> Finding {
        let skew = self.skew_of(&proof);
        let mut mistakes = alloc::vec![first];
        mistakes.extend(proof.mistakes);
        mistakes.extend(skew);
        explained(mistakes, true, macs)
    }
}

fn is_other_scheme(proof: &Proof) -> bool {
    let mut mistakes = proof.mistakes.iter();
    mistakes.any(|mistake| mistake.cause == Cause::OtherScheme)
}

fn explained(mistakes: Vec<Mistake>, proven: bool, macs: u32) -> Finding {
    match Explanation::new(mistakes, proven, macs) {
        Some(explanation) => Finding::Explained(explanation),
        None => Finding::Verifies,
    }
}
