//! What the application answers, and what becomes of the event.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use countersign::scheme::catalogue::MUTOPAY;
use countersign::store::Outcome;

use crate::adapters::application::{Answer, always, application};
use crate::adapters::driver::Driver;
use crate::adapters::rig::{Known, Plan, assert_bare};

pub(crate) async fn an_error_gives_the_event_back_and_the_retry_succeeds<D: Driver>() {
    let application = application(|delivered| async move {
        Answer::status(if delivered.event.attempt() == 1 {
            500
        } else {
            200
        })
    });
    let rig = Plan::new(MUTOPAY)
        .application(application)
        .serve::<D>()
        .await;
    let failed = rig.pay().await;
    assert_eq!((failed.status, rig.last_code()), (503, "HANDLER_FAILED"));
    assert_eq!(failed.header("retry-after"), Some("5"));
    assert_bare(&failed);
    assert_eq!(rig.known().await, Known::Free);
    let retried = rig.pay().await;
    assert_eq!((retried.status, rig.last_code()), (200, "OK"));
    assert_eq!(rig.runs(), 2);
    assert_eq!(rig.known().await, Known::Done(Outcome::Processed));
}

pub(crate) async fn a_refusal_is_done_and_the_sender_is_told_that_all_is_well<D: Driver>() {
    let rig = Plan::new(MUTOPAY)
        .application(always(422))
        .serve::<D>()
        .await;
    let refused = rig.pay().await;
    assert_eq!((refused.status, rig.last_code()), (200, "EVENT_REFUSED"));
    assert_bare(&refused);
    let receipt = rig.last_receipt();
    let said = std::error::Error::source(receipt.handler_error().unwrap()).unwrap();
    assert!(said.to_string().ends_with("answered 422"), "{said}");
    assert_eq!(rig.known().await, Known::Done(Outcome::Rejected));
    assert_eq!(rig.pay().await.status, 200);
    assert_eq!((rig.last_code(), rig.runs()), ("DUPLICATE_EVENT_ID", 1));
}

/// It makes senders disable the endpoint.
pub(crate) async fn a_410_never_leaves<D: Driver>() {
    let rig = Plan::new(MUTOPAY)
        .application(always(410))
        .serve::<D>()
        .await;
    assert_eq!(rig.pay().await.status, 200);
    assert_eq!(rig.known().await, Known::Done(Outcome::Rejected));
}

pub(crate) async fn an_answer_that_is_neither_success_nor_refusal_asks_for_a_retry<D: Driver>() {
    for status in [302, 408, 425, 429, 501, 503] {
        let rig = Plan::new(MUTOPAY)
            .application(always(status))
            .serve::<D>()
            .await;
        let response = rig.pay().await;
        assert_eq!((response.status, rig.last_code()), (503, "HANDLER_FAILED"));
        assert_bare(&response);
        assert_eq!(rig.known().await, Known::Free);
    }
}

pub(crate) async fn a_panic_gives_the_event_back<D: Driver>() {
    let application = application(|delivered| async move {
        assert!(delivered.event.attempt() > 1, "a fault of the application");
        Answer::status(200)
    });
    let rig = Plan::new(MUTOPAY)
        .application(application)
        .serve::<D>()
        .await;
    let failed = rig.pay().await;
    assert_eq!((failed.status, rig.last_code()), (503, "HANDLER_FAILED"));
    assert_bare(&failed);
    assert_eq!(rig.known().await, Known::Free);
    assert_eq!(rig.pay().await.status, 200);
    assert_eq!((rig.last_code(), rig.runs()), ("OK", 2));
}

pub(crate) async fn a_handler_out_of_time_is_cancelled_and_its_lease_runs_out<D: Driver>() {
    struct Dropped(Arc<AtomicBool>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let is_cancelled = Arc::new(AtomicBool::new(false));
    let witness = Arc::clone(&is_cancelled);
    let application = application(move |delivered| {
        let dropped = Dropped(Arc::clone(&witness));
        async move {
            if delivered.event.attempt() == 1 {
                std::future::pending::<()>().await;
            }
            drop(dropped);
            Answer::status(200)
        }
    });
    let rig = Plan::new(MUTOPAY).application(application);
    let rig = rig
        .serve_with::<D>(|builder| builder.handler_timeout(Duration::from_millis(100)))
        .await;
    let late = rig.pay().await;
    assert_eq!((late.status, rig.last_code()), (503, "COMPLETION_UNKNOWN"));
    assert_bare(&late);
    rig.until("the handler is dropped", async || {
        is_cancelled.load(Ordering::SeqCst)
    })
    .await;
    let early = rig.pay().await;
    assert_eq!((early.status, rig.last_code()), (503, "EVENT_IN_PROGRESS"));
    assert_eq!(early.header("retry-after"), Some("60"));
    assert_eq!(rig.known().await, Known::Held);
    rig.clock.advance(time::Duration::seconds(60));
    assert_eq!(rig.pay().await.status, 200);
    assert_eq!((rig.last_code(), rig.runs()), ("OK", 2));
    let event = rig.last_event();
    assert!(event.is_takeover());
    assert_eq!(event.attempt(), 2);
}

pub(crate) async fn an_answer_of_success_leaves_as_it_is<D: Driver>() {
    let application = application(|_| async {
        Answer {
            status: 202,
            content_type: "text/csv",
            body: b"a,b".to_vec(),
        }
    });
    let rig = Plan::new(MUTOPAY)
        .application(application)
        .serve::<D>()
        .await;
    let response = rig.pay().await;
    assert_eq!((response.status, rig.last_code()), (202, "OK"));
    assert_eq!(response.header("content-type"), Some("text/csv"));
    assert_eq!(response.header("content-length"), Some("3"));
    assert_eq!(response.body, "a,b");
    let again = rig.pay().await;
    assert_eq!((again.status, rig.last_code()), (200, "DUPLICATE_EVENT_ID"));
    assert_bare(&again);
}

pub(crate) async fn a_kept_reply_is_given_to_duplicates<D: Driver>() {
    for content_type in ["application/json", ""] {
        let application = application(move |_| async move {
            Answer {
                status: 200,
                content_type,
                body: b"[1]".to_vec(),
            }
        });
        let rig = Plan::new(MUTOPAY).application(application);
        let rig = rig.serve_with::<D>(|builder| builder.keep_replies()).await;
        let wanted = Some(content_type).filter(|kind| !kind.is_empty());
        for code in ["OK", "DUPLICATE_EVENT_ID"] {
            let response = rig.pay().await;
            assert_eq!((response.status, rig.last_code()), (200, code));
            assert_eq!(response.header("content-type"), wanted, "{code}");
            assert_eq!(response.body, "[1]");
        }
        assert_eq!(rig.runs(), 1);
    }
}
