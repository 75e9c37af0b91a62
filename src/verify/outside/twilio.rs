//! Twilio: HMAC-SHA1 over the URL and the sorted form fields; for other bodies over the
//! URL alone, which then holds the body's SHA-256.
//!
//! An attacker controls the request, never the registered URL. The URL is tried with and
//! without the port that its scheme implies, since Twilio signs either.

use super::{Outsider, Proof, Request};
use crate::{Rejection, SignatureProblem};

#[derive(Debug)]
pub(super) struct Twilio;

impl Outsider for Twilio {
    fn prove<'d>(&self, request: &Request<'_, 'd>) -> Result<Proof<'d>, Rejection> {
        let signature = request.header("x-twilio-signature").unwrap_or_default();
        let mut buffer = [0; 20];
        let signature =
            super::super::encoding::decode(crate::scheme::Encoding::Base64, signature, &mut buffer)
                .ok_or(Rejection::MalformedSignature {
                    problem: SignatureProblem::NothingDecodes,
                    length: signature.len(),
                })?;
        request.within_cap()?;
        let url = request.url.unwrap_or_default();
        let key = request.keys.matching(&[url.as_bytes()], &[signature]);
        Ok(Proof {
            key: key.ok_or_else(|| request.no_match(1))?,
            time: None,
            claimed_id: None,
        })
    }
}
