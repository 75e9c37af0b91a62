//! Bodies that were compressed, or should have been.
//!
//! A compressed body is the sender's bytes: a few of them can stand for gigabytes, so that
//! what comes out is bounded.

use alloc::vec::Vec;

use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

/// Longest body that is made by decompression, in bytes: the highest body cap of the
/// catalogue is 25 MiB.
const MAX_PLAIN: usize = 32 * 1024 * 1024;
/// Longest body that is compressed, which takes much longer than a MAC.
const MAX_COMPRESSED: usize = 1024 * 1024;

/// How many ways there are to compress: gzip as two systems write it, zlib, bare deflate.
pub(super) const WAYS: u16 = 12;

/// The plain bytes of gzip, zlib or bare deflate.
pub(super) fn inflated(body: &[u8]) -> Option<Vec<u8>> {
    if let Some(deflated) = gzip_content(body) {
        return decompress_to_vec_with_limit(deflated, MAX_PLAIN).ok();
    }
    let zlib = decompress_to_vec_zlib_with_limit(body, MAX_PLAIN).ok();
    // Bare deflate has no mark: almost any text can begin like it, few end like it.
    let plain = zlib.or_else(|| decompress_to_vec_with_limit(body, MAX_PLAIN).ok());
    plain.filter(|plain| !plain.is_empty())
}

/// The body compressed, as libraries do by default.
pub(super) fn deflated(body: &[u8], way: u16) -> Option<Vec<u8>> {
    if body.len() > MAX_COMPRESSED || inflated(body).is_some() {
        return None;
    }
    let level = [6, 9, 1].get(usize::from(way / 4)).copied()?;
    Some(match way % 4 {
        0 => gzip(body, level, 3),
        1 => gzip(body, level, 255),
        2 => compress_to_vec_zlib(body, level),
        _ => compress_to_vec(body, level),
    })
}

/// A gzip member without name and time, by a system of this number.
fn gzip(body: &[u8], level: u8, system: u8) -> Vec<u8> {
    let speed = match level {
        9 => 2,
        1 => 4,
        _ => 0,
    };
    let mut made = alloc::vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, speed, system];
    made.extend(compress_to_vec(body, level));
    made.extend(crc32fast::hash(body).to_le_bytes());
    // The length modulo 2^32; it is far below.
    made.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    made
}

/// What a gzip member holds, without header and trailer.
fn gzip_content(body: &[u8]) -> Option<&[u8]> {
    let rest = body.strip_prefix(&[0x1f, 0x8b, 8])?;
    let (flags, rest) = rest.split_first()?;
    let mut rest = rest.get(6..)?;
    if flags & 4 != 0 {
        let (length, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end.saturating_add(1)..)?;
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..)?;
    }
    rest.get(..rest.len().checked_sub(8)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compressed_comes_back() {
        let body = b"{\"a\":[1,2,3],\"b\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}";
        for way in 0..WAYS {
            let made = deflated(body, way).unwrap();
            assert_eq!(inflated(&made).unwrap(), body, "{way}");
            assert_eq!(deflated(&made, way), None);
        }
        assert_eq!(deflated(body, WAYS), None);
        assert_eq!(inflated(b"{\"a\":1}"), None);
        assert_eq!(inflated(b""), None);
    }

    #[test]
    fn a_bomb_is_cut() {
        let bomb = compress_to_vec(&alloc::vec![0; MAX_PLAIN + 1], 9);
        assert_eq!(inflated(&bomb), None);
    }
}
