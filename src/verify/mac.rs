//! Message authentication codes that are fed in pieces.

use hmac::digest::{Output, OutputSizeUser};
use hmac::{Hmac, KeyInit, Mac as _};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::scheme::Algorithm;

/// Bytes of the longest tag.
pub(crate) const MAX_TAG: usize = 64;

/// A keyed state: scheduled once, cloned per delivery.
#[derive(Clone)]
pub(crate) enum Mac {
    HmacSha1(Hmac<Sha1>),
    HmacSha256(Hmac<Sha256>),
    HmacSha512(Hmac<Sha512>),
    /// SHA-256 of the secret and then the message.
    PrefixSha256(Sha256),
}

/// A computed tag.
pub(crate) struct Tag {
    bytes: [u8; MAX_TAG],
    length: usize,
}

impl Mac {
    /// The state under `key`; `None` for algorithms that are no MAC.
    pub(crate) fn new(algorithm: Algorithm, key: &[u8]) -> Option<Self> {
        match algorithm {
            Algorithm::HashSha256 => Some(Self::PrefixSha256(Sha256::new_with_prefix(key))),
            Algorithm::HmacSha1 => Hmac::new_from_slice(key).ok().map(Self::HmacSha1),
            Algorithm::HmacSha256 => Hmac::new_from_slice(key).ok().map(Self::HmacSha256),
            Algorithm::HmacSha512 => Hmac::new_from_slice(key).ok().map(Self::HmacSha512),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::HmacSha1(mac) => mac.update(bytes),
            Self::HmacSha256(mac) => mac.update(bytes),
            Self::HmacSha512(mac) => mac.update(bytes),
            Self::PrefixSha256(hash) => Digest::update(hash, bytes),
        }
    }

    #[inline]
    pub(crate) fn finish(self) -> Tag {
        match self {
            Self::HmacSha1(mac) => Tag::new::<Sha1>(&mac.finalize().into_bytes()),
            Self::HmacSha256(mac) => Tag::new::<Sha256>(&mac.finalize().into_bytes()),
            Self::HmacSha512(mac) => Tag::new::<Sha512>(&mac.finalize().into_bytes()),
            Self::PrefixSha256(hash) => Tag::new::<Sha256>(&hash.finalize()),
        }
    }
}

impl Tag {
    fn new<D: OutputSizeUser>(output: &Output<D>) -> Self {
        let mut bytes = [0; MAX_TAG];
        bytes
            .iter_mut()
            .zip(output.iter())
            .for_each(|(to, from)| *to = *from);
        Self {
            bytes,
            length: output.len(),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}
