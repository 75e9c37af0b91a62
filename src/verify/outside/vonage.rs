//! Vonage: a token under HMAC-SHA256 in the `Authorization` header, whose claims hold the
//! body's hash. Nothing of the URL is signed.

use super::jwt::{self, TokenRules};
use super::{Outsider, Proof, Request};
use crate::{Rejection, SignatureProblem};

const RULES: TokenRules = TokenRules {
    algorithms: &[("HS256", 32)],
    issuer: None,
    time: jwt::path("iat"),
    body_hash: jwt::path("payload_hash"),
    empty_body_unhashed: true,
    ends: false,
    has_id: true,
};

#[derive(Debug)]
pub(super) struct Vonage;

impl Outsider for Vonage {
    fn prove<'d>(&self, request: &Request<'_, 'd>) -> Result<Proof<'d>, Rejection> {
        let header = request.header("authorization").unwrap_or_default();
        let token = bearer(header).ok_or(Rejection::MalformedSignature {
            problem: SignatureProblem::NotToken,
            length: header.len(),
        })?;
        RULES.read(token)?.prove(request, |token| {
            request
                .keys
                .matching(&[token.message], &[token.signature()])
        })
    }
}

/// What stands after `Bearer`, in any case (RFC 9110), and spaces.
fn bearer(header: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = header.split_at_checked(b"bearer ".len())?;
    let is_bearer = scheme.eq_ignore_ascii_case(b"bearer ");
    is_bearer.then(|| rest.trim_ascii_start())
}
