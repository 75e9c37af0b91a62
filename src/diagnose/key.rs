//! A key in one form, and the one question that is asked of it: is this signature over
//! this content?

mod foreign;

use alloc::vec::Vec;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub(super) use self::foreign::Foreign;
use super::candidate::Candidate;
use crate::Secret;
use crate::scheme::{Algorithm, KeyRules};
use crate::secret::unlinted;
use crate::verify::mac::{Mac, MacKeys};
use crate::verify::public_key::{Message, PublicKey};

/// Fewest bytes of a signature's beginning that prove a cut: 64 bits.
const LEAST_PREFIX: usize = 8;

/// Feeds a content, piece by piece; `None` if a field of it is absent.
pub(super) type Feed<'f> = dyn FnMut(&mut dyn FnMut(&[u8])) -> Option<()> + 'f;

/// A key, ready for one algorithm.
pub(super) enum Key {
    Mac {
        schedule: MacKeys,
        id: Option<Vec<u8>>,
    },
    Foreign {
        mac: Foreign,
        key: Zeroizing<Vec<u8>>,
        id: Option<Vec<u8>>,
    },
    Public {
        key: PublicKey,
        whole: bool,
    },
    Token([u8; 32]),
}

/// Which candidate matched, and how long the whole signature is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    pub(super) candidate: usize,
    pub(super) tag_bytes: usize,
}

impl Key {
    /// The key that `text` is by `rules`; `None` if it is none, or of no bytes.
    pub(super) fn new(algorithm: Algorithm, rules: &KeyRules, text: &[u8]) -> Option<Self> {
        let bytes = unlinted(rules, text).ok()?;
        if let Some(schedule) = MacKeys::new(algorithm, core::iter::once(bytes.bytes.as_slice())) {
            return Some(Self::Mac {
                schedule,
                id: bytes.id,
            });
        }
        if algorithm.is_public_key() {
            let secret = Secret::new("offered", text).ok()?;
            let key = PublicKey::new(algorithm, rules, &secret, &bytes).ok()?;
            let whole = algorithm == Algorithm::Ed25519;
            return Some(Self::Public { key, whole });
        }
        Some(Self::Token(Sha256::digest(&bytes.bytes).into()))
    }

    /// The same text as the key of a MAC that no scheme has.
    pub(super) fn foreign(mac: Foreign, rules: &KeyRules, text: &[u8]) -> Option<Self> {
        let bytes = unlinted(rules, text).ok()?;
        Some(Self::Foreign {
            mac,
            key: bytes.bytes,
            id: bytes.id,
        })
    }

    /// The first candidate that is this key's signature over what `feed` feeds. `None` too
    /// if the content lacks a field.
    pub(super) fn matching(&self, candidates: &[Candidate], feed: &mut Feed<'_>) -> Option<Match> {
        match self {
            Self::Mac { schedule, id } => {
                let tag = match schedule {
                    MacKeys::HmacSha1(keys) => tag(keys, feed),
                    MacKeys::HmacSha256(keys) => tag(keys, feed),
                    MacKeys::HmacSha512(keys) => tag(keys, feed),
                    MacKeys::PrefixSha256(keys) => tag(keys, feed),
                }?;
                beginning(&tag, id.as_deref(), candidates)
            }
            Self::Foreign { mac, key, id } => {
                let tag = mac.tag(key, feed)?;
                beginning(&tag, id.as_deref(), candidates)
            }
            Self::Public { key, whole } => {
                let digest: [u8; 32];
                let message;
                let message = if *whole {
                    let mut bytes = Vec::new();
                    feed(&mut |piece| bytes.extend_from_slice(piece))?;
                    message = bytes;
                    Message::Whole(&message)
                } else {
                    let mut hash = Sha256::new();
                    feed(&mut |piece| hash.update(piece))?;
                    digest = hash.finalize().into();
                    Message::Sha256(&digest)
                };
                let mut all = candidates.iter();
                let candidate = all.position(|candidate| key.matches(message, &candidate.bytes))?;
                let tag_bytes = candidates.get(candidate)?.bytes.len();
                Some(Match {
                    candidate,
                    tag_bytes,
                })
            }
            Self::Token(digest) => {
                let mut all = candidates.iter();
                let candidate = all.position(|candidate| candidate.bytes == digest)?;
                Some(Match {
                    candidate,
                    tag_bytes: digest.len(),
                })
            }
        }
    }
}

/// The first candidate that a tag begins with, and no other key's.
fn beginning(tag: &[u8], id: Option<&[u8]>, candidates: &[Candidate]) -> Option<Match> {
    let candidate = candidates.iter().position(|candidate| {
        let is_ours = id.is_none() || candidate.id.is_none() || candidate.id.as_deref() == id;
        let least = candidate.bytes.len() >= LEAST_PREFIX;
        is_ours && least && tag.starts_with(&candidate.bytes)
    })?;
    Some(Match {
        candidate,
        tag_bytes: tag.len(),
    })
}

/// The tag of the one key; wiped when it was looked at, since it may be a right one.
fn tag<M: Mac>(keys: &[M], feed: &mut Feed<'_>) -> Option<Zeroizing<Vec<u8>>> {
    let mut mac = keys.first()?.clone();
    feed(&mut |piece| mac.update(piece))?;
    Some(Zeroizing::new(mac.finish().bytes().to_vec()))
}
