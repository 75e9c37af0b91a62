//! Steps that are asked again while that may help, as a receiver does.
#![allow(dead_code, reason = "each test uses the part that it needs")]

use std::time::{Duration, Instant};

use countersign::StoreError;
use countersign::store::{Claim, ClaimRequest, Lease, Store};
use tokio::time::{sleep, timeout};

/// A server that starts again may take some seconds, and so may one that looks after it:
/// PgBouncer waits for 15 before it tries a server again that was down.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// Waits for each answer.
pub(crate) async fn patiently<T, Step>(step: impl Fn() -> Step) -> T
where
    Step: Future<Output = Result<T, StoreError>>,
{
    patiently_within(Duration::MAX, step).await
}

/// An answer that takes longer than `at_most` is as good as none.
pub(crate) async fn patiently_within<T, Step>(at_most: Duration, step: impl Fn() -> Step) -> T
where
    Step: Future<Output = Result<T, StoreError>>,
{
    let began = Instant::now();
    loop {
        let told = match timeout(at_most, step()).await {
            Ok(Err(error)) if error.is_transient() => Some(error),
            Ok(answer) => return answer.unwrap(),
            Err(_) => None,
        };
        assert!(began.elapsed() < PATIENCE, "no answer: {told:?}");
        sleep(PAUSE).await;
    }
}

/// The lease of a claim that has to be granted in the end.
pub(crate) async fn fresh(store: &impl Store, request: &ClaimRequest) -> Lease {
    match patiently(|| store.claim(request)).await {
        Claim::Fresh(lease) => lease,
        other => panic!("{other:?}"),
    }
}
