//! Handlers that fail, hang and come late; stores that do not answer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Waker};
use std::time::Duration;

use countersign::scheme::catalogue::MUTOPAY;
use countersign::store::{ExpiredLease, MemoryStore};
use countersign::{HandlerError, OutagePolicy, ReceiverBuilder, Reply};
use tokio::sync::oneshot;

use super::rig::{BadLine, clock, code, rig, rig_with};

#[tokio::test]
async fn after_an_error_the_retry_is_attempt_2() {
    let rig = rig();
    let failed = rig
        .receive_with(rig.payment(), |_| async {
            Err(HandlerError::retry("the database is down"))
        })
        .await;
    assert_eq!((failed.status(), code(&failed)), (503, "HANDLER_FAILED"));
    assert!(failed.retry_after_s().is_some());
    assert!(failed.body().is_empty(), "no reason for the sender");
    let error = failed.handler_error().unwrap();
    let source = std::error::Error::source(error).unwrap();
    assert_eq!(source.to_string(), "the database is down");

    let retried = rig
        .receive_with(rig.payment(), |event| async move {
            assert_eq!(event.attempt(), 2);
            Ok(Reply::empty())
        })
        .await;
    assert_eq!((retried.status(), code(&retried)), (200, "OK"));
    assert_eq!(
        code(&rig.receive(rig.payment()).await),
        "DUPLICATE_EVENT_ID"
    );
}

#[tokio::test]
async fn a_panic_gives_the_claim_back() {
    let rig = rig();
    let failed = rig
        .receive_with(rig.payment(), |_| async {
            panic!("a fault of the handler")
        })
        .await;
    assert_eq!((failed.status(), code(&failed)), (503, "HANDLER_FAILED"));
    let before_its_future = rig
        .receive_with(rig.payment(), |_| {
            if true {
                panic!("before its first await");
            }
            async { Ok(Reply::empty()) }
        })
        .await;
    assert_eq!(code(&before_its_future), "HANDLER_FAILED");
    assert_eq!(code(&rig.receive(rig.payment()).await), "OK");
    assert_eq!(rig.runs(), 3);
}

#[tokio::test]
async fn what_the_handler_refuses_for_good_never_runs_again() {
    for refuse in [
        HandlerError::reject as fn(&'static str) -> _,
        HandlerError::dead_letter,
    ] {
        let rig = rig();
        let refused = rig
            .receive_with(rig.payment(), move |_| async move {
                Err(refuse("no such account"))
            })
            .await;
        assert_eq!((refused.status(), code(&refused)), (200, "EVENT_REFUSED"));
        assert!(refused.handler_error().is_some());
        assert_eq!(
            code(&rig.receive(rig.payment()).await),
            "DUPLICATE_EVENT_ID"
        );
        assert_eq!(rig.runs(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_hangs_is_cut_off_and_its_claim_kept_until_the_lease_ends() {
    let rig = rig();
    let (alive, is_alive) = oneshot::channel::<()>();
    let started = tokio::time::Instant::now();
    let late = rig
        .receive_with(rig.payment(), |_| async move {
            let _alive = alive;
            std::future::pending().await
        })
        .await;
    assert_eq!(started.elapsed(), rig.receiver.handler_timeout());
    assert_eq!((late.status(), code(&late)), (503, "COMPLETION_UNKNOWN"));
    assert_eq!(late.retry_after_s(), Some(30), "when the lease ends");
    assert!(is_alive.await.is_err(), "the handler was cancelled");

    rig.wait(59);
    let retry = rig.receive(rig.payment()).await;
    assert_eq!(code(&retry), "EVENT_IN_PROGRESS", "not released");
    assert_eq!(retry.retry_after_s(), Some(1));
    rig.wait(1);
    let taken_over = rig
        .receive_with(rig.payment(), |event| async move {
            assert!(event.is_takeover());
            assert_eq!(event.attempt(), 2);
            Ok(Reply::empty())
        })
        .await;
    assert_eq!(code(&taken_over), "OK");
}

#[test]
fn without_a_runtime_or_its_timer_nothing_is_claimed() {
    let rig = rig();
    let mut nowhere = Box::pin(rig.receive(rig.payment()));
    let mut context = Context::from_waker(Waker::noop());
    let polled = catch_unwind(AssertUnwindSafe(|| nowhere.as_mut().poll(&mut context)));
    assert!(polled.is_err(), "who waits for the handler?");
    drop(nowhere);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let timeless = runtime.build().unwrap();
    let polled = catch_unwind(AssertUnwindSafe(|| {
        timeless.block_on(rig.receive(rig.payment()))
    }));
    assert!(polled.is_err(), "who ends the handler?");
    let whole = runtime.enable_time().build().unwrap();
    let receipt = whole.block_on(rig.receive(rig.payment()));
    assert_eq!(code(&receipt), "OK");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_blocks_its_thread_after_a_wait_does_not_hold_up_the_time_out() {
    blocks_and_is_answered_for(true, |builder| builder).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nor_does_one_that_blocks_its_thread_at_once_where_leases_are_renewed() {
    blocks_and_is_answered_for(false, ReceiverBuilder::renew_leases).await;
}

async fn blocks_and_is_answered_for(
    waits: bool,
    set: impl FnOnce(ReceiverBuilder<MemoryStore>) -> ReceiverBuilder<MemoryStore>,
) {
    let clock = clock();
    let store = MemoryStore::with_capacity(10).clock(Arc::clone(&clock) as _);
    let rig = rig_with(MUTOPAY, store, clock, |builder| {
        set(builder.handler_timeout(Duration::from_millis(50)))
    });
    let started = std::time::Instant::now();
    let late = rig
        .receive_with(rig.payment(), move |_| async move {
            if waits {
                tokio::task::yield_now().await;
            }
            std::thread::sleep(Duration::from_millis(1500));
            Ok(Reply::empty())
        })
        .await;
    assert_eq!(code(&late), "COMPLETION_UNKNOWN");
    assert!(started.elapsed() < Duration::from_millis(1200));
}

#[tokio::test]
async fn a_late_handler_that_was_replaced_is_told_so() {
    let rig = Arc::new(rig());
    let (started, has_started) = oneshot::channel();
    let (go_on, may_go_on) = oneshot::channel::<()>();
    let late = tokio::spawn({
        let rig = Arc::clone(&rig);
        async move {
            rig.receive_with(rig.payment(), |_| async move {
                started.send(()).unwrap();
                may_go_on.await.unwrap();
                Ok(Reply::empty())
            })
            .await
        }
    });
    has_started.await.unwrap();
    // By the store's clock the lease ends; the worker's own clock stands still.
    rig.wait(60);
    let next = rig
        .receive_with(rig.payment(), |event| async move {
            assert!(event.is_takeover());
            Ok(Reply::empty())
        })
        .await;
    assert_eq!(code(&next), "OK");
    go_on.send(()).unwrap();
    let late = late.await.unwrap();
    assert_eq!((late.status(), code(&late)), (503, "LEASE_LOST"));
    assert_eq!(
        code(&rig.receive(rig.payment()).await),
        "DUPLICATE_EVENT_ID"
    );
}

#[tokio::test]
async fn a_late_handler_whom_nobody_replaced_succeeds() {
    let rig = Arc::new(rig());
    let inner = Arc::clone(&rig);
    let receipt = rig
        .receive_with(rig.payment(), |_| async move {
            inner.wait(3600);
            Ok(Reply::empty())
        })
        .await;
    assert_eq!(code(&receipt), "OK");
}

#[tokio::test]
async fn under_the_blocking_policy_an_expired_lease_is_stuck() {
    let clock = clock();
    let line = BadLine::new(&clock);
    line.lost_claims.store(2, Ordering::SeqCst);
    let rig = rig_with(MUTOPAY, line, clock, |builder| {
        builder.expired_lease(ExpiredLease::Block)
    });
    assert_eq!(code(&rig.receive(rig.payment()).await), "STORE_UNAVAILABLE");
    assert_eq!(code(&rig.receive(rig.payment()).await), "EVENT_IN_PROGRESS");
    rig.wait(60);
    let stuck = rig.receive(rig.payment()).await;
    assert_eq!((stuck.status(), code(&stuck)), (503, "EVENT_STUCK"));
    assert_eq!(rig.runs(), 0);
}

#[tokio::test]
async fn while_the_store_is_down_nothing_runs_and_the_sender_is_asked_to_retry() {
    let clock = clock();
    let mut line = BadLine::new(&clock);
    line.lost_claims.store(2, Ordering::SeqCst);
    line.is_applied = false;
    let rig = rig_with(MUTOPAY, line, clock, |builder| builder);
    let receipt = rig.receive(rig.payment()).await;
    assert_eq!(
        (receipt.status(), code(&receipt)),
        (503, "STORE_UNAVAILABLE")
    );
    assert!(receipt.retry_after_s().is_some());
    assert_eq!(receipt.store_error().unwrap().to_string(), "the line broke");
    assert_eq!(rig.runs(), 0);
    assert_eq!(rig.receiver.store().asked.load(Ordering::SeqCst), 2);
    assert_eq!(code(&rig.receive(rig.payment()).await), "OK");
}

#[tokio::test]
async fn a_claim_whose_answer_got_lost_is_asked_for_again_with_its_nonce() {
    for is_applied in [true, false] {
        let clock = clock();
        let mut line = BadLine::new(&clock);
        line.lost_claims.store(1, Ordering::SeqCst);
        line.is_applied = is_applied;
        let rig = rig_with(MUTOPAY, line, clock, |builder| builder);
        let receipt = rig
            .receive_with(rig.payment(), |event| async move {
                assert_eq!(event.attempt(), 1);
                Ok(Reply::empty())
            })
            .await;
        assert_eq!(code(&receipt), "OK");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_down() {
    let clock = clock();
    let mut line = BadLine::new(&clock);
    line.lost_claims.store(2, Ordering::SeqCst);
    line.hangs = true;
    let rig = rig_with(MUTOPAY, line, clock, |builder| builder);
    let started = tokio::time::Instant::now();
    assert_eq!(code(&rig.receive(rig.payment()).await), "STORE_UNAVAILABLE");
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(rig.runs(), 0);
}

/// The store's lease may have begun when the claim was first asked for. A worker that
/// learns of its claim after that time must not start.
#[tokio::test(start_paused = true)]
async fn a_claim_learnt_of_too_late_is_not_used() {
    let clock = clock();
    let mut line = BadLine::new(&clock);
    line.lost_claims.store(1, Ordering::SeqCst);
    line.hangs = true;
    let rig = rig_with(MUTOPAY, line, clock, |builder| {
        builder
            .lease(Duration::from_secs(4))
            .store_timeout(Duration::from_secs(10))
    });
    let late = rig.receive(rig.payment()).await;
    assert_eq!((late.status(), code(&late)), (503, "STORE_UNAVAILABLE"));
    assert_eq!(rig.runs(), 0, "the effect did not start");
    let retry = rig.receive(rig.payment()).await;
    assert_eq!(code(&retry), "OK", "the unused claim was given back");
}

#[tokio::test]
async fn without_dedupe_the_handler_runs_during_an_outage() {
    let clock = clock();
    let line = BadLine::new(&clock);
    line.lost_claims.store(4, Ordering::SeqCst);
    let rig = rig_with(MUTOPAY, line, clock, |builder| {
        builder.on_outage(OutagePolicy::ProcessWithoutDedupe)
    });
    for _ in 0..2 {
        let receipt = rig
            .receive_with(rig.payment(), |event| async move {
                assert_eq!(event.fence(), None);
                Ok(Reply::empty())
            })
            .await;
        assert_eq!((receipt.status(), code(&receipt)), (200, "OK"));
        assert!(receipt.store_error().is_some());
    }
    assert_eq!(rig.runs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_completion_is_asked_for_several_times_and_then_unknown() {
    for (lost, is_applied, wanted) in [
        (3, true, "OK"),
        (3, false, "OK"),
        (4, true, "COMPLETION_UNKNOWN"),
        (4, false, "COMPLETION_UNKNOWN"),
    ] {
        let clock = clock();
        let mut line = BadLine::new(&clock);
        line.lost_completes.store(lost, Ordering::SeqCst);
        line.is_applied = is_applied;
        let rig = rig_with(MUTOPAY, line, clock, |builder| builder);
        let receipt = rig.receive(rig.payment()).await;
        assert_eq!(code(&receipt), wanted, "{lost} {is_applied}");
        if wanted != "OK" {
            assert_eq!(receipt.status(), 503);
            assert!(receipt.store_error().is_some());
            let retry = rig.receive(rig.payment()).await;
            let wanted = if is_applied {
                "DUPLICATE_EVENT_ID"
            } else {
                "EVENT_IN_PROGRESS"
            };
            assert_eq!(code(&retry), wanted);
        }
    }
}
