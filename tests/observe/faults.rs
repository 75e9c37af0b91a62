//! Handlers and stores that fail, and runtimes that are torn down.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use countersign::scheme::catalogue::MUTOPAY;
use countersign::store::{ExpiredLease, MemoryStore};
use countersign::{HandlerError, OutagePolicy, Reply};
use tracing::Level;

use super::told::Ear;
use crate::rig::{BadLine, Rig, clock, rig, rig_with};

fn bad_line(shape: impl FnOnce(&mut BadLine)) -> Rig<BadLine> {
    policy(OutagePolicy::AskRetry, shape)
}

fn policy(policy: OutagePolicy, shape: impl FnOnce(&mut BadLine)) -> Rig<BadLine> {
    let clock = clock();
    let mut line = BadLine::new(&clock);
    shape(&mut line);
    rig_with(MUTOPAY, line, clock, |builder| {
        builder
            .on_outage(policy)
            .expired_lease(ExpiredLease::Block)
            .store_timeout(Duration::from_millis(20))
    })
}

/// Tokio's time is paused, and runs to the time-out when nothing else is left to do.
#[tokio::test(start_paused = true)]
async fn a_handler_that_fails_panics_or_hangs() {
    let ear = Ear::open();
    let rig = rig();
    let fail = |_| async { Err(HandlerError::retry("the database is down")) };
    let _ = rig.receive_with(rig.payment(), fail).await;
    let failed = [
        ("code", "HANDLER_FAILED"),
        ("claim", "fresh"),
        ("status", "503"),
    ];
    assert_eq!(ear.one(&failed).level, Level::WARN);

    let panicking = |_| async { panic!("a fault of the handler") };
    let _ = rig.receive_with(rig.payment(), panicking).await;
    ear.one(&failed);

    let hang = |_| std::future::pending();
    let _ = rig.receive_with(rig.payment(), hang).await;
    ear.one(&[("code", "COMPLETION_UNKNOWN"), ("claim", "fresh")]);

    rig.wait(120);
    let _ = rig.receive(rig.payment()).await;
    ear.one(&[("code", "OK"), ("claim", "taken_over")]);
}

#[tokio::test]
async fn an_event_that_is_put_aside() {
    let ear = Ear::open();
    let rig = rig_with(
        MUTOPAY,
        MemoryStore::with_capacity(10),
        clock(),
        |builder| builder.dead_letter_after(1, |_| async { Ok(()) }),
    );
    let fail = |_| async { Err(HandlerError::retry("the database is down")) };
    let _ = rig.receive_with(rig.payment(), fail).await;
    let heard = ear.one(&[("code", "EVENT_DEAD_LETTERED"), ("claim", "fresh")]);
    assert_eq!(heard.level, Level::WARN);
}

#[tokio::test]
async fn a_store_that_is_down() {
    let ear = Ear::open();
    let down = |line: &mut BadLine| line.lost_claims.store(u32::MAX, Ordering::SeqCst);
    let rig = bad_line(down);
    let _ = rig.receive(rig.payment()).await;
    let heard = ear.one(&[
        ("code", "STORE_UNAVAILABLE"),
        ("claim", "unavailable"),
        ("status", "503"),
    ]);
    assert_eq!(heard.level, Level::WARN);
    assert!(heard.fields["store_error"].contains("the line broke"));

    let rig = policy(OutagePolicy::ProcessWithoutDedupe, down);
    let _ = rig.receive(rig.payment()).await;
    let heard = ear.one(&[("code", "OK"), ("claim", "unavailable"), ("status", "200")]);
    assert!(heard.fields["store_error"].contains("the line broke"));
}

#[tokio::test]
async fn a_completion_that_is_lost() {
    let ear = Ear::open();
    let rig = bad_line(|line| {
        line.lost_completes.store(u32::MAX, Ordering::SeqCst);
        line.is_applied = false;
    });
    let _ = rig.receive(rig.payment()).await;
    ear.one(&[("code", "COMPLETION_UNKNOWN"), ("claim", "fresh")]);
}

#[tokio::test]
async fn an_event_that_is_stuck() {
    let ear = Ear::open();
    let rig = bad_line(|line| line.lost_claims.store(2, Ordering::SeqCst));
    let _ = rig.receive(rig.payment()).await;
    ear.one(&[("code", "STORE_UNAVAILABLE"), ("claim", "unavailable")]);
    rig.wait(120);
    let _ = rig.receive(rig.payment()).await;
    ear.one(&[
        ("code", "EVENT_STUCK"),
        ("claim", "stuck"),
        ("status", "503"),
    ]);
}

/// The task is dropped with its runtime, and nobody but the guard of the event can say so.
#[test]
fn a_runtime_that_is_torn_down() {
    let ear = Ear::open();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.unwrap();
    let rig = Arc::new(rig());
    let mut received = Box::pin({
        let rig = Arc::clone(&rig);
        async move {
            let waits = |_| std::future::pending();
            rig.receive_with(rig.payment(), waits).await
        }
    });
    let mut context = Context::from_waker(Waker::noop());
    {
        let _entered = runtime.enter();
        assert!(received.as_mut().poll(&mut context).is_pending());
    }
    drop(runtime);
    ear.one(&[
        ("code", "COMPLETION_UNKNOWN"),
        ("claim", "none"),
        ("status", ""),
        ("key_name", "current"),
    ]);
    let Poll::Ready(mut receipt) = received.as_mut().poll(&mut context) else {
        panic!("nothing is left to wait for");
    };
    assert_eq!(receipt.status(), 503);
    assert_eq!(receipt.take_reply(), Reply::empty());
    assert_eq!(ear.events().len(), 0, "it was told of");
}
