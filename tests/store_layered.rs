//! Memory in front of another store: what it answers by itself, and what never.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use countersign::store::contract::Contract;
use countersign::store::{
    Claim, ClaimRequest, KeptReply, LayeredStore, Lease, MemoryStore, Monotonic, Nonce, Outcome,
    Settled, Store,
};
use countersign::testing::FakeClock;
use countersign::{KeyId, StoreError, Timestamp};

const LEASE: Duration = Duration::from_secs(10);
const RETENTION: Duration = Duration::from_secs(1000);

/// Counts the claims that reach it; its completions take as long as they are told to.
struct Behind {
    store: Arc<MemoryStore>,
    clock: Arc<FakeClock>,
    claims: AtomicU32,
    fails: AtomicU32,
    seconds: AtomicU32,
}

impl Store for Behind {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        self.claims.fetch_add(1, Ordering::SeqCst);
        self.store.claim(request).await
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.store.renew(lease).await
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        if self.fails.load(Ordering::SeqCst) > 0 {
            return Err(StoreError::transient("out of reach"));
        }
        let settled = self.store.complete(lease, outcome, reply).await;
        let took = self.seconds.load(Ordering::SeqCst);
        self.clock.advance(time::Duration::seconds(took.into()));
        settled
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.store.release(lease).await
    }

    fn is_durable(&self) -> bool {
        true
    }
}

struct Rig {
    layered: LayeredStore<Behind>,
    clock: Arc<FakeClock>,
}

impl Rig {
    fn new() -> Self {
        Self::with(|memory| memory)
    }

    fn with(shape: impl FnOnce(MemoryStore) -> MemoryStore) -> Self {
        let clock = Arc::new(FakeClock::at(Timestamp::EPOCH));
        let memory = || MemoryStore::with_capacity(1000).clock(Arc::clone(&clock) as _);
        let behind = Behind {
            store: Arc::new(memory()),
            clock: Arc::clone(&clock),
            claims: AtomicU32::new(0),
            fails: AtomicU32::new(0),
            seconds: AtomicU32::new(0),
        };
        Self {
            layered: LayeredStore::new(shape(memory()), behind),
            clock,
        }
    }

    async fn claim(&self, nonce: u8) -> Claim {
        self.layered.claim(&request(nonce)).await.unwrap()
    }

    async fn fresh(&self, nonce: u8) -> Lease {
        match self.claim(nonce).await {
            Claim::Fresh(lease) => lease,
            other => panic!("{other:?}"),
        }
    }

    async fn complete(&self, lease: &Lease, reply: Option<&KeptReply>) -> Settled {
        let outcome = Outcome::Rejected;
        self.layered.complete(lease, outcome, reply).await.unwrap()
    }

    /// How many claims had to ask the store behind.
    fn asked(&self) -> u32 {
        self.layered.behind().claims.load(Ordering::SeqCst)
    }

    fn wait(&self, seconds: i64) {
        self.clock.advance(time::Duration::seconds(seconds));
    }
}

fn request(nonce: u8) -> ClaimRequest {
    let key = KeyId::from_bytes([7; 16]);
    ClaimRequest::new(key, Nonce::from_bytes([nonce; 16]), LEASE, RETENTION).digest([1; 32])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract() {
    let clock = Arc::new(FakeClock::at(Timestamp::EPOCH));
    let memory = || MemoryStore::with_capacity(100_000).clock(Arc::clone(&clock) as _);
    let store = LayeredStore::new(memory(), memory());
    let told = Arc::clone(&clock);
    let contract = Contract::new(store).clock(move |by| {
        told.advance(by.try_into().unwrap());
        std::future::ready(())
    });
    contract.check_all().await.unwrap();
}

#[tokio::test]
async fn what_it_completed_is_answered_without_the_store() {
    let rig = Rig::new();
    let lease = rig.fresh(1).await;
    let reply = KeptReply::new(*b"thanks").unwrap();
    assert_eq!(rig.complete(&lease, Some(&reply)).await, Settled::Ok);
    let asked = rig.asked();
    for nonce in 2..10 {
        match rig.claim(nonce).await {
            Claim::Done { outcome, reply } => {
                assert_eq!(outcome, Outcome::Rejected);
                assert_eq!(reply.unwrap().as_bytes(), b"thanks");
            }
            other => panic!("{other:?}"),
        }
    }
    let other_body = request(3).digest([2; 32]);
    let claim = rig.layered.claim(&other_body).await.unwrap();
    assert!(matches!(claim, Claim::Reused), "{claim:?}");
    assert_eq!(rig.asked(), asked);
}

#[tokio::test]
async fn what_is_not_done_is_always_asked_of_the_store() {
    let rig = Rig::new();
    let lease = rig.fresh(1).await;
    for asked in 1..4 {
        assert_eq!(rig.asked(), asked);
        let claim = rig.claim(9).await;
        assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
    }
    assert_eq!(rig.layered.release(&lease).await.unwrap(), Settled::Ok);
    assert_eq!(rig.fresh(2).await.attempt(), 2);
}

#[tokio::test]
async fn what_others_completed_is_asked_of_the_store() {
    let rig = Rig::new();
    let behind = &rig.layered.behind().store;
    let Claim::Fresh(lease) = behind.claim(&request(1)).await.unwrap() else {
        panic!("nobody has it yet");
    };
    let done = behind.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(done.unwrap(), Settled::Ok);
    for asked in 1..4 {
        assert!(matches!(rig.claim(2).await, Claim::Done { .. }));
        assert_eq!(rig.asked(), asked);
    }
}

/// A completion that failed, or came from who was replaced, is not one.
#[tokio::test]
async fn only_a_confirmed_completion_is_taken_in() {
    let rig = Rig::new();
    let first = rig.fresh(1).await;
    rig.layered.behind().fails.store(1, Ordering::SeqCst);
    let failed = rig.layered.complete(&first, Outcome::Processed, None).await;
    assert!(failed.is_err());
    assert!(rig.layered.memory().is_empty());
    rig.layered.behind().fails.store(0, Ordering::SeqCst);
    rig.wait(10);
    assert!(rig.fresh(2).await.is_takeover());
    assert_eq!(rig.complete(&first, None).await, Settled::Fenced);
    let asked = rig.asked();
    assert!(matches!(rig.claim(3).await, Claim::InProgress { .. }));
    assert_eq!(rig.asked(), asked + 1);
}

/// Its first try may have been applied: what it says now need not be what the store keeps.
#[tokio::test]
async fn a_completion_that_is_tried_again_is_asked_of_the_store() {
    let rig = Rig::new();
    let lease = rig.fresh(1).await;
    let behind = &rig.layered.behind().store;
    let applied = behind.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(applied.unwrap(), Settled::Ok);
    rig.layered.behind().fails.store(1, Ordering::SeqCst);
    let failed = rig.layered.complete(&lease, Outcome::Processed, None).await;
    assert!(failed.is_err());
    rig.layered.behind().fails.store(0, Ordering::SeqCst);
    assert_eq!(rig.complete(&lease, None).await, Settled::Ok);
    match rig.claim(2).await {
        Claim::Done { outcome, .. } => assert_eq!(outcome, Outcome::Processed),
        other => panic!("{other:?}"),
    }
}

/// From then on the store is asked, and knows better.
#[tokio::test]
async fn it_forgets_before_the_store_does() {
    let rig = Rig::new();
    let lease = rig.fresh(1).await;
    rig.layered.behind().seconds.store(1, Ordering::SeqCst);
    assert_eq!(rig.complete(&lease, None).await, Settled::Ok);
    rig.wait(997);
    let asked = rig.asked();
    assert!(matches!(rig.claim(2).await, Claim::Done { .. }));
    assert_eq!(rig.asked(), asked);
    rig.wait(1);
    assert_eq!(rig.clock.elapsed(), Duration::from_secs(999));
    assert!(matches!(rig.claim(2).await, Claim::Done { .. }));
    assert_eq!(rig.asked(), asked + 1, "999 s after the completion it asks");
    rig.wait(1);
    assert_eq!(rig.fresh(2).await.attempt(), 1);
}

/// Nobody knows when within those seconds the store's retention began.
#[tokio::test]
async fn a_completion_that_took_long_is_not_taken_in() {
    let rig = Rig::new();
    let lease = rig.fresh(1).await;
    rig.layered.behind().seconds.store(2, Ordering::SeqCst);
    assert_eq!(rig.complete(&lease, None).await, Settled::Ok);
    assert!(rig.layered.memory().is_empty());
}

#[tokio::test]
async fn a_reply_without_room_is_asked_of_the_store() {
    let rig = Rig::with(|memory| memory.reply_budget(5));
    let lease = rig.fresh(1).await;
    let reply = KeptReply::new(*b"thanks").unwrap();
    assert_eq!(rig.complete(&lease, Some(&reply)).await, Settled::Ok);
    match rig.claim(2).await {
        Claim::Done { reply, .. } => assert_eq!(reply.unwrap().as_bytes(), b"thanks"),
        other => panic!("{other:?}"),
    }
    assert_eq!(rig.asked(), 2);
}

/// What is in flight stands in the memory too, but no longer than its lease.
#[tokio::test]
async fn a_claim_that_was_given_up_takes_no_room() {
    let rig = Rig::new();
    let clock = Arc::clone(&rig.clock);
    let memory = MemoryStore::with_capacity(1).clock(clock as _);
    let layered = LayeredStore::new(memory, Arc::clone(&rig.layered.behind().store));
    let claim = async |key| {
        let key = KeyId::from_bytes([key; 16]);
        let request = ClaimRequest::new(key, Nonce::random().unwrap(), LEASE, RETENTION);
        match layered.claim(&request).await.unwrap() {
            Claim::Fresh(lease) => lease,
            other => panic!("{other:?}"),
        }
    };
    let _given_up = claim(1).await;
    rig.wait(10);
    let held = claim(2).await;
    rig.wait(9);
    assert_eq!(layered.renew(&held).await.unwrap(), Settled::Ok);
    rig.wait(9);
    let done = layered.complete(&held, Outcome::Processed, None).await;
    assert_eq!(done.unwrap(), Settled::Ok);
    assert_eq!(layered.memory().len(), 1);
}

#[test]
fn it_is_as_durable_as_the_store_behind_it() {
    assert!(Rig::new().layered.is_durable());
    let memory = || MemoryStore::with_capacity(1);
    assert!(!LayeredStore::new(memory(), memory()).is_durable());
}
