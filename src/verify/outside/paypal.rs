//! PayPal: RSA with SHA-256 over `id|time|webhook id|CRC-32 of the body`.
//!
//! An attacker controls every header and the body. With one captured signature they can
//! also choose the body, since another of the same CRC-32 is easily made: only id, time
//! and webhook id are beyond them, so only these name an event.

use alloc::string::{String, ToString};

use super::super::time;
use super::certificate::{
    Certificates, Hash, MAX_SIGNATURE_BYTES, address, missing, parameter, signature,
};
use super::{Outsider, Proof, Request};
use crate::scheme::{Scheme, TimestampUnit};
use crate::{ConfigError, EventIdProblem, KeyRing, Rejection};

/// Characters of the longest webhook id, as PayPal documents it.
const MAX_WEBHOOK_ID: usize = 50;

#[derive(Debug)]
pub(super) struct Paypal {
    certificates: Certificates,
    webhook_id: String,
}

impl Paypal {
    pub(super) fn new(
        scheme: &Scheme,
        ring: &KeyRing,
        parameters: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let id = parameter(parameters, WEBHOOK_ID);
        // PayPal's own form of it; the stand-in of a mock event is none.
        let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if id.is_empty() || id.len() > MAX_WEBHOOK_ID || !plain {
            let why = "a webhook's id is 1 to 50 letters and digits";
            return Err(missing(scheme, WEBHOOK_ID, why));
        }
        Ok(Self {
            certificates: Certificates::new(scheme, ring)?,
            webhook_id: id.to_string(),
        })
    }
}

impl Outsider for Paypal {
    fn prove<'d>(&self, request: &Request<'_, 'd>) -> Result<Proof<'d>, Rejection> {
        let value = |name| request.header(name).unwrap_or_default();
        if !is_trusted(value("paypal-cert-url")) {
            return Err(Rejection::UntrustedCertUrl);
        }
        let mut buffer = [0; MAX_SIGNATURE_BYTES];
        let signature = signature(value("paypal-transmission-sig"), &mut buffer)?;
        let time_text = value("paypal-transmission-time");
        let time = time::parse(time_text, TimestampUnit::Iso8601)?;
        request.within_cap()?;

        let id = value("paypal-transmission-id");
        let checksum = crc32fast::hash(request.body).to_string();
        let message = [
            id,
            time_text,
            self.webhook_id.as_bytes(),
            checksum.as_bytes(),
        ]
        .join(&b'|');
        let key = self
            .certificates
            .matching(Hash::Sha256, &message, signature, time);
        let key = key.ok_or_else(|| request.no_match(1))?;
        // With a bar in it, what is signed could be cut into other fields.
        if id.contains(&b'|') {
            return Err(Rejection::InvalidEventId {
                problem: EventIdProblem::Ambiguous,
            });
        }
        Ok(Proof {
            key,
            time: Some(time),
            claimed_id: None,
        })
    }
}

/// Whether a certificate's address is PayPal's.
fn is_trusted(url: &[u8]) -> bool {
    let address = core::str::from_utf8(url).ok().and_then(address);
    address.is_some_and(|(host, _)| {
        let before = host.strip_suffix("paypal.com");
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}

const WEBHOOK_ID: &str = "webhook_id";
