//! Stage 6: does any key match any signature?
//!
//! Comes in: the signed content in pieces, and candidates. Goes out: which key
//! matched. An attacker controls both and may time the answer: every key is tried
//! whatever matched before, whole tags are compared in constant time, and there is
//! one MAC per key however many signatures are offered.

#[cfg(feature = "challenge")]
mod answer;

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::absent_from_body;
use super::content::SignedBytes;
use super::lanes::{Lanes, MAX_LANES};
use super::mac::{Mac, MacKeys, Tag};
use super::public_key::{Message, PublicKey};
use super::signature::Signatures;
use crate::scheme::{Algorithm, KeyForm, Scheme};
use crate::secret::{KeyBytes, key_bytes};
use crate::{ConfigError, KeyRing, Rejection};

/// Candidates tried under public keys: each costs a full verification, a hundred
/// times a MAC's fixed cost, and no provider sends more than two.
const MAX_PUBLIC_KEY_CANDIDATES: usize = 8;
/// The keys of a verifier, scheduled once.
pub(super) struct Keys {
    names: Vec<Arc<str>>,
    material: Material,
    /// Contents per key: a scheme may sign one of two.
    contents: usize,
}

enum Material {
    Macs {
        keys: MacKeys,
        /// The public id of each key, in schemes with pairs.
        ids: Vec<Option<Vec<u8>>>,
    },
    PublicKeys(Vec<PublicKey>),
    /// SHA-256 of each shared token.
    Tokens(Vec<Zeroizing<[u8; 32]>>),
}

/// The checks of one delivery while its content is fed.
pub(super) struct Check {
    /// One per key.
    macs: Option<MacKeys>,
    hash: Option<Sha256>,
    whole: Option<Vec<u8>>,
}

impl Keys {
    pub(super) fn new(scheme: &Scheme, ring: &KeyRing) -> Result<Self, ConfigError> {
        let secrets = ring.secrets();
        if secrets.is_empty() {
            return Err(ConfigError::InvalidKeyRing {
                problem: "it holds no secret".into(),
            });
        }
        let decode = |secret| key_bytes(&scheme.key, secret, ring.allows_short());
        let keys = secrets.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
        let bytes = keys.iter().map(|key| key.bytes.as_slice());
        let material = if let Some(macs) = MacKeys::new(scheme.algorithm, bytes) {
            let ids = keys.into_iter().map(|key| key.id).collect();
            Material::Macs { keys: macs, ids }
        } else if matches!(scheme.key.form, KeyForm::Jwk | KeyForm::X509Pem) {
            // The scheme's procedure has read the keys.
            Material::PublicKeys(Vec::new())
        } else if scheme.algorithm.is_public_key() {
            let keys = secrets
                .iter()
                .zip(&keys)
                .map(|(secret, key)| PublicKey::new(scheme.algorithm, &scheme.key, secret, key));
            Material::PublicKeys(keys.collect::<Result<_, _>>()?)
        } else {
            let digest = |key: &KeyBytes| Zeroizing::new(Sha256::digest(&key.bytes).into());
            Material::Tokens(keys.iter().map(digest).collect())
        };
        Ok(Self {
            names: secrets.iter().map(|secret| secret.name().into()).collect(),
            material,
            contents: scheme.other_contents.len().saturating_add(1),
        })
    }

    pub(super) fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", |name| name)
    }

    #[cfg_attr(
        not(feature = "receiver"),
        allow(dead_code, reason = "only its events outlive the verifier")
    )]
    pub(super) fn shared_name(&self, index: usize) -> Arc<str> {
        self.names.get(index).map_or_else(|| "".into(), Arc::clone)
    }

    /// How many keys.
    pub(super) fn count(&self) -> u8 {
        u8::try_from(self.names.len()).unwrap_or(u8::MAX)
    }

    /// The key under which one of `signatures` is over `message`, given in pieces: for
    /// schemes whose code has both at hand. Every key is tried with every signature.
    pub(super) fn matching(&self, message: &[&[u8]], signatures: &[&[u8]]) -> Option<usize> {
        let mut seen = [Choice::from(0); MAX_LANES];
        match &self.material {
            Material::Macs { keys, .. } => {
                let mut macs = keys.clone();
                message.iter().for_each(|piece| macs.update(piece));
                for (tag, seen) in macs.finish().iter().zip(&mut seen) {
                    for signature in signatures {
                        *seen |= tag.matches(signature);
                    }
                }
            }
            Material::PublicKeys(keys) => {
                let digest = message
                    .iter()
                    .fold(Sha256::new(), |hash, piece| hash.chain_update(piece));
                let digest = digest.finalize().into();
                for (key, seen) in keys.iter().zip(&mut seen) {
                    for signature in signatures.iter().take(MAX_PUBLIC_KEY_CANDIDATES) {
                        let matches = key.matches(Message::Sha256(&digest), signature);
                        *seen |= Choice::from(u8::from(matches));
                    }
                }
            }
            Material::Tokens(_) => {}
        }
        Matched::first_key(seen).map(Matched::key)
    }

    /// Fewest and most bytes of a signature under any key.
    pub(super) fn signature_lengths(&self, algorithm: Algorithm) -> (usize, usize) {
        match &self.material {
            Material::PublicKeys(keys) => {
                let lengths = keys.iter().map(PublicKey::signature_lengths);
                lengths.fold((usize::MAX, 0), |(least, most), (low, high)| {
                    (least.min(low), most.max(high))
                })
            }
            _ => algorithm
                .signature_length()
                .map_or((0, 0), |length| (length, length)),
        }
    }

    /// Whether the content can be fed as it comes.
    pub(super) fn is_streamable(&self, algorithm: Algorithm) -> bool {
        algorithm != Algorithm::Ed25519
    }

    /// Starts the checks.
    #[inline]
    pub(super) fn start(&self, algorithm: Algorithm, check: &mut Check) {
        match &self.material {
            Material::Macs { keys, .. } => check.macs = Some(keys.clone()),
            Material::PublicKeys(_) if algorithm == Algorithm::Ed25519 => {
                check.whole = Some(Vec::new())
            }
            Material::PublicKeys(_) => check.hash = Some(Sha256::new()),
            Material::Tokens(_) => {}
        }
    }

    /// Checks a whole delivery: feeds the content and ends.
    #[inline]
    pub(super) fn check(
        &self,
        algorithm: Algorithm,
        bytes: &SignedBytes<'_>,
        signatures: &Signatures<'_>,
    ) -> Result<Matched, Rejection> {
        if let Material::Macs { keys, ids } = &self.material {
            let matched = match keys {
                MacKeys::HmacSha1(keys) => self.check_macs(keys, ids, bytes, signatures),
                MacKeys::HmacSha256(keys) => self.check_macs(keys, ids, bytes, signatures),
                MacKeys::HmacSha512(keys) => self.check_macs(keys, ids, bytes, signatures),
                MacKeys::PrefixSha256(keys) => self.check_macs(keys, ids, bytes, signatures),
            };
            return match matched {
                Some(matched) => self.verdict(matched, signatures),
                None => Err(absent_from_body()),
            };
        }
        let mut check = Check::new();
        self.start(algorithm, &mut check);
        for index in 0..self.contents {
            let mut sink = |bytes: &[u8]| check.update(bytes);
            bytes.feed(index, &mut sink).ok_or_else(absent_from_body)?;
        }
        self.settle(&mut check, signatures)
    }

    /// One key and one content, as nearly always, stay clear of the lanes. `None` if a
    /// field of the content is absent.
    #[inline]
    fn check_macs<M: Mac>(
        &self,
        keys: &[M],
        ids: &[Option<Vec<u8>>],
        bytes: &SignedBytes<'_>,
        signatures: &Signatures<'_>,
    ) -> Option<Option<Matched>> {
        if let ([key], [None], 1) = (keys, ids, self.contents) {
            let mut mac = key.clone();
            bytes.feed(0, &mut |bytes| mac.update(bytes))?;
            let tag = mac.finish();
            let seen = signatures.seen(|candidate| tag.matches(candidate.signature));
            let matched = Matched { key: 0, content: 0 };
            return Some(bool::from(seen).then_some(matched));
        }
        self.check_lanes(keys, ids, bytes, signatures)
    }

    #[inline(never)]
    fn check_lanes<M: Mac>(
        &self,
        keys: &[M],
        ids: &[Option<Vec<u8>>],
        bytes: &SignedBytes<'_>,
        signatures: &Signatures<'_>,
    ) -> Option<Option<Matched>> {
        let mut lanes = Lanes::new();
        lanes.start(keys, self.contents);
        for index in 0..self.contents {
            bytes.feed(index, &mut |bytes| {
                lanes.update(index, self.contents, bytes);
            })?;
        }
        let mut tags = Lanes::new();
        lanes.finish(&mut tags);
        Some(self.match_tags(&tags, ids, signatures))
    }

    /// Ends the checks: the index of the key that matched, and of its content.
    #[inline]
    pub(super) fn settle(
        &self,
        check: &mut Check,
        signatures: &Signatures<'_>,
    ) -> Result<Matched, Rejection> {
        let matched = match &self.material {
            Material::Macs { ids, .. } => {
                let tags = check.macs.take().map(MacKeys::finish);
                tags.and_then(|tags| self.match_tags(&tags, ids, signatures))
            }
            Material::Tokens(tokens) => match_tokens(tokens, signatures),
            Material::PublicKeys(keys) => {
                let digest = check.hash.take().map(|hash| hash.finalize().into());
                match (&digest, &check.whole) {
                    (Some(digest), _) => {
                        match_public_keys(keys, Message::Sha256(digest), signatures)
                    }
                    (None, Some(whole)) => {
                        match_public_keys(keys, Message::Whole(whole), signatures)
                    }
                    (None, None) => None,
                }
            }
        };
        self.verdict(matched, signatures)
    }

    #[inline]
    fn verdict(
        &self,
        matched: Option<Matched>,
        signatures: &Signatures<'_>,
    ) -> Result<Matched, Rejection> {
        matched.ok_or_else(|| Rejection::InvalidSignature {
            keys: u8::try_from(self.names.len()).unwrap_or(u8::MAX),
            signatures: u8::try_from(signatures.count).unwrap_or(u8::MAX),
        })
    }

    fn match_tags(
        &self,
        tags: &Lanes<Tag>,
        ids: &[Option<Vec<u8>>],
        signatures: &Signatures<'_>,
    ) -> Option<Matched> {
        // What was seen of each lane is gathered over all candidates, and looked at
        // when nothing is left to try.
        let mut seen = [Choice::from(0); MAX_LANES];
        signatures.each(&mut |candidate| {
            let mut lanes = tags.iter().zip(&mut seen);
            for id in ids {
                let is_ours = id.as_deref().is_none_or(|id| candidate.id == Some(id));
                for (tag, seen) in lanes.by_ref().take(self.contents) {
                    *seen |= tag.matches(candidate.signature) & Choice::from(u8::from(is_ours));
                }
            }
        });
        let lane = seen.into_iter().position(bool::from)?;
        Some(Matched {
            key: u8::try_from(lane.checked_div(self.contents)?).ok()?,
            content: u8::try_from(lane.checked_rem(self.contents)?).ok()?,
        })
    }
}

fn match_tokens(tokens: &[Zeroizing<[u8; 32]>], signatures: &Signatures<'_>) -> Option<Matched> {
    let mut seen = [Choice::from(0); MAX_LANES];
    signatures.each(&mut |candidate| {
        for (token, seen) in tokens.iter().zip(&mut seen) {
            *seen |= token.as_slice().ct_eq(candidate.signature);
        }
    });
    Matched::first_key(seen)
}

fn match_public_keys(
    keys: &[PublicKey],
    message: Message<'_>,
    signatures: &Signatures<'_>,
) -> Option<Matched> {
    let mut seen = [Choice::from(0); MAX_LANES];
    let mut tried: usize = 0;
    signatures.each(&mut |candidate| {
        tried = tried.saturating_add(1);
        if tried <= MAX_PUBLIC_KEY_CANDIDATES {
            for (key, seen) in keys.iter().zip(&mut seen) {
                let matches = key.matches(message, candidate.signature);
                *seen |= Choice::from(u8::from(matches));
            }
        }
    });
    Matched::first_key(seen)
}

/// Which key matched, under which content.
#[derive(Clone, Copy, Debug)]
pub(super) struct Matched {
    key: u8,
    content: u8,
}

impl Matched {
    /// The key's place in the ring.
    pub(super) fn key(self) -> usize {
        self.key.into()
    }

    /// The content's place among the scheme's.
    pub(super) fn content(self) -> usize {
        self.content.into()
    }

    /// The first key that was seen to match, for schemes of one content.
    fn first_key(seen: [Choice; MAX_LANES]) -> Option<Self> {
        let key = u8::try_from(seen.into_iter().position(bool::from)?).ok()?;
        Some(Self { key, content: 0 })
    }
}

impl Check {
    /// Nothing started.
    #[inline(always)]
    pub(super) const fn new() -> Self {
        Self {
            macs: None,
            hash: None,
            whole: None,
        }
    }

    /// Feeds bytes of the one content.
    #[inline]
    pub(super) fn update(&mut self, bytes: &[u8]) {
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        } else if let Some(whole) = &mut self.whole {
            whole.extend_from_slice(bytes);
        } else if let Some(macs) = &mut self.macs {
            macs.update(bytes);
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.names).finish()
    }
}
