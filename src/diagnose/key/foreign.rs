//! MACs that no scheme has, and some senders compute.

use alloc::vec::Vec;

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use md5::Md5;
use sha2::Sha384;
use zeroize::Zeroizing;

use super::Feed;

/// Which MAC.
#[derive(Clone, Copy, Debug)]
pub(in super::super) enum Foreign {
    HmacMd5,
    HmacSha384,
}

impl Foreign {
    pub(in super::super) const ALL: [Self; 2] = [Self::HmacSha384, Self::HmacMd5];

    pub(in super::super) const fn name(self) -> &'static str {
        match self {
            Self::HmacMd5 => "HMAC-MD5",
            Self::HmacSha384 => "HMAC-SHA384",
        }
    }

    /// The tag over what `feed` feeds, wiped when it was looked at.
    pub(super) fn tag(self, key: &[u8], feed: &mut Feed<'_>) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::HmacMd5 => tag::<Hmac<Md5>>(key, feed),
            Self::HmacSha384 => tag::<Hmac<Sha384>>(key, feed),
        }
    }
}

fn tag<M: Mac + KeyInit>(key: &[u8], feed: &mut Feed<'_>) -> Option<Zeroizing<Vec<u8>>> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    feed(&mut |piece| mac.update(piece))?;
    Some(Zeroizing::new(mac.finalize().into_bytes().to_vec()))
}
