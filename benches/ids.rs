//! Ids that come in no order, and the steps of a memory store without a runtime.

use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use countersign::KeyId;
use countersign::store::{Claim, ClaimRequest, Lease, MemoryStore, Nonce, Outcome, Settled, Store};

pub(crate) const LEASE: Duration = Duration::from_secs(60);

/// An event's id: as senders write it, and as a store gets it.
pub(crate) struct Id {
    pub(crate) text: String,
    pub(crate) request: ClaimRequest,
}

/// The `n`th id: 28 bytes long, as those of Stripe and of Standard Webhooks are.
pub(crate) fn id(n: u64, retention: Duration) -> Id {
    let (low, high) = (mixed(n), mixed(!n));
    let key = (u128::from(high) << 64 | u128::from(low)).to_le_bytes();
    let nonce = (u128::from(low) << 64 | u128::from(high)).to_le_bytes();
    let request = ClaimRequest::new(
        KeyId::from_bytes(key),
        Nonce::from_bytes(nonce),
        LEASE,
        retention,
    );
    Id {
        text: format!("evt_{low:016x}{:08x}", high >> 32),
        request,
    }
}

/// `SplitMix64`: every `n` has its own, and neighbours are far apart.
const fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// Claims an id that nobody claimed.
pub(crate) fn claim(store: &MemoryStore, request: &ClaimRequest) -> Lease {
    match at_once(store.claim(request)) {
        Ok(Claim::Fresh(lease)) => lease,
        other => panic!("{other:?}"),
    }
}

/// Completes a claim.
pub(crate) fn complete(store: &MemoryStore, lease: &Lease) {
    let settled = at_once(store.complete(lease, Outcome::Processed, None));
    assert_eq!(settled.unwrap(), Settled::Ok);
}

/// Asks for an id that is done.
pub(crate) fn meet_done(store: &MemoryStore, request: &ClaimRequest) {
    let claim = at_once(store.claim(request));
    assert!(matches!(claim, Ok(Claim::Done { .. })), "{claim:?}");
}

/// A memory store's step awaits nothing.
fn at_once<T>(step: impl Future<Output = T>) -> T {
    match pin!(step).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("a step in memory awaits nothing"),
    }
}
