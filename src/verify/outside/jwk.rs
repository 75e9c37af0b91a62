//! A public key of P-256 as a JSON Web Key (RFC 7517), as Plaid hands it out.

use alloc::string::String;

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};

use super::super::encoding::decode;
use super::super::time::parse;
use super::super::values::Value;
use super::jwt::{fields, path};
use crate::scheme::{Encoding, JsonPath, KeyRules, TimestampUnit};
use crate::secret::{Secret, key_bytes};
use crate::{ConfigError, SecretProblem, Timestamp};

/// The text of the fault where a key is something else.
const EXPECTED: &str = "a JSON Web Key of P-256 with its `kid`: the `key` of Plaid's answer, without what stands round it";
/// What is read of the key; `d` is the private half.
const FIELDS: [JsonPath; 9] = [
    path("kty"),
    path("crv"),
    path("alg"),
    path("use"),
    path("kid"),
    path("x"),
    path("y"),
    path("expired_at"),
    path("d"),
];

pub(super) struct Jwk {
    id: String,
    key: VerifyingKey,
    /// When the provider ceased to sign with it.
    expired: Option<Timestamp>,
}

impl Jwk {
    pub(super) fn read(
        rules: &KeyRules,
        secret: &Secret,
        allow_short: bool,
    ) -> Result<Self, ConfigError> {
        let text = key_bytes(rules, secret, allow_short)?;
        Self::parse(&text.bytes).map_err(|problem| ConfigError::InvalidSecret {
            name: secret.name().into(),
            problem,
        })
    }

    fn parse(text: &[u8]) -> Result<Self, SecretProblem> {
        let not_key = || SecretProblem::NotKey { expected: EXPECTED };
        let values = fields(text, &FIELDS).ok_or_else(not_key)?;
        let [kind, curve, algorithm, usage, id, x, y, expired, private] = values;
        if private != Value::Absent {
            return Err(SecretProblem::PrivateKeyGiven);
        }
        let is =
            |value: &Value<'_>, wanted: &str| matches!(value, Value::Text(text) if text == wanted);
        let may_be = |value: &Value<'_>, wanted: &str| *value == Value::Absent || is(value, wanted);
        let is_ours = is(&kind, "EC")
            && is(&curve, "P-256")
            && may_be(&algorithm, "ES256")
            && may_be(&usage, "sig");
        let (true, Value::Text(id), Value::Text(x), Value::Text(y)) = (is_ours, id, x, y) else {
            return Err(not_key());
        };
        let expired = match expired {
            Value::Absent | Value::Null => None,
            Value::Integer(digits) => {
                Some(parse(digits.as_bytes(), TimestampUnit::Seconds).map_err(|_| not_key())?)
            }
            _ => return Err(not_key()),
        };
        // An uncompressed point: 4, x, y.
        let mut point = [4; 65];
        let (_, halves) = point.split_at_mut(1);
        for (half, text) in halves.chunks_exact_mut(32).zip([x, y]) {
            decode(Encoding::Base64Url, text.as_bytes(), half)
                .filter(|bytes| bytes.len() == 32)
                .ok_or_else(not_key)?;
        }
        Ok(Self {
            id: id.into_owned(),
            key: VerifyingKey::from_sec1_bytes(&point).map_err(|_| not_key())?,
            expired,
        })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Whether the provider still signs with it.
    pub(super) fn is_good_at(&self, now: Timestamp) -> bool {
        self.expired.is_none_or(|expired| now < expired)
    }

    /// Whether `signature`, its two numbers side by side as tokens write them, is this
    /// key's over what has the digest.
    pub(super) fn matches(&self, digest: &[u8; 32], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_prehash(digest, &signature).is_ok())
    }
}
