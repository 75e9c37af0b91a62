//! What the schemes have in common whose signature is a token (JWT, RFC 7519): the claims
//! hold time, event id, and hashes of what the signature does not itself cover.
//!
//! An attacker controls all of the text, and it is read before its signature is checked:
//! so it is bounded, must read in one way only, and its header can only be one of those
//! that the scheme allows. A library would do more than is wanted here (other algorithms,
//! the system's clock) and less (which claims stand twice).

use alloc::borrow::Cow;
use alloc::string::String;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use time::Duration;

use super::super::encoding::decode;
use super::super::json;
use super::super::time::parse;
use super::super::values::Value;
use super::super::verified::EventId;
use super::{Proof, Request};
use crate::scheme::{Encoding, JsonPath, TimestampUnit};
use crate::{Rejection, SignatureProblem, Timestamp, TimestampProblem, UnsupportedProblem};

/// Bytes of a token: genuine ones have some hundreds, and 8 KiB is what many servers allow
/// for one header.
const MAX_TOKEN_BYTES: usize = 8 * 1024;
/// Bytes of the longest signature: HS512 and ES256.
const MAX_SIGNATURE_BYTES: usize = 64;
/// How far two clocks may differ where a token says when it begins and ends: what
/// MessageBird's library for Node allows, and RFC 7519 asks to keep small.
const LEEWAY: Duration = Duration::seconds(5);

pub(super) const fn path(name: &'static str) -> JsonPath {
    JsonPath(Cow::Borrowed(name))
}

/// What is read of the header.
const HEADER: [JsonPath; 3] = [path("alg"), path("crit"), path("kid")];

/// What the tokens of a scheme must be.
pub(super) struct TokenRules {
    /// The algorithms, each with the bytes of its signatures.
    pub(super) algorithms: &'static [(&'static str, usize)],
    /// Who must have issued it, where the provider says so.
    pub(super) issuer: Option<&'static str>,
    /// The claim that is the delivery's time.
    pub(super) time: JsonPath,
    /// The claim with the SHA-256 of the body, in hexadecimal.
    pub(super) body_hash: JsonPath,
    /// Whether an empty body may go without it.
    pub(super) empty_body_unhashed: bool,
    /// Whether the token must say when it begins and ends.
    pub(super) ends: bool,
    /// Whether its id names the event.
    pub(super) has_id: bool,
}

/// A token that is well formed; nothing of it is proven.
pub(super) struct Token<'d> {
    /// Header and claims as they were sent, which is what is signed.
    pub(super) message: &'d [u8],
    pub(super) algorithm: &'static str,
    /// Which key the header names, for rings whose keys have names.
    #[cfg_attr(
        not(feature = "ecdsa"),
        allow(dead_code, reason = "only public keys have names")
    )]
    pub(super) key_id: Option<String>,
    pub(super) url_hash: HashClaim,
    body_hash: HashClaim,
    empty_body_unhashed: bool,
    signature: [u8; MAX_SIGNATURE_BYTES],
    signature_bytes: usize,
    time: Timestamp,
    begins: Option<Timestamp>,
    ends: Option<Timestamp>,
    id: Option<String>,
}

/// A claim with a SHA-256.
#[derive(Clone, Copy, Debug)]
pub(super) enum HashClaim {
    Absent,
    Of([u8; 32]),
    /// It is there and binds nothing.
    Unreadable,
}

impl TokenRules {
    /// Stages 3 and 4: the token's text, what it announces, and its times.
    pub(super) fn read<'d>(&self, text: &'d [u8]) -> Result<Token<'d>, Rejection> {
        let malformed = |problem| Rejection::MalformedSignature {
            problem,
            length: text.len(),
        };
        let no_token = || malformed(SignatureProblem::NotToken);
        if text.len() > MAX_TOKEN_BYTES {
            return Err(malformed(SignatureProblem::TooLong));
        }
        let mut parts = text.split(|byte| *byte == b'.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(no_token());
        };
        let signed_bytes = header.len().saturating_add(1).saturating_add(claims.len());
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| no_token())?;
        let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| no_token())?;

        let [algorithm, critical, key_id] = fields(&header, &HEADER).ok_or_else(no_token)?;
        let Value::Text(algorithm) = algorithm else {
            return Err(no_token());
        };
        // What `crit` names must be understood, and nothing of it is.
        let allowed = self.algorithms.iter().find(|(name, _)| *name == algorithm);
        let (Some((algorithm, length)), Value::Absent) = (allowed, critical) else {
            return Err(unsupported());
        };
        let key_id = text_of(key_id).map_err(|NoText| no_token())?;

        let claims = Claims::read(&claims, self).ok_or_else(no_token)?;
        if self.issuer.is_some() && claims.issuer.as_deref() != self.issuer {
            return Err(unsupported());
        }
        let mut buffer = [0; MAX_SIGNATURE_BYTES];
        decode(Encoding::Base64Url, signature, &mut buffer)
            .filter(|signature| signature.len() == *length)
            .ok_or_else(|| malformed(SignatureProblem::NothingDecodes))?;
        let times = claims.times?;
        Ok(Token {
            message: text.get(..signed_bytes).unwrap_or_default(),
            algorithm,
            key_id,
            url_hash: claims.url_hash,
            body_hash: claims.body_hash,
            empty_body_unhashed: self.empty_body_unhashed,
            signature: buffer,
            signature_bytes: *length,
            time: times.own,
            begins: times.begins,
            ends: times.ends,
            id: claims.id,
        })
    }
}

/// The claims that are read.
struct Claims {
    issuer: Option<String>,
    /// A fault of theirs comes after one of the signature's text.
    times: Result<Times, Rejection>,
    id: Option<String>,
    url_hash: HashClaim,
    body_hash: HashClaim,
}

struct Times {
    own: Timestamp,
    begins: Option<Timestamp>,
    ends: Option<Timestamp>,
}

impl Claims {
    /// `None` where they read in no way, or in more than one.
    fn read(text: &[u8], rules: &TokenRules) -> Option<Self> {
        let paths = [
            path("iss"),
            rules.time.clone(),
            path("nbf"),
            path("exp"),
            path("jti"),
            path("url_hash"),
            rules.body_hash.clone(),
        ];
        let [issuer, time, begins, ends, id, url_hash, body_hash] = fields(text, &paths)?;
        let id = if rules.has_id {
            text_of(id).ok()?.filter(|id| !id.is_empty())
        } else {
            None
        };
        let times = || {
            Ok(Times {
                own: moment(&time)?.ok_or_else(no_time)?,
                begins: moment(&begins)?,
                ends: moment(&ends)?,
            })
        };
        let times = times().and_then(|times: Times| {
            if rules.ends && (times.begins.is_none() || times.ends.is_none()) {
                return Err(no_time());
            }
            Ok(times)
        });
        Some(Self {
            // An issuer that is no text is not the one that is asked for.
            issuer: text_of(issuer).ok().flatten(),
            times,
            id,
            url_hash: HashClaim::of(&url_hash),
            body_hash: HashClaim::of(&body_hash),
        })
    }
}

impl Token<'_> {
    pub(super) fn signature(&self) -> &[u8] {
        self.signature
            .get(..self.signature_bytes)
            .unwrap_or_default()
    }

    /// Stages 5 to 7: the cap, the key by `matching`, what the claims bind, and when the
    /// token begins and ends.
    pub(super) fn prove<'d>(
        self,
        request: &Request<'_, '_>,
        matching: impl FnOnce(&Self) -> Option<usize>,
    ) -> Result<Proof<'d>, Rejection> {
        request.within_cap()?;
        let key = matching(&self).ok_or_else(|| request.no_match(1))?;
        if !self.binds(request.body) {
            return Err(request.no_match(1));
        }
        self.judge(request.now)?;
        Ok(Proof {
            key,
            time: Some(self.time),
            claimed_id: self.id.map(|id| EventId::text_of(Cow::Owned(id))),
        })
    }

    /// Whether the claims are about this body. Without a hash they are about an empty one
    /// at most.
    fn binds(&self, body: &[u8]) -> bool {
        match self.body_hash {
            HashClaim::Absent => self.empty_body_unhashed && body.is_empty(),
            hash => hash.binds(&[body]),
        }
    }

    /// A token's own limits hold whatever the window is.
    fn judge(&self, now: Timestamp) -> Result<(), Rejection> {
        let skewed = |skew| Rejection::TimestampSkew {
            skew,
            limit: LEEWAY,
        };
        let early = self.begins.map(|begins| now.since(begins));
        if let Some(skew) = early.filter(|skew| *skew < Duration::ZERO.saturating_sub(LEEWAY)) {
            return Err(skewed(skew));
        }
        let late = self.ends.map(|ends| now.since(ends));
        late.filter(|skew| *skew > LEEWAY)
            .map_or(Ok(()), |skew| Err(skewed(skew)))
    }
}

impl HashClaim {
    fn of(value: &Value<'_>) -> Self {
        let text = match value {
            Value::Absent => return Self::Absent,
            Value::Text(text) => text.as_bytes(),
            _ => return Self::Unreadable,
        };
        let mut hash = [0; 32];
        let is_whole = decode(Encoding::Hex, text, &mut hash).is_some_and(|hash| hash.len() == 32);
        if is_whole {
            Self::Of(hash)
        } else {
            Self::Unreadable
        }
    }

    /// Whether it is the SHA-256 of these bytes.
    pub(super) fn binds(self, pieces: &[&[u8]]) -> bool {
        let Self::Of(claimed) = self else {
            return false;
        };
        let hash = pieces
            .iter()
            .fold(Sha256::new(), |hash, piece| hash.chain_update(piece));
        <[u8; 32]>::from(hash.finalize()) == claimed
    }
}

/// The fields at `paths` of a JSON object; `None` if it is none, or one stands twice.
pub(super) fn fields<'t, const N: usize>(
    text: &'t [u8],
    paths: &[JsonPath; N],
) -> Option<[Value<'t>; N]> {
    let mut values = [const { Value::Absent }; N];
    json::read(text, paths, &mut values).ok()?;
    let is_object = text.trim_ascii_start().starts_with(b"{");
    (is_object && !values.contains(&Value::Duplicate)).then_some(values)
}

/// A value that is there and no text.
pub(super) struct NoText;

pub(super) fn text_of(value: Value<'_>) -> Result<Option<String>, NoText> {
    match value {
        Value::Absent => Ok(None),
        Value::Text(text) => Ok(Some(text.into_owned())),
        _ => Err(NoText),
    }
}

/// Seconds as a whole number.
fn moment(value: &Value<'_>) -> Result<Option<Timestamp>, Rejection> {
    match value {
        Value::Absent => Ok(None),
        Value::Integer(digits) => parse(digits.as_bytes(), TimestampUnit::Seconds).map(Some),
        _ => Err(no_time()),
    }
}

const fn no_time() -> Rejection {
    Rejection::InvalidTimestamp {
        problem: TimestampProblem::NotInToken,
        length: 0,
    }
}

const fn unsupported() -> Rejection {
    Rejection::UnsupportedScheme {
        problem: UnsupportedProblem::OtherValue,
    }
}
