//! Message authentication codes that are fed in pieces, one lane per key and content.

use alloc::vec::Vec;

use hmac::digest::block_api::EagerHash;
use hmac::{Hmac, KeyInit};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::{Choice, ConstantTimeEq};

use super::lanes::{Lanes, SLICE};
use crate::scheme::Algorithm;

/// Bytes of the longest tag.
const MAX_TAG: usize = 64;

/// A keyed state: scheduled once, cloned per delivery.
pub(crate) trait Mac: Clone {
    fn update(&mut self, bytes: &[u8]);
    fn finish(self) -> Tag;
}

/// SHA-256 of the secret and then the message.
#[derive(Clone)]
pub(crate) struct PrefixSha256(Sha256);

/// The scheduled keys of a ring, all of one algorithm. A clone of them is one MAC per key
/// of a content that comes in pieces.
#[derive(Clone)]
pub(crate) enum MacKeys {
    HmacSha1(Vec<Hmac<Sha1>>),
    HmacSha256(Vec<Hmac<Sha256>>),
    HmacSha512(Vec<Hmac<Sha512>>),
    PrefixSha256(Vec<PrefixSha256>),
}

/// A computed tag.
pub(crate) struct Tag {
    bytes: [u8; MAX_TAG],
    length: usize,
}

impl MacKeys {
    /// Schedules keys; `None` for algorithms that are no MAC.
    pub(crate) fn new<'k>(
        algorithm: Algorithm,
        keys: impl Iterator<Item = &'k [u8]>,
    ) -> Option<Self> {
        Some(match algorithm {
            Algorithm::WeakHashSha256 => Self::PrefixSha256(
                keys.map(|key| PrefixSha256(Sha256::new_with_prefix(key)))
                    .collect(),
            ),
            Algorithm::HmacSha1 => Self::HmacSha1(schedule(keys)),
            Algorithm::HmacSha256 => Self::HmacSha256(schedule(keys)),
            Algorithm::HmacSha512 => Self::HmacSha512(schedule(keys)),
            _ => return None,
        })
    }

    /// Feeds all MACs: one pass over the bytes, whatever their number.
    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::HmacSha1(macs) => feed(macs, bytes),
            Self::HmacSha256(macs) => feed(macs, bytes),
            Self::HmacSha512(macs) => feed(macs, bytes),
            Self::PrefixSha256(macs) => feed(macs, bytes),
        }
    }

    /// Ends every MAC.
    #[inline]
    pub(crate) fn finish(self) -> Lanes<Tag> {
        match self {
            Self::HmacSha1(macs) => macs.into_iter().map(Mac::finish).collect(),
            Self::HmacSha256(macs) => macs.into_iter().map(Mac::finish).collect(),
            Self::HmacSha512(macs) => macs.into_iter().map(Mac::finish).collect(),
            Self::PrefixSha256(macs) => macs.into_iter().map(Mac::finish).collect(),
        }
    }
}

impl<D: EagerHash> Mac for Hmac<D>
where
    Self: hmac::Mac + Clone,
{
    #[inline]
    fn update(&mut self, bytes: &[u8]) {
        hmac::Mac::update(self, bytes);
    }

    #[inline]
    fn finish(self) -> Tag {
        Tag::new(&hmac::Mac::finalize(self).into_bytes())
    }
}

impl Mac for PrefixSha256 {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self) -> Tag {
        Tag::new(&self.0.finalize())
    }
}

impl Tag {
    #[inline]
    fn new(output: &[u8]) -> Self {
        let mut bytes = [0; MAX_TAG];
        if let Some(place) = bytes.get_mut(..output.len()) {
            place.copy_from_slice(output);
        }
        Self {
            bytes,
            length: output.len(),
        }
    }

    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Whether `signature` is this tag, all of it, in constant time: differences are
    /// gathered over whole words, and looked at once.
    #[inline]
    pub(super) fn matches(&self, signature: &[u8]) -> Choice {
        let (ours, theirs) = (self.bytes(), signature);
        if ours.len() != theirs.len() {
            return Choice::from(0);
        }
        let (our_words, our_rest) = ours.as_chunks::<8>();
        let (their_words, their_rest) = theirs.as_chunks::<8>();
        let words = our_words.iter().zip(their_words).fold(0, |seen, (a, b)| {
            seen | (u64::from_ne_bytes(*a) ^ u64::from_ne_bytes(*b))
        });
        let rest = our_rest
            .iter()
            .zip(their_rest)
            .fold(0, |seen, (a, b)| seen | (a ^ b));
        (words | u64::from(rest)).ct_eq(&0)
    }
}

fn feed<M: Mac>(macs: &mut [M], bytes: &[u8]) {
    match macs {
        [only] => only.update(bytes),
        _ => {
            for slice in bytes.chunks(SLICE) {
                macs.iter_mut().for_each(|mac| mac.update(slice));
            }
        }
    }
}

fn schedule<'k, M: KeyInit>(keys: impl Iterator<Item = &'k [u8]>) -> Vec<M> {
    // HMAC takes keys of any length: none is left out.
    keys.filter_map(|key| M::new_from_slice(key).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_tag_matches() {
        for length in [20, 32, 64] {
            let tag = Tag::new(&[7; MAX_TAG][..length]);
            let matches = |signature: &[u8]| bool::from(tag.matches(signature));
            assert!(matches(&[7; MAX_TAG][..length]));
            for index in 0..length {
                let mut other = [7; MAX_TAG];
                other[index] ^= 0x80;
                assert!(!matches(&other[..length]), "byte {index} of {length}");
                assert!(
                    !matches(&[7; MAX_TAG][..index]),
                    "{index} bytes of {length}"
                );
            }
        }
    }
}
