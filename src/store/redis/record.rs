//! A record as the bytes of a key.
//!
//! ```text
//! at  bytes
//!  0    1   version
//!  1   16   nonce
//! 17    8   fence
//! 25    1   state: 0 in flight, 1 released, 2 done
//! 26    1   taken over: 0 or 1
//! 27    4   attempt
//! 31    8   gap: from the lease's deadline to the key's end, in ms
//! 39    8   the lease, in ms
//! 47    1   outcome, when done: 1 processed, 2 rejected, 3 dead-lettered
//! 48    1   1 if a digest follows, plus 2 if a reply does
//! 49   32   the body's SHA-256, where it counts
//!           the reply
//! ```
//!
//! Numbers are big-endian. The scripts count from 1, and know the places up to the lease.
//! A lease has as much left as the key's time to live is longer than the gap: its age is
//! judged by the server's clock and by what stands in the record, whoever asks.

use alloc::vec::Vec;
use core::time::Duration;

use super::fault::{Fault, Kind};
use crate::store::{Claim, ClaimRequest, KeptReply, Lease, Nonce, Outcome};

/// A record, read.
pub(super) struct Record {
    nonce: Nonce,
    fence: u64,
    attempt: u32,
    is_takeover: bool,
    digest: Option<[u8; 32]>,
    state: State,
}

enum State {
    InFlight,
    Idle,
    Done {
        outcome: Outcome,
        reply: Option<KeptReply>,
    },
}

const VERSION: u8 = 1;
const IN_FLIGHT: u8 = 0;
const IDLE: u8 = 1;
const DONE: u8 = 2;
const HAS_DIGEST: u8 = 1;
const HAS_REPLY: u8 = 2;
/// Without digest and reply.
const SHORTEST: usize = 49;

/// The scripts count in doubles, which are exact up to here: µs until the year 2255.
pub(super) const HIGHEST_FENCE: u64 = (1 << 53) - 1;

/// What a script compares to know the claimer again.
pub(super) fn claimer(nonce: Nonce) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(SHORTEST);
    bytes.push(VERSION);
    bytes.extend_from_slice(nonce.as_bytes());
    bytes
}

/// What a script compares to know the holder.
pub(super) fn holder(nonce: Nonce, fence: u64) -> Vec<u8> {
    let mut bytes = claimer(nonce);
    bytes.extend_from_slice(&fence.to_be_bytes());
    bytes
}

/// The record of a key's first holder.
pub(super) fn first(request: &ClaimRequest, fence: u64) -> Vec<u8> {
    let mut bytes = holder(request.nonce(), fence);
    bytes.extend_from_slice(&[IN_FLIGHT, 0]);
    bytes.extend_from_slice(&1_u32.to_be_bytes());
    bytes.extend_from_slice(&from_gap_on(request));
    bytes
}

/// The part of a new holder's record that follows the attempt.
pub(super) fn from_gap_on(request: &ClaimRequest) -> Vec<u8> {
    let lease = millis(request.lease());
    let gap = time_to_live(request).saturating_sub(lease);
    let mut bytes = Vec::with_capacity(SHORTEST);
    end(&mut bytes, [gap, lease], 0, request.body_digest(), None);
    bytes
}

/// The record of an event that is done.
pub(super) fn done(lease: &Lease, outcome: Outcome, reply: Option<&KeptReply>) -> Vec<u8> {
    let mut bytes = holder(lease.nonce(), lease.fence());
    bytes.extend_from_slice(&[DONE, lease.is_takeover().into()]);
    bytes.extend_from_slice(&lease.attempt().to_be_bytes());
    let digest = lease.body_digest();
    end(&mut bytes, [0, 0], outcome.number(), digest, reply);
    bytes
}

fn end(
    bytes: &mut Vec<u8>,
    gap_and_lease: [u64; 2],
    outcome: u8,
    digest: Option<&[u8; 32]>,
    reply: Option<&KeptReply>,
) {
    let digest_follows = digest.map_or(0, |_| HAS_DIGEST);
    let reply_follows = reply.map_or(0, |_| HAS_REPLY);
    for millis in gap_and_lease {
        bytes.extend_from_slice(&millis.to_be_bytes());
    }
    bytes.extend_from_slice(&[outcome, digest_follows | reply_follows]);
    bytes.extend_from_slice(digest.map_or(&[], |digest| digest.as_slice()));
    bytes.extend_from_slice(reply.map_or(&[], KeptReply::as_bytes));
}

/// How long the key of a claim lives without being renewed, in ms.
pub(super) fn time_to_live(request: &ClaimRequest) -> u64 {
    millis(request.retention()).max(millis(request.lease()))
}

/// Not less than the duration, and not 0, which Redis takes for a mistake. One that is
/// too long counts as 100 000 years.
pub(super) fn millis(duration: Duration) -> u64 {
    const LONGEST: u64 = 100_000 * 366 * 86_400 * 1000;
    let millis = duration.as_nanos().div_ceil(1_000_000);
    u64::try_from(millis).unwrap_or(LONGEST).clamp(1, LONGEST)
}

impl Record {
    /// A record of this version.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        Self::parse(bytes).ok_or_else(|| Kind::Foreign.into())
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let ([VERSION], bytes) = bytes.split_first_chunk()? else {
            return None;
        };
        let (nonce, bytes) = bytes.split_first_chunk()?;
        let (fence, bytes) = bytes.split_first_chunk()?;
        let ([state, is_takeover], bytes) = bytes.split_first_chunk()?;
        let (attempt, bytes) = bytes.split_first_chunk()?;
        let (_gap_and_lease, bytes) = bytes.split_first_chunk::<16>()?;
        let ([outcome, follows], bytes) = bytes.split_first_chunk()?;
        let (digest, bytes) = match follows & HAS_DIGEST {
            0 => (None, bytes),
            _ => bytes
                .split_first_chunk()
                .map(|(digest, bytes)| (Some(*digest), bytes))?,
        };
        let reply = (follows & HAS_REPLY != 0).then_some(bytes);
        Some(Self {
            nonce: Nonce::from_bytes(*nonce),
            fence: u64::from_be_bytes(*fence),
            attempt: u32::from_be_bytes(*attempt),
            is_takeover: *is_takeover != 0,
            digest,
            state: match *state {
                IN_FLIGHT => State::InFlight,
                IDLE => State::Idle,
                DONE => State::Done {
                    outcome: Outcome::of_number(*outcome)?,
                    reply: reply.and_then(KeptReply::new),
                },
                _ => return None,
            },
        })
    }

    /// The lease that was just granted, or is asked for again.
    pub(super) fn lease(&self, request: &ClaimRequest) -> Lease {
        Lease::granted(request, self.fence, self.attempt).taken_over(self.is_takeover)
    }

    /// What a claim is answered if the event is done.
    pub(super) fn if_done(&self, request: &ClaimRequest) -> Option<Claim> {
        let State::Done { outcome, reply } = &self.state else {
            return None;
        };
        Some(request.meets_done(*outcome, self.digest.as_ref(), reply.as_ref()))
    }

    /// What a claim is answered that the script did not grant; `left` is what is left of
    /// the record's lease.
    pub(super) fn refused(
        &self,
        request: &ClaimRequest,
        left: Option<Duration>,
    ) -> Result<Claim, Fault> {
        let claim = match &self.state {
            State::InFlight => request.meets_lease(self.nonce, left, || self.lease(request)),
            State::Idle | State::Done { .. } => self.if_done(request),
        };
        // The script grants what is neither.
        claim.ok_or_else(|| Kind::Unexpected.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_never_cut_short() {
        for (duration, expected) in [
            (Duration::ZERO, 1),
            (Duration::from_nanos(1), 1),
            (Duration::from_millis(7), 7),
            (Duration::from_nanos(7_000_001), 8),
        ] {
            assert_eq!(millis(duration), expected, "{duration:?}");
        }
        // With the time of day it still fits into what Redis counts in.
        let longest = i64::try_from(millis(Duration::MAX)).unwrap();
        assert!(longest < HIGHEST_FENCE.cast_signed());
    }

    #[test]
    fn bytes_that_are_cut_off_are_no_record() {
        let key = crate::KeyId::from_bytes([1; 16]);
        let nonce = Nonce::from_bytes([2; 16]);
        let minute = Duration::from_secs(60);
        let request = ClaimRequest::new(key, nonce, minute, minute).digest([3; 32]);
        let bytes = first(&request, 4);
        assert_eq!(bytes.len(), SHORTEST + 32);
        let record = Record::parse(&bytes).unwrap();
        assert_eq!((record.fence, record.attempt), (4, 1));
        assert_eq!((record.nonce, record.digest), (nonce, Some([3; 32])));
        for length in 0..bytes.len() {
            assert!(Record::parse(&bytes[..length]).is_none(), "{length}");
        }
    }
}
