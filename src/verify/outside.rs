//! Stages 3 to 6 of the schemes whose way to sign is no data: a file for each.
//!
//! Comes in: a request whose required headers are there. Goes out: which key matched,
//! and the signed time. The stages keep their order: each file parses signature and
//! time first, asks [`Request::within_cap`] next, and only then computes.

pub(super) mod adyen;
#[cfg(any(feature = "challenge", feature = "x509"))]
pub(super) mod amazon;
#[cfg(feature = "x509")]
mod certificate;
mod contentful;
#[cfg(all(feature = "jwt", feature = "ecdsa"))]
mod jwk;
#[cfg(feature = "jwt")]
mod jwt;
#[cfg(feature = "jwt")]
mod messagebird;
#[cfg(feature = "x509")]
mod paypal;
#[cfg(all(feature = "jwt", feature = "ecdsa"))]
mod plaid;
#[cfg(feature = "x509")]
mod sns;
mod twilio;
#[cfg(feature = "jwt")]
mod vonage;

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use super::delivery::Head;
use super::fields::{Fields, Slots};
use super::integrity::Keys;
use super::verified::EventId;
use super::{Authentic, Verifier, encoding, length, time};
use crate::scheme::{Encoding, Procedure, Scheme};
use crate::{ConfigError, Delivery, KeyRing, Rejection, SignatureProblem, Signed, Timestamp};

/// A way to verify that is code.
pub(super) trait Outsider: fmt::Debug + Send + Sync {
    /// Proves a delivery genuine; whether it is in time is judged by the caller.
    fn prove<'d>(&self, request: &Request<'_, 'd>) -> Result<Proof<'d>, Rejection>;
}

/// A delivery whose required headers are there, once each.
pub(super) struct Request<'r, 'd> {
    pub(super) keys: &'r Keys,
    pub(super) head: &'r Head<'d>,
    pub(super) body: &'d [u8],
    /// The URL as registered, or from the request by waiver.
    pub(super) url: Option<&'r str>,
    /// The clock, for keys and tokens that end by themselves.
    #[cfg_attr(
        not(feature = "jwt"),
        allow(dead_code, reason = "tokens are judged by it")
    )]
    pub(super) now: Timestamp,
    slots: &'r Slots,
    fields: &'r Fields<'d>,
    body_limit: u64,
}

/// What was proven.
pub(super) struct Proof<'d> {
    /// The key that matched.
    pub(super) key: usize,
    /// The signed time.
    pub(super) time: Option<Timestamp>,
    /// The event id, where it is a claim of the signed token.
    pub(super) claimed_id: Option<EventId<'d>>,
}

impl<'d> Request<'_, 'd> {
    /// The value of a header that the scheme names.
    pub(super) fn header(&self, name: &str) -> Option<&'d [u8]> {
        self.fields.get(self.slots.index(name)?)
    }

    /// Stage 5.
    pub(super) fn within_cap(&self) -> Result<(), Rejection> {
        if length(self.body) <= self.body_limit {
            return Ok(());
        }
        Err(Rejection::BodyTooLarge {
            limit: self.body_limit,
        })
    }

    /// What is said when no key matches.
    pub(super) fn no_match(&self, signatures: u8) -> Rejection {
        Rejection::InvalidSignature {
            keys: self.keys.count(),
            signatures,
        }
    }
}

/// What verifies `scheme`, if its fields do not.
pub(super) fn outsider(
    scheme: &Scheme,
    ring: &KeyRing,
    parameters: &[(String, String)],
) -> Result<Option<Box<dyn Outsider>>, ConfigError> {
    let _ = (ring, parameters);
    match scheme.procedure {
        #[cfg(feature = "x509")]
        Procedure::AwsSns => Ok(Some(Box::new(sns::Sns::new(scheme, ring, parameters)?))),
        #[cfg(feature = "x509")]
        Procedure::Paypal => {
            let paypal = paypal::Paypal::new(scheme, ring, parameters)?;
            Ok(Some(Box::new(paypal)))
        }
        #[cfg(not(feature = "x509"))]
        Procedure::AwsSns | Procedure::Paypal => Err(ConfigError::FeatureMissing {
            feature: "x509",
            needed_for: "a scheme whose key comes in a certificate",
        }),
        Procedure::AdyenItems => Ok(Some(Box::new(adyen::AdyenItems))),
        Procedure::Contentful => Ok(Some(Box::new(contentful::Contentful))),
        Procedure::Twilio => Ok(Some(Box::new(twilio::Twilio::new()))),
        #[cfg(feature = "jwt")]
        Procedure::MessagebirdJwt => {
            let messagebird = messagebird::Messagebird::new(scheme, ring)?;
            Ok(Some(Box::new(messagebird)))
        }
        #[cfg(all(feature = "jwt", feature = "ecdsa"))]
        Procedure::PlaidJwt => Ok(Some(Box::new(plaid::Plaid::new(scheme, ring)?))),
        #[cfg(all(feature = "jwt", not(feature = "ecdsa")))]
        Procedure::PlaidJwt => Err(ConfigError::FeatureMissing {
            feature: "ecdsa",
            needed_for: "the scheme's algorithm",
        }),
        #[cfg(feature = "jwt")]
        Procedure::VonageJwt => Ok(Some(Box::new(vonage::Vonage))),
        #[cfg(not(feature = "jwt"))]
        Procedure::MessagebirdJwt | Procedure::PlaidJwt | Procedure::VonageJwt => {
            Err(ConfigError::FeatureMissing {
                feature: "jwt",
                needed_for: "a scheme whose signature is a token",
            })
        }
        Procedure::Declared => Ok(None),
    }
}

/// Stage 3: the one signature that `text` is, of `LENGTH` bytes.
fn signature<const LENGTH: usize>(
    encoding: Encoding,
    text: &[u8],
) -> Result<[u8; LENGTH], Rejection> {
    let mut buffer = [0; MAX_SIGNATURE];
    encoding::decode(encoding, text, &mut buffer)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(Rejection::MalformedSignature {
            problem: SignatureProblem::NothingDecodes,
            length: text.len(),
        })
}

/// Longest signature decoded here, in bytes: HMAC-SHA-512 has 64, and a decoder may
/// want a few more for its last group.
const MAX_SIGNATURE: usize = 72;

impl Verifier {
    /// The stages from the signature text to the window, by an outsider's code.
    #[cold]
    pub(super) fn authenticate_outside<'d>(
        &'d self,
        outsider: &dyn Outsider,
        delivery: &Delivery<'d>,
        fields: Fields<'d>,
        now: Timestamp,
    ) -> Result<Authentic<'d>, Rejection> {
        let head = delivery.head;
        let proof = outsider.prove(&Request {
            keys: &self.keys,
            head: &head,
            body: delivery.body,
            url: self.signed_url(&head)?,
            now,
            slots: &self.slots,
            fields: &fields,
            body_limit: self.body_limit,
        })?;
        let time = proof.time.map(Signed::new);
        if let Some(time) = &time {
            time::judge(time, now, self.window)?;
        }
        Ok(Authentic {
            verifier: self,
            head,
            fields,
            key: proof.key,
            time,
            unsigned_time: None,
            claimed_id: proof.claimed_id.map(Box::new),
            body: delivery.body,
        })
    }
}
