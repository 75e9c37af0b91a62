//! What stores are asked in tests and benchmarks.
#![allow(dead_code, reason = "each test uses the part that it needs")]

use std::time::Duration;

use countersign::KeyId;
use countersign::store::{Claim, ClaimRequest, Lease, Nonce, Store};

/// A test that sets its clock is soon beyond these.
pub(crate) const LEASE: Duration = Duration::from_secs(10);
pub(crate) const RETENTION: Duration = Duration::from_secs(100);
/// No test or benchmark by a real clock takes as long as these.
pub(crate) const LONG_LEASE: Duration = Duration::from_secs(60);
pub(crate) const LONG_RETENTION: Duration = Duration::from_secs(3600);

/// For this key, under a nonce of its own.
pub(crate) fn request(key: u64) -> ClaimRequest {
    lasting(key, LEASE, RETENTION)
}

pub(crate) fn request_as(key: u64, nonce: Nonce) -> ClaimRequest {
    ClaimRequest::new(id(key), nonce, LEASE, RETENTION)
}

pub(crate) fn long_request(key: u64) -> ClaimRequest {
    lasting(key, LONG_LEASE, LONG_RETENTION)
}

pub(crate) fn lasting(key: u64, lease: Duration, retention: Duration) -> ClaimRequest {
    ClaimRequest::new(id(key), Nonce::random().unwrap(), lease, retention)
}

/// Spread over all keys, as hashes are.
pub(crate) fn id(key: u64) -> KeyId {
    let spread = u128::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    KeyId::from_bytes(spread.to_be_bytes())
}

/// The lease of a claim that has to be granted.
pub(crate) async fn fresh(store: &impl Store, request: &ClaimRequest) -> Lease {
    match store.claim(request).await.unwrap() {
        Claim::Fresh(lease) => lease,
        other => panic!("{other:?}"),
    }
}
