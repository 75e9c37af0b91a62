//! A digest that is cut to eight bytes, and how a list of them is written.

use alloc::string::String;
use alloc::vec::Vec;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 64 bits: what two different texts share by accident once in 2^64.
pub(super) type Digest = [u8; BYTES];

pub(super) const BYTES: usize = 8;

/// Digests in a row, written as one hexadecimal text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Digests(pub(super) Vec<Digest>);

impl Digests {
    /// How many at the beginning are the same.
    pub(super) fn in_step(&self, other: &Self) -> usize {
        let pairs = self.0.iter().zip(&other.0);
        pairs.take_while(|(a, b)| a == b).count()
    }
}

impl FromIterator<Digest> for Digests {
    fn from_iter<I: IntoIterator<Item = Digest>>(digests: I) -> Self {
        Self(digests.into_iter().collect())
    }
}

impl Serialize for Digests {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0.concat()))
    }
}

impl<'de> Deserialize<'de> for Digests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(text).map_err(|_| D::Error::custom("no hexadecimal text"))?;
        let (digests, rest) = bytes.as_chunks::<BYTES>();
        if !rest.is_empty() {
            return Err(D::Error::custom("a digest is cut"));
        }
        Ok(Self(digests.to_vec()))
    }
}
