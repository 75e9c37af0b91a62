//! A claim that is held by a guard: dropped, renewed, lost, completed.
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
    Claim, ClaimRequest, DynStore, Guard, LeaseError, MemoryStore, NoStore, Nonce, Outcome,
};
use countersign::testing::FakeClock;
use countersign::{Code, KeyId, Timestamp};
use tokio::time::{Instant, sleep};

const LEASE: Duration = Duration::from_secs(60);
const RETENTION: Duration = Duration::from_secs(3600);

struct Rig {
    store: Arc<MemoryStore>,
    clock: Arc<FakeClock>,
}

impl Rig {
    fn new() -> Self {
        let clock = Arc::new(FakeClock::at(Timestamp::EPOCH));
        let store = MemoryStore::with_capacity(10).clock(Arc::clone(&clock) as _);
        Self {
            store: Arc::new(store),
            clock,
        }
    }

    async fn claim(&self) -> Result<Guard<MemoryStore>, Claim> {
        Guard::claim(&self.store, &request()).await.unwrap()
    }

    async fn held(&self) -> Guard<MemoryStore> {
        self.claim().await.unwrap()
    }

    fn expire(&self) {
        self.clock.advance(time::Duration::seconds(60));
    }

    /// Lets what runs in the background end.
    async fn settle(&self) {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    }
}

fn request() -> ClaimRequest {
    let key = KeyId::from_bytes([7; 16]);
    ClaimRequest::new(key, Nonce::random().unwrap(), LEASE, RETENTION)
}

#[tokio::test]
async fn dropped_it_is_given_back_and_not_done() {
    let rig = Rig::new();
    let guard = rig.held().await;
    assert!(matches!(rig.claim().await, Err(Claim::InProgress { .. })));
    drop(guard);
    rig.settle().await;
    let next = rig.held().await;
    assert_eq!(next.lease().attempt(), 2);
    assert!(!next.lease().is_takeover(), "given back, not run out");
}

#[tokio::test]
async fn a_panic_gives_it_back() {
    let rig = Rig::new();
    let guard = rig.held().await;
    let worker = tokio::spawn(async move {
        let _guard = guard;
        panic!("a fault of the worker")
    });
    let ended: Result<(), _> = worker.await;
    assert!(ended.unwrap_err().is_panic());
    rig.settle().await;
    assert_eq!(rig.held().await.lease().attempt(), 2);
}

#[tokio::test]
async fn left_it_runs_out_by_itself() {
    let rig = Rig::new();
    rig.held().await.leave();
    rig.settle().await;
    assert!(matches!(rig.claim().await, Err(Claim::InProgress { .. })));
    rig.expire();
    assert!(rig.held().await.lease().is_takeover());
}

#[test]
fn dropped_outside_a_runtime_it_runs_out_by_itself() {
    let rig = Rig::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let guard = runtime.block_on(rig.held());
    drop(guard);
    let claim = runtime.block_on(rig.claim());
    assert!(matches!(claim, Err(Claim::InProgress { .. })));
}

#[tokio::test]
async fn completed_it_is_done_and_released_it_is_free() {
    let rig = Rig::new();
    rig.held().await.release().await.unwrap();
    let guard = rig.held().await;
    guard.complete(Outcome::Rejected, None).await.unwrap();
    rig.settle().await;
    match rig.claim().await {
        Err(Claim::Done { outcome, .. }) => assert_eq!(outcome, Outcome::Rejected),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_was_replaced_is_told_so_by_every_step() {
    let rig = Rig::new();
    let completing = rig.held().await;
    rig.expire();
    let mut renewing = rig.held().await;
    rig.expire();
    let releasing = rig.held().await;
    rig.expire();
    let holder = rig.held().await;
    let lost = completing.complete(Outcome::Processed, None).await;
    assert!(matches!(lost, Err(LeaseError::Lost)), "{lost:?}");
    assert_eq!(lost.unwrap_err().code(), Code::LeaseLost);
    let lost = renewing.renew().await;
    assert!(matches!(lost, Err(LeaseError::Lost)), "{lost:?}");
    // Known from the renewal on.
    let lost = renewing.complete(Outcome::Processed, None).await;
    assert!(matches!(lost, Err(LeaseError::Lost)), "{lost:?}");
    let lost = releasing.release().await;
    assert!(matches!(lost, Err(LeaseError::Lost)), "{lost:?}");
    holder.complete(Outcome::Processed, None).await.unwrap();
}

#[tokio::test]
async fn dropped_by_who_was_replaced_it_is_not_taken_from_the_holder() {
    let rig = Rig::new();
    let old = rig.held().await;
    rig.expire();
    let _holder = rig.held().await;
    drop(old);
    rig.settle().await;
    assert!(matches!(rig.claim().await, Err(Claim::InProgress { .. })));
}

#[tokio::test(start_paused = true)]
async fn it_knows_how_long_an_effect_may_begin() {
    let rig = Rig::new();
    let mut guard = rig.held().await;
    assert_eq!(guard.remaining(), Duration::from_secs(57));
    sleep(Duration::from_secs(40)).await;
    assert_eq!(guard.remaining(), Duration::from_secs(17));
    guard.renew().await.unwrap();
    assert_eq!(guard.remaining(), Duration::from_secs(57));
    sleep(LEASE).await;
    assert_eq!(guard.remaining(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn work_that_is_renewed_ends_when_the_claim_is_lost() {
    let rig = Rig::new();
    let mut guard = rig.held().await;
    let done = guard.while_renewed(sleep(Duration::from_secs(600))).await;
    done.unwrap();
    rig.expire();
    let _holder = rig.held().await;
    let started = Instant::now();
    let lost = guard.while_renewed(std::future::pending::<()>()).await;
    assert!(matches!(lost, Err(LeaseError::Lost)), "{lost:?}");
    assert!(started.elapsed() <= Duration::from_secs(20));
}

#[tokio::test]
async fn a_store_that_is_not_there_grants_nothing() {
    let error = Guard::claim(&Arc::new(NoStore), &request())
        .await
        .unwrap_err();
    assert!(!error.is_transient());
    let boxed: Arc<Box<dyn DynStore>> = Arc::new(Box::new(NoStore));
    assert!(Guard::claim(&boxed, &request()).await.is_err());
}
