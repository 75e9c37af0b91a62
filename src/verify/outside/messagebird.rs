//! MessageBird: a token under HMAC with SHA-256, SHA-384 or SHA-512, whose claims hold the
//! hashes of URL and body.
//!
//! The token names which of the three it is. That is no choice worth having: the key is
//! the same, none is weaker, and the official libraries take them all.

use alloc::vec::Vec;
use core::fmt;

use hmac::{Hmac, KeyInit};
use sha2::{Sha384, Sha512};
use subtle::Choice;

use super::super::lanes::MAX_LANES;
use super::super::mac::Mac;
use super::jwt::{self, Token, TokenRules};
use super::{Outsider, Proof, Request};
use crate::scheme::Scheme;
use crate::secret::key_bytes;
use crate::{ConfigError, KeyRing, Rejection};

const RULES: TokenRules = TokenRules {
    algorithms: &[("HS256", 32), ("HS384", 48), ("HS512", 64)],
    issuer: Some("MessageBird"),
    time: jwt::path("nbf"),
    body_hash: jwt::path("payload_hash"),
    empty_body_unhashed: true,
    ends: true,
    has_id: true,
};

/// The keys of the ring, scheduled for the algorithms that the scheme does not name.
pub(super) struct Messagebird {
    hs384: Vec<Hmac<Sha384>>,
    hs512: Vec<Hmac<Sha512>>,
}

impl Messagebird {
    pub(super) fn new(scheme: &Scheme, ring: &KeyRing) -> Result<Self, ConfigError> {
        let decode = |secret| key_bytes(&scheme.key, secret, ring.allows_short());
        let keys = ring.secrets().iter().map(decode);
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let keys = || keys.iter().map(|key| key.bytes.as_slice());
        Ok(Self {
            // HMAC takes keys of any length: none is left out.
            hs384: keys()
                .filter_map(|key| Hmac::new_from_slice(key).ok())
                .collect(),
            hs512: keys()
                .filter_map(|key| Hmac::new_from_slice(key).ok())
                .collect(),
        })
    }

    fn matching(&self, token: &Token<'_>, request: &Request<'_, '_>) -> Option<usize> {
        match token.algorithm {
            "HS384" => first_match(&self.hs384, token),
            "HS512" => first_match(&self.hs512, token),
            _ => request
                .keys
                .matching(&[token.message], &[token.signature()]),
        }
    }
}

impl Outsider for Messagebird {
    fn prove<'d>(&self, request: &Request<'_, 'd>) -> Result<Proof<'d>, Rejection> {
        let text = request.header("messagebird-signature-jwt");
        let token = RULES.read(text.unwrap_or_default())?;
        token.prove(request, |token| {
            let key = self.matching(token, request);
            key.filter(|_| is_about_url(token, request))
        })
    }
}

/// Whether the token is about this URL: as registered, but with the query of the request,
/// where status reports have their content. A URL from elsewhere has another hash.
fn is_about_url(token: &Token<'_>, request: &Request<'_, '_>) -> bool {
    let registered = request.url.unwrap_or_default();
    let Some(url) = request.head.url else {
        return token.url_hash.binds(&[registered.as_bytes()]);
    };
    let base = registered.split(['?', '#']).next().unwrap_or_default();
    let sent = url.split('#').next().unwrap_or_default();
    let query = sent.find('?').and_then(|mark| sent.get(mark..));
    token
        .url_hash
        .binds(&[base.as_bytes(), query.unwrap_or_default().as_bytes()])
}

/// The key under which the token is signed. All are tried, whatever matched before.
fn first_match<M: Mac>(keys: &[M], token: &Token<'_>) -> Option<usize> {
    let mut seen = [Choice::from(0); MAX_LANES];
    for (key, seen) in keys.iter().zip(&mut seen) {
        let mut mac = key.clone();
        mac.update(token.message);
        *seen = mac.finish().matches(token.signature());
    }
    seen.into_iter().position(bool::from)
}

impl fmt::Debug for Messagebird {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Messagebird(..)")
    }
}
