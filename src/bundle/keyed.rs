//! Digests that only a holder of the secret can make.
//!
//! What is written is two labels away from the secret, so that it is no signature over
//! anything: a root is derived from the key bytes, and a key for each purpose from the root.
//! The root itself is HMAC-SHA384, which no scheme signs with: a sender that signs whatever
//! body it is given, or a receiver that answers a challenge, could be asked for any other.

use alloc::string::String;
use alloc::vec::Vec;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Sha256, Sha384};
use zeroize::Zeroizing;

use super::chunks::{Hashed, Level};
use super::digest::{BYTES, Digest, Digests};
use crate::Secret;
use crate::scheme::{Algorithm, KeyRules};
use crate::secret::unlinted;

/// No token of a challenge has a NUL.
const ROOT: &[u8] = b"\0countersign/bundle/1";
/// Fewest bytes of a secret that digests do not help to guess.
const LEAST: usize = 16;
/// Bytes of a fingerprint: enough to tell two secrets apart, too few to know one by.
const FINGERPRINT: usize = 2;

/// A secret, ready to key digests.
pub(super) struct Keyed {
    fingerprint: Vec<u8>,
    chunks: Hmac<Sha256>,
    texts: Hmac<Sha256>,
}

/// Why a key has no digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Without {
    /// Everybody has it.
    PublicKey,
    /// It could be guessed by them.
    ShortSecret,
    /// Its text is no key of the scheme.
    UndecodableSecret,
}

impl Without {
    /// What the key is, for people.
    pub(super) const fn describe(self) -> &'static str {
        match self {
            Self::PublicKey => "a public key",
            Self::ShortSecret => "under 16 bytes",
            Self::UndecodableSecret => "not of the form that the scheme has",
        }
    }
}

/// The end that chunks are counted from.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Start,
    End,
}

/// The digests of one body under one secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyedDigests {
    /// Four hexadecimal digits.
    pub(super) fingerprint: String,
    /// Of the whole body, made as those of its re-encodings are.
    pub(super) body: Digests,
    pub(super) chunks: Vec<Level>,
    /// In the order of the bundle's list of forms.
    pub(super) reencodings: Digests,
}

impl Keyed {
    pub(super) fn new(
        algorithm: Algorithm,
        rules: &KeyRules,
        secret: &Secret,
    ) -> Result<Self, Without> {
        if algorithm.is_public_key() {
            return Err(Without::PublicKey);
        }
        let undecodable = Without::UndecodableSecret;
        let key = unlinted(rules, secret.text()).map_err(|_| undecodable)?;
        // Of a pair the public id is no secret, and a digest is longer than what it is of.
        let public = key.id.map_or(0, |id| id.len().saturating_add(1));
        let private = secret.text().len().saturating_sub(public);
        if key.bytes.len().min(private) < LEAST {
            return Err(Without::ShortSecret);
        }
        let root = tag(&key.bytes, ROOT).ok_or(undecodable)?;
        let of = |label: &[u8]| tag(&root, label).ok_or(undecodable);
        let ready = |key: &[u8]| Hmac::new_from_slice(key).map_err(|_| undecodable);
        let fingerprint = of(b"fingerprint")?;
        Ok(Self {
            fingerprint: fingerprint.iter().copied().take(FINGERPRINT).collect(),
            chunks: ready(&of(b"chunk")?)?,
            texts: ready(&of(b"text")?)?,
        })
    }

    pub(super) fn digests(
        &self,
        body: &[u8; 32],
        hashed: &[Hashed],
        texts: &[[u8; 32]],
    ) -> KeyedDigests {
        KeyedDigests {
            fingerprint: hex::encode(&self.fingerprint),
            body: [self.text(body)].into_iter().collect(),
            chunks: hashed.iter().map(|hashed| hashed.level(self)).collect(),
            reencodings: texts.iter().map(|text| self.text(text)).collect(),
        }
    }

    /// The digest of chunk `index` from one end, bound to its place: equal chunks of a body
    /// do not show.
    pub(super) fn chunk(&self, end: End, size: usize, index: usize, hash: &[u8; 32]) -> Digest {
        let number = |value: usize| u64::try_from(value).unwrap_or(u64::MAX).to_be_bytes();
        let mut mac = self.chunks.clone();
        mac.update(match end {
            End::Start => b"start",
            End::End => b"end--",
        });
        mac.update(&number(size));
        mac.update(&number(index));
        mac.update(hash);
        cut(mac)
    }

    fn text(&self, hash: &[u8; 32]) -> Digest {
        let mut mac = self.texts.clone();
        mac.update(hash);
        cut(mac)
    }
}

fn cut(mac: Hmac<Sha256>) -> Digest {
    let tag = mac.finalize().into_bytes();
    tag.first_chunk::<BYTES>().copied().unwrap_or_default()
}

fn tag(key: &[u8], label: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut mac = Hmac::<Sha384>::new_from_slice(key).ok()?;
    mac.update(label);
    Some(Zeroizing::new(mac.finalize().into_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::catalogue::{ALL, BRAINTREE, DISCORD, GITHUB, STANDARD_WEBHOOKS_V1};
    use crate::scheme::{Challenge, Scheme};

    fn refused(scheme: &Scheme, text: &str) -> Option<Without> {
        let secret = Secret::new("k", text).unwrap();
        Keyed::new(scheme.algorithm, &scheme.key, &secret).err()
    }

    #[test]
    fn what_could_be_guessed_keys_nothing() {
        assert_eq!(
            refused(&GITHUB, "0123456789abcde"),
            Some(Without::ShortSecret)
        );
        assert_eq!(refused(&GITHUB, "0123456789abcdef"), None);
        // 15 bytes as 20 characters of Base64, and a short half of a pair.
        assert_eq!(
            refused(&STANDARD_WEBHOOKS_V1, "whsec_MDEyMzQ1Njc4OWFiY2Rl"),
            Some(Without::ShortSecret)
        );
        assert_eq!(
            refused(&BRAINTREE, "a_long_public_id|private"),
            Some(Without::ShortSecret)
        );
        assert_eq!(refused(&BRAINTREE, "id|0123456789abcdef"), None);
        assert_eq!(
            refused(&DISCORD, &"ab".repeat(32)),
            Some(Without::PublicKey)
        );
        assert_eq!(
            refused(&STANDARD_WEBHOOKS_V1, "whsec_%%%"),
            Some(Without::UndecodableSecret)
        );
    }

    /// Who can have a text of his choice signed, or answered with its MAC, learns no root.
    #[test]
    fn no_signature_and_no_answer_is_the_root() {
        let root = tag(b"0123456789abcdef", ROOT).unwrap();
        let (mut signed, mut answered) = (0, 0);
        for scheme in ALL {
            // Without a wildcard: whoever adds an algorithm decides here.
            let is_the_roots = match scheme.algorithm {
                Algorithm::EcdsaP256Sha256
                | Algorithm::Ed25519
                | Algorithm::Equals
                | Algorithm::HmacSha1
                | Algorithm::HmacSha256
                | Algorithm::HmacSha512
                | Algorithm::RsaPkcs1Sha256
                | Algorithm::WeakHashSha256 => false,
            };
            assert!(!is_the_roots, "{}", scheme.id);
            if let Some(length) = scheme.algorithm.signature_length() {
                assert_ne!(length, root.len(), "{}", scheme.id);
                signed += 1;
            }
            if let Challenge::Mac(challenge) = &scheme.challenge {
                assert!(!challenge.could_be_token(ROOT), "{}", scheme.id);
                answered += 1;
            }
        }
        assert!(signed > 50 && answered >= 3, "{signed}, {answered}");
    }

    #[test]
    fn digests_are_bound_to_secret_place_and_purpose() {
        let keyed = |text: &str| {
            let secret = Secret::new("k", text).unwrap();
            Keyed::new(GITHUB.algorithm, &GITHUB.key, &secret).unwrap_or_else(|_| panic!())
        };
        let (a, b) = (keyed("0123456789abcdef"), keyed("0123456789abcdeg"));
        let hash = [7; 32];
        let all = [
            a.chunk(End::Start, 64, 0, &hash),
            a.chunk(End::Start, 64, 1, &hash),
            a.chunk(End::End, 64, 0, &hash),
            a.chunk(End::Start, 4096, 0, &hash),
            a.chunk(End::Start, 64, 0, &[8; 32]),
            a.text(&hash),
            b.text(&hash),
            b.chunk(End::Start, 64, 0, &hash),
        ];
        for (place, digest) in all.iter().enumerate() {
            assert!(!all[..place].contains(digest), "{place}");
        }
        assert_ne!(a.fingerprint, b.fingerprint);
    }
}
