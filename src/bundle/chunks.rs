//! A body in chunks, from its start and from its end: what was put in, taken out or changed
//! in the middle leaves both ends in step.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::digest::Digests;
use super::keyed::{End, Keyed};

/// Sizes of chunks, in bytes. Every body is cut in each, so that two bodies of any lengths
/// have them in common.
pub(super) const SIZES: [usize; 3] = [64, 4096, 32 * 1024];
/// Most chunks of a size from an end: 64 KiB, 4 MiB and 32 MiB of each. A bundle stays under
/// 100 KB a key, and the largest body that a scheme of the catalogue takes is covered.
const MOST: usize = 1024;

/// The chunks of one size, hashed once for all secrets.
pub(super) struct Hashed {
    size: usize,
    from_start: Vec<[u8; 32]>,
    from_end: Vec<[u8; 32]>,
}

/// The digests of the chunks of one size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Level {
    size: usize,
    from_start: Digests,
    from_end: Digests,
}

impl Hashed {
    /// The chunks of every size that the body fills at least once.
    pub(super) fn of(body: &[u8]) -> Vec<Self> {
        let hash = |chunk: &[u8]| -> [u8; 32] { Sha256::digest(chunk).into() };
        let sizes = SIZES.into_iter().filter(|size| body.len() >= *size);
        let hashed = sizes.map(|size| Self {
            size,
            from_start: body.chunks_exact(size).take(MOST).map(hash).collect(),
            from_end: body.rchunks_exact(size).take(MOST).map(hash).collect(),
        });
        hashed.collect()
    }

    pub(super) fn level(&self, keyed: &Keyed) -> Level {
        let digests = |end, hashes: &[[u8; 32]]| {
            let hashes = hashes.iter().enumerate();
            hashes
                .map(|(index, hash)| keyed.chunk(end, self.size, index, hash))
                .collect()
        };
        Level {
            size: self.size,
            from_start: digests(End::Start, &self.from_start),
            from_end: digests(End::End, &self.from_end),
        }
    }
}

/// Whether these are the levels that a body of this length has.
pub(super) fn fit(levels: &[Level], length: u64) -> bool {
    let expected = SIZES.into_iter().filter_map(|size| {
        let count = length.checked_div(u64::try_from(size).ok()?)?;
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(MOST);
        (count > 0).then_some((size, count, count))
    });
    let found = levels.iter().map(|level| {
        let Level {
            size,
            from_start,
            from_end,
        } = level;
        (*size, from_start.0.len(), from_end.0.len())
    });
    expected.eq(found)
}

/// How many bytes two bodies share at least, at the start and at the end.
pub(super) fn in_step(a: &[Level], b: &[Level]) -> (u64, u64) {
    let mut shared = (0_u64, 0_u64);
    for (a, b) in a.iter().zip(b) {
        let bytes = |count: usize| u64::try_from(count.saturating_mul(a.size)).unwrap_or(u64::MAX);
        let start = bytes(a.from_start.in_step(&b.from_start));
        let end = bytes(a.from_end.in_step(&b.from_end));
        shared = (shared.0.max(start), shared.1.max(end));
    }
    shared
}
