//! The transition table of the claim protocol, row by row, against the memory store
//! on a clock that only moves when told; then its bounds.
#![allow(
    clippy::as_conversions,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

use std::sync::Arc;
use std::time::Duration;

use countersign::store::{
    Claim, ClaimRequest, ExpiredLease, KeptReply, Lease, MemoryStore, Nonce, Outcome, Settled,
    Store, WhenFull,
};
use countersign::testing::FakeClock;
use countersign::{KeyId, StoreError, Timestamp};

const LEASE: Duration = Duration::from_secs(10);
const RETENTION: Duration = Duration::from_secs(100);

struct Bench {
    store: MemoryStore,
    clock: Arc<FakeClock>,
}

impl Bench {
    fn new() -> Self {
        Self::with(|store| store)
    }

    fn with(shape: impl FnOnce(MemoryStore) -> MemoryStore) -> Self {
        let clock = Arc::new(FakeClock::at(Timestamp::from_unix_seconds(1_000_000)));
        let store = MemoryStore::with_capacity(3).clock(Arc::clone(&clock) as _);
        Self {
            store: shape(store),
            clock,
        }
    }

    fn wait(&self, milliseconds: i64) {
        self.clock
            .advance(time::Duration::milliseconds(milliseconds));
    }

    async fn claim(&self, request: &ClaimRequest) -> Claim {
        self.store.claim(request).await.unwrap()
    }

    async fn fresh(&self, request: &ClaimRequest) -> Lease {
        match self.claim(request).await {
            Claim::Fresh(lease) => lease,
            other => panic!("{other:?}"),
        }
    }

    async fn complete(&self, lease: &Lease) -> Settled {
        let outcome = Outcome::Processed;
        self.store.complete(lease, outcome, None).await.unwrap()
    }

    async fn release(&self, lease: &Lease) -> Settled {
        self.store.release(lease).await.unwrap()
    }

    async fn renew(&self, lease: &Lease) -> Settled {
        self.store.renew(lease).await.unwrap()
    }

    async fn assert_done(&self, key: u8) {
        let claim = self.claim(&request(key, 99)).await;
        assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
    }

    async fn assert_in_progress(&self, key: u8, left: Duration) {
        match self.claim(&request(key, 99)).await {
            Claim::InProgress { retry_after } => assert_eq!(retry_after, left),
            other => panic!("{other:?}"),
        }
    }
}

fn request(key: u8, nonce: u8) -> ClaimRequest {
    ClaimRequest::new(
        KeyId::from_bytes([key; 16]),
        Nonce::from_bytes([nonce; 16]),
        LEASE,
        RETENTION,
    )
}

#[tokio::test]
async fn row_1_absent_is_fresh() {
    let bench = Bench::new();
    let lease = bench.fresh(&request(1, 1)).await;
    assert_eq!(lease.attempt(), 1);
    assert!(!lease.is_takeover());
    assert_eq!(lease.duration(), LEASE);
    assert_eq!(lease.retention(), RETENTION);
}

#[tokio::test]
async fn row_2_a_released_record_is_fresh_with_the_next_attempt() {
    let bench = Bench::new();
    let first = bench.fresh(&request(1, 1)).await;
    assert_eq!(bench.release(&first).await, Settled::Ok);
    assert_eq!(bench.store.len(), 1, "a tombstone stays");
    let second = bench.fresh(&request(1, 2)).await;
    assert_eq!(second.attempt(), 2);
    assert!(second.fence() > first.fence());
    assert!(!second.is_takeover());
}

#[tokio::test]
async fn row_3_my_own_claim_again_is_the_same_lease_only_before_its_deadline() {
    let bench = Bench::new();
    let first = bench.fresh(&request(1, 1)).await;
    bench.wait(9_999);
    let again = bench.fresh(&request(1, 1)).await;
    assert_eq!((again.fence(), again.attempt()), (first.fence(), 1));
    bench.wait(1);
    match bench.claim(&request(1, 1)).await {
        Claim::InProgress { retry_after } => assert_eq!(retry_after, Duration::ZERO),
        other => panic!("an expired lease was handed back to its own nonce: {other:?}"),
    }
    assert_eq!(bench.complete(&first).await, Settled::Ok, "nothing changed");
}

#[tokio::test]
async fn row_4_in_flight_is_in_progress() {
    let bench = Bench::new();
    let _lease = bench.fresh(&request(1, 1)).await;
    bench.wait(4_000);
    bench.assert_in_progress(1, Duration::from_secs(6)).await;
    bench.wait(5_999);
    bench.assert_in_progress(1, Duration::from_millis(1)).await;
}

#[tokio::test]
async fn row_5_an_expired_lease_is_taken_over() {
    let bench = Bench::new();
    let first = bench.fresh(&request(1, 1)).await;
    bench.wait(10_000);
    let second = bench.fresh(&request(1, 2)).await;
    assert_eq!(second.attempt(), 2);
    assert!(second.fence() > first.fence());
    assert!(second.is_takeover());
    let again = bench.fresh(&request(1, 2)).await;
    assert!(again.is_takeover(), "also when asked again");
    bench.assert_in_progress(1, LEASE).await;
}

#[tokio::test]
async fn row_5_blocked_an_expired_lease_is_stuck() {
    let bench = Bench::new();
    let first = bench.fresh(&request(1, 1)).await;
    let blocking = |nonce| request(1, nonce).expired(ExpiredLease::Block);
    bench.wait(9_999);
    let claim = bench.claim(&blocking(2)).await;
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
    bench.wait(1);
    for nonce in [1, 2] {
        let claim = bench.claim(&blocking(nonce)).await;
        assert!(matches!(claim, Claim::Stuck), "{claim:?}");
    }
    assert_eq!(bench.complete(&first).await, Settled::Ok);
    bench.assert_done(1).await;
}

#[tokio::test]
async fn row_6_done_is_done_with_its_outcome_and_reply() {
    let bench = Bench::new();
    let lease = bench.fresh(&request(1, 1)).await;
    let reply = KeptReply::new(*b"the reply").unwrap();
    let settled = bench
        .store
        .complete(&lease, Outcome::Rejected, Some(&reply))
        .await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    match bench.claim(&request(1, 2)).await {
        Claim::Done { outcome, reply } => {
            assert_eq!(outcome, Outcome::Rejected);
            assert_eq!(reply.unwrap().as_bytes(), b"the reply");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn row_6_another_body_is_reused_only_where_both_digests_are_known() {
    let bench = Bench::new();
    let lease = bench.fresh(&request(1, 1).digest([1; 32])).await;
    let in_flight = bench.claim(&request(1, 2).digest([2; 32])).await;
    assert!(
        matches!(in_flight, Claim::InProgress { .. }),
        "in flight is in progress, whatever the body"
    );
    assert_eq!(bench.complete(&lease).await, Settled::Ok);
    let other = bench.claim(&request(1, 2).digest([2; 32])).await;
    assert!(matches!(other, Claim::Reused), "{other:?}");
    let same = bench.claim(&request(1, 2).digest([1; 32])).await;
    assert!(matches!(same, Claim::Done { .. }), "{same:?}");
    bench.assert_done(1).await;
}

#[tokio::test]
async fn row_7_a_record_ends_exactly_at_its_retention() {
    let bench = Bench::new();
    let first = bench.fresh(&request(1, 1)).await;
    bench.wait(5_000);
    assert_eq!(bench.complete(&first).await, Settled::Ok);
    bench.wait(99_999);
    bench.assert_done(1).await;
    bench.wait(1);
    let second = bench.fresh(&request(1, 2)).await;
    assert_eq!(second.attempt(), 1);
    assert!(
        second.fence() > first.fence(),
        "the fence outlives the record"
    );
}

#[tokio::test]
async fn row_7_a_released_record_ends_too() {
    let bench = Bench::new();
    let first = bench.fresh(&request(1, 1)).await;
    assert_eq!(bench.release(&first).await, Settled::Ok);
    bench.wait(100_000);
    assert_eq!(bench.fresh(&request(1, 2)).await.attempt(), 1);
}

#[tokio::test]
async fn row_8_renew_moves_the_deadline_also_when_it_passed() {
    let bench = Bench::new();
    let lease = bench.fresh(&request(1, 1)).await;
    bench.wait(15_000);
    assert_eq!(bench.renew(&lease).await, Settled::Ok);
    bench.wait(9_000);
    bench.assert_in_progress(1, Duration::from_secs(1)).await;
}

#[tokio::test]
async fn row_8_a_live_lease_is_never_forgotten_by_its_retention() {
    let bench = Bench::new();
    let lease = bench.fresh(&request(1, 1)).await;
    for _ in 0..30 {
        bench.wait(9_000);
        assert_eq!(bench.renew(&lease).await, Settled::Ok);
    }
    bench.assert_in_progress(1, LEASE).await;
    assert_eq!(bench.store.len(), 1);
}

#[tokio::test]
async fn row_9_renew_by_anybody_else_is_fenced() {
    let bench = Bench::new();
    let old = bench.fresh(&request(1, 1)).await;
    bench.wait(10_000);
    let new = bench.fresh(&request(1, 2)).await;
    bench.wait(1_000);
    assert_eq!(bench.renew(&old).await, Settled::Fenced);
    bench.assert_in_progress(1, Duration::from_secs(9)).await;
    assert_eq!(bench.release(&new).await, Settled::Ok);
    assert_eq!(bench.renew(&new).await, Settled::Fenced, "idle");
    let done = bench.fresh(&request(2, 1)).await;
    assert_eq!(bench.complete(&done).await, Settled::Ok);
    assert_eq!(bench.renew(&done).await, Settled::Fenced, "done");
    let unknown = Lease::granted(&request(3, 1), 1, 1);
    assert_eq!(bench.renew(&unknown).await, Settled::Fenced, "absent");
}

#[tokio::test]
async fn row_10_a_late_holder_whom_nobody_replaced_completes() {
    let bench = Bench::new();
    let lease = bench.fresh(&request(1, 1)).await;
    bench.wait(50_000);
    assert_eq!(bench.complete(&lease).await, Settled::Ok);
    bench.assert_done(1).await;
    let released = bench.fresh(&request(2, 1)).await;
    assert_eq!(bench.release(&released).await, Settled::Ok);
    assert_eq!(bench.complete(&released).await, Settled::Ok);
    bench.assert_done(2).await;
}

#[tokio::test]
async fn row_11_completing_twice_changes_nothing() {
    let bench = Bench::new();
    let lease = bench.fresh(&request(1, 1)).await;
    assert_eq!(bench.complete(&lease).await, Settled::Ok);
    bench.wait(60_000);
    let again = bench.store.complete(&lease, Outcome::Rejected, None).await;
    assert_eq!(again.unwrap(), Settled::Ok);
    match bench.claim(&request(1, 2)).await {
        Claim::Done { outcome, .. } => assert_eq!(outcome, Outcome::Processed),
        other => panic!("{other:?}"),
    }
    bench.wait(40_000);
    bench.fresh(&request(1, 3)).await;
}

#[tokio::test]
async fn row_12_completing_what_the_store_forgot_succeeds() {
    let bench = Bench::new();
    let lease = bench.fresh(&request(1, 1)).await;
    bench.wait(100_000);
    assert_eq!(bench.store.len(), 0);
    assert_eq!(bench.complete(&lease).await, Settled::Ok);
    assert_eq!(bench.store.forgotten(), 1);
    bench.assert_done(1).await;
}

#[tokio::test]
async fn row_13_a_replaced_holder_completes_nothing() {
    let bench = Bench::new();
    let old = bench.fresh(&request(1, 1)).await;
    bench.wait(10_000);
    let new = bench.fresh(&request(1, 2)).await;
    assert_eq!(bench.complete(&old).await, Settled::Fenced);
    bench.assert_in_progress(1, LEASE).await;
    assert_eq!(bench.release(&new).await, Settled::Ok);
    assert_eq!(
        bench.complete(&old).await,
        Settled::Fenced,
        "also when idle"
    );
    let third = bench.fresh(&request(1, 3)).await;
    assert_eq!(third.attempt(), 3);
    assert_eq!(bench.complete(&third).await, Settled::Ok);
    assert_eq!(
        bench.complete(&old).await,
        Settled::Fenced,
        "also when done"
    );
}

#[tokio::test]
async fn rows_14_and_15_releasing_twice_changes_nothing() {
    let bench = Bench::new();
    let lease = bench.fresh(&request(1, 1)).await;
    bench.wait(20_000);
    assert_eq!(bench.release(&lease).await, Settled::Ok);
    assert_eq!(bench.release(&lease).await, Settled::Ok);
    assert_eq!(bench.fresh(&request(1, 2)).await.attempt(), 2);
}

#[tokio::test]
async fn row_16_release_never_touches_done_or_another_holder() {
    let bench = Bench::new();
    let old = bench.fresh(&request(1, 1)).await;
    bench.wait(10_000);
    let new = bench.fresh(&request(1, 2)).await;
    assert_eq!(bench.release(&old).await, Settled::Fenced);
    bench.assert_in_progress(1, LEASE).await;
    assert_eq!(bench.complete(&new).await, Settled::Ok);
    assert_eq!(bench.release(&new).await, Settled::Fenced);
    bench.assert_done(1).await;
    let unknown = Lease::granted(&request(3, 1), 1, 1);
    assert_eq!(bench.release(&unknown).await, Settled::Fenced, "absent");
}

#[tokio::test]
async fn row_16_the_same_nonce_under_another_fence_is_another_holder() {
    let bench = Bench::new();
    let first = bench.fresh(&request(1, 1)).await;
    assert_eq!(bench.release(&first).await, Settled::Ok);
    let second = bench.fresh(&request(1, 1)).await;
    assert_eq!(bench.release(&first).await, Settled::Fenced);
    assert_eq!(bench.complete(&first).await, Settled::Fenced);
    assert_eq!(bench.complete(&second).await, Settled::Ok);
}

#[tokio::test]
async fn row_17_ended_records_go_and_others_stay() {
    let bench = Bench::new();
    let long = bench.fresh(&request(1, 1)).await;
    assert_eq!(bench.complete(&long).await, Settled::Ok);
    bench.wait(50_000);
    let late = bench.fresh(&request(2, 1)).await;
    bench.wait(50_000);
    assert_eq!(bench.store.len(), 1);
    assert_eq!(bench.complete(&late).await, Settled::Ok);
    bench.assert_done(2).await;
    assert_eq!(bench.store.evicted(), 0);
}

#[tokio::test]
async fn a_full_store_forgets_the_oldest_done_and_counts_it() {
    let bench = Bench::new();
    for key in [1, 2, 3] {
        let lease = bench.fresh(&request(key, 1)).await;
        assert_eq!(bench.complete(&lease).await, Settled::Ok);
    }
    bench.fresh(&request(4, 1)).await;
    assert_eq!((bench.store.len(), bench.store.evicted()), (3, 1));
    for key in [2, 3] {
        bench.assert_done(key).await;
    }
    bench.assert_in_progress(4, LEASE).await;
}

#[tokio::test]
async fn a_full_store_forgets_done_before_released_and_ended_before_both() {
    let bench = Bench::new();
    let released = bench.fresh(&request(1, 1)).await;
    assert_eq!(bench.release(&released).await, Settled::Ok);
    bench.wait(1_000);
    for key in [2, 3] {
        let lease = bench.fresh(&request(key, 1)).await;
        assert_eq!(bench.complete(&lease).await, Settled::Ok);
    }
    bench.fresh(&request(4, 1)).await;
    bench.assert_done(3).await;
    assert_eq!(bench.store.evicted(), 1);
    bench.wait(99_000);
    bench.fresh(&request(5, 1)).await;
    assert_eq!(bench.store.evicted(), 1, "the released record had ended");
}

#[tokio::test]
async fn claims_in_flight_are_never_forgotten() {
    let bench = Bench::new();
    let leases = [
        bench.fresh(&request(1, 1)).await,
        bench.fresh(&request(2, 1)).await,
        bench.fresh(&request(3, 1)).await,
    ];
    let refused: StoreError = bench.store.claim(&request(4, 1)).await.unwrap_err();
    assert!(refused.is_transient());
    for (key, lease) in (1..).zip(&leases) {
        bench.assert_in_progress(key, LEASE).await;
        assert_eq!(bench.complete(lease).await, Settled::Ok);
    }
    bench.fresh(&request(4, 1)).await;
}

#[tokio::test]
async fn a_full_store_may_refuse_instead() {
    let bench = Bench::with(|store| store.when_full(WhenFull::Refuse));
    for key in [1, 2, 3] {
        let lease = bench.fresh(&request(key, 1)).await;
        assert_eq!(bench.complete(&lease).await, Settled::Ok);
    }
    assert!(bench.store.claim(&request(4, 1)).await.is_err());
    for key in [1, 2, 3] {
        bench.assert_done(key).await;
    }
    bench.wait(100_000);
    bench.fresh(&request(4, 1)).await;
    assert_eq!(bench.store.evicted(), 0);
}

#[tokio::test]
async fn replies_are_bounded_one_by_one_and_together() {
    assert!(KeptReply::new(vec![0; KeptReply::MAX_BYTES]).is_some());
    assert!(KeptReply::new(vec![0; KeptReply::MAX_BYTES + 1]).is_none());
    let bench = Bench::with(|store| store.reply_budget(10));
    let reply = KeptReply::new(*b"123456").unwrap();
    let mut kept = Vec::new();
    for key in [1, 2] {
        let lease = bench.fresh(&request(key, 1)).await;
        let settled = bench
            .store
            .complete(&lease, Outcome::Processed, Some(&reply))
            .await;
        assert_eq!(settled.unwrap(), Settled::Ok);
        match bench.claim(&request(key, 2)).await {
            Claim::Done { reply, .. } => kept.push(reply.is_some()),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(kept, [true, false], "done all the same");
    bench.wait(100_000);
    let lease = bench.fresh(&request(3, 1)).await;
    let settled = bench
        .store
        .complete(&lease, Outcome::Processed, Some(&reply))
        .await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    let claim = bench.claim(&request(3, 2)).await;
    assert!(
        matches!(claim, Claim::Done { reply: Some(_), .. }),
        "the budget comes back with the records that end"
    );
}

#[tokio::test]
async fn a_clock_that_goes_back_stands_still() {
    let bench = Bench::new();
    let lease = bench.fresh(&request(1, 1)).await;
    bench.wait(9_000);
    bench.assert_in_progress(1, Duration::from_secs(1)).await;
    bench.wait(-5_000);
    bench.assert_in_progress(1, Duration::from_secs(1)).await;
    assert_eq!(bench.complete(&lease).await, Settled::Ok);
}

/// Ended records are found by their end: a year of them costs a claim no more than
/// its own few, and none is ever told as done.
#[tokio::test]
async fn many_ended_records_go_little_by_little_and_are_never_told() {
    let clock = Arc::new(FakeClock::at(Timestamp::EPOCH));
    let store = MemoryStore::with_capacity(1_000_000).clock(Arc::clone(&clock) as _);
    let wide = |key: u32, nonce| {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&key.to_be_bytes());
        ClaimRequest::new(
            KeyId::from_bytes(bytes),
            Nonce::from_bytes([nonce; 16]),
            LEASE,
            RETENTION,
        )
    };
    for key in 0..10_000 {
        let Claim::Fresh(lease) = store.claim(&wide(key, 1)).await.unwrap() else {
            panic!("not fresh");
        };
        let settled = store.complete(&lease, Outcome::Processed, None).await;
        assert_eq!(settled.unwrap(), Settled::Ok);
    }
    clock.advance(time::Duration::seconds(100));
    for key in (0..10_000).rev() {
        let claim = store.claim(&wide(key, 2)).await.unwrap();
        assert!(matches!(claim, Claim::Fresh(_)), "{key}: {claim:?}");
    }
    assert_eq!(store.len(), 10_000);
}

#[tokio::test]
async fn many_claims_in_flight_end_each_at_its_own_time() {
    let clock = Arc::new(FakeClock::at(Timestamp::EPOCH));
    let store = MemoryStore::with_capacity(100).clock(Arc::clone(&clock) as _);
    let second = time::Duration::seconds(1);
    let mut leases = Vec::new();
    for key in 0..60 {
        let Claim::Fresh(lease) = store.claim(&request(key, 1)).await.unwrap() else {
            panic!("not fresh");
        };
        leases.push(lease);
        clock.advance(second);
    }
    let settled = store.complete(&leases[30], Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    clock.advance(second * 39);
    for ended in 0..60 {
        let done_in_the_middle = usize::from(ended > 30);
        assert_eq!(store.len(), 60 - ended + done_in_the_middle, "{ended}");
        clock.advance(second);
    }
    assert_eq!(store.len(), 1);
    clock.advance(second);
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn it_says_that_it_is_not_durable() {
    assert!(!MemoryStore::with_capacity(1).is_durable());
    assert!(!Arc::new(MemoryStore::with_capacity(1)).is_durable());
}
