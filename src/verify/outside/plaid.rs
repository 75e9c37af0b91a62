//! Plaid: a token under ES256 whose claims hold time and hash of the body, and whose
//! header names the key. Nothing of the URL is signed.
//!
//! The key is one of those that the receiver gave, fetched from Plaid by its own account.
//! An attacker may name any of them and gains nothing.

use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest, Sha256};

use super::jwk::Jwk;
use super::jwt::{self, TokenRules};
use super::{Outsider, Proof, Request};
use crate::scheme::Scheme;
use crate::{ConfigError, KeyRing, Rejection};

const RULES: TokenRules = TokenRules {
    algorithms: &[("ES256", 64)],
    issuer: None,
    time: jwt::path("iat"),
    body_hash: jwt::path("request_body_sha256"),
    empty_body_unhashed: false,
    ends: false,
    has_id: false,
};

pub(super) struct Plaid {
    keys: Vec<Jwk>,
}

impl Plaid {
    pub(super) fn new(scheme: &Scheme, ring: &KeyRing) -> Result<Self, ConfigError> {
        let read = |secret| Jwk::read(&scheme.key, secret, ring.allows_short());
        let keys = ring.secrets().iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { keys })
    }
}

impl Outsider for Plaid {
    fn prove<'d>(&self, request: &Request<'_, 'd>) -> Result<Proof<'d>, Rejection> {
        let text = request.header("plaid-verification").unwrap_or_default();
        RULES.read(text)?.prove(request, |token| {
            let named = token.key_id.as_deref()?;
            let digest = Sha256::digest(token.message).into();
            let is_it = |key: &Jwk| {
                key.id() == named
                    && key.is_good_at(request.now)
                    && key.matches(&digest, token.signature())
            };
            self.keys.iter().position(is_it)
        })
    }
}

impl fmt::Debug for Plaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plaid(..)")
    }
}
