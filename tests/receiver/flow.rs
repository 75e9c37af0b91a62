//! Genuine, again, at once, cut off, forged.

use core::time::Duration;
use std::sync::Arc;

use countersign::scheme::{Retries, Scheme, Sender, catalogue};
use countersign::store::Outcome;
use countersign::{Code, HandlerError, Incoming, Outgoing, Reply, SignedDelivery, Situation};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinSet;

use super::rig::{self, PAYMENT, code, incoming, rig, rig_of, rig_with};

#[tokio::test]
async fn a_genuine_delivery_runs_once_and_its_repetition_is_a_duplicate() {
    let rig = rig();
    let receipt = rig
        .receive_with(rig.payment(), |event| async move {
            assert_eq!(event.scheme(), "mutopay");
            assert_eq!(event.key_name(), "current");
            assert_eq!(event.body(), PAYMENT);
            assert_eq!(event.attempt(), 1);
            assert!(event.fence().is_some());
            assert!(!event.is_takeover());
            assert_eq!(event.dedupe_key().unwrap().rule(), "payment");
            assert_eq!(event.event_id(), None);
            Ok(Reply::json(*b"{}"))
        })
        .await;
    assert_eq!((receipt.status(), code(&receipt)), (200, "OK"));
    assert_eq!(receipt.body(), b"{}");
    assert_eq!(receipt.content_type(), Some("application/json"));
    assert_eq!(receipt.retry_after_s(), None);

    let again = rig.receive(rig.payment()).await;
    assert_eq!((again.status(), code(&again)), (200, "DUPLICATE_EVENT_ID"));
    assert!(again.body().is_empty());
    assert_eq!(rig.runs(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_at_once_one_runs_and_the_others_meet_it() {
    let rig = Arc::new(rig());
    let go_on = Arc::new(Notify::new());
    let mut calls = JoinSet::new();
    for _ in 0..64 {
        let (rig, go_on) = (Arc::clone(&rig), Arc::clone(&go_on));
        calls.spawn(async move {
            rig.receive_with(rig.payment(), move |_| async move {
                go_on.notified().await;
                Ok(Reply::empty())
            })
            .await
        });
    }
    for _ in 0..63 {
        let receipt = calls.join_next().await.unwrap().unwrap();
        assert_eq!(code(&receipt), "EVENT_IN_PROGRESS");
        assert_eq!(receipt.status(), 503);
        assert_eq!(receipt.retry_after_s(), Some(60));
    }
    go_on.notify_one();
    let receipt = calls.join_next().await.unwrap().unwrap();
    assert_eq!(code(&receipt), "OK");
    assert_eq!(rig.runs(), 1);
}

#[tokio::test]
async fn a_client_that_hangs_up_cancels_nothing() {
    let rig = rig();
    let (started, has_started) = oneshot::channel();
    let (go_on, may_go_on) = oneshot::channel::<()>();
    {
        let mut call = Box::pin(rig.receive_with(rig.payment(), |_| async move {
            started.send(()).unwrap();
            may_go_on.await.unwrap();
            Ok(Reply::empty())
        }));
        tokio::select! {
            receipt = &mut call => panic!("{receipt:?}"),
            () = async { has_started.await.unwrap() } => {}
        }
    }
    let retry = rig.receive(rig.payment()).await;
    assert_eq!((retry.status(), code(&retry)), (503, "EVENT_IN_PROGRESS"));
    go_on.send(()).unwrap();
    loop {
        let retry = rig.receive(rig.payment()).await;
        match code(&retry) {
            "EVENT_IN_PROGRESS" => tokio::task::yield_now().await,
            code => {
                assert_eq!(code, "DUPLICATE_EVENT_ID");
                break;
            }
        }
    }
    assert_eq!(rig.runs(), 1);
}

#[tokio::test]
async fn a_receiver_is_idle_once_the_work_of_a_client_that_hung_up_has_ended() {
    let rig = rig();
    rig.receiver.idle().await;
    let (started, has_started) = oneshot::channel();
    let (go_on, may_go_on) = oneshot::channel::<()>();
    {
        let mut call = Box::pin(rig.receive_with(rig.payment(), |_| async move {
            started.send(()).unwrap();
            may_go_on.await.unwrap();
            Ok(Reply::empty())
        }));
        tokio::select! {
            receipt = &mut call => panic!("{receipt:?}"),
            () = async { has_started.await.unwrap() } => {}
        }
    }
    let mut idle = Box::pin(rig.receiver.idle());
    tokio::select! {
        () = &mut idle => panic!("idle in the midst of the work"),
        () = tokio::time::sleep(Duration::from_millis(20)) => {}
    }
    go_on.send(()).unwrap();
    idle.await;
    let retry = rig.receive(rig.payment()).await;
    assert_eq!(code(&retry), "DUPLICATE_EVENT_ID");
}

#[tokio::test]
async fn a_forged_delivery_never_touches_the_store() {
    let rig = rig_with(
        catalogue::MUTOPAY,
        rig::Untouchable,
        rig::clock(),
        |builder| builder,
    );
    let signed = rig.sign(&Outgoing::new(PAYMENT));
    let forged = [
        (
            Incoming::new(signed.headers().to_vec(), *b"{}"),
            "INVALID_SIGNATURE",
        ),
        (
            Incoming::new(Vec::<(String, String)>::new(), PAYMENT),
            "MISSING_SIGNATURE_HEADERS",
        ),
        (
            Incoming::new(vec![("x-mutopay-signature", "sha256=zz")], PAYMENT),
            "MALFORMED_SIGNATURE",
        ),
    ];
    for (incoming, wanted) in forged {
        let receipt = rig.receive(incoming).await;
        assert_eq!((receipt.status(), code(&receipt)), (401, wanted));
        assert!(receipt.body().is_empty());
        assert_eq!(receipt.rejection().map(|why| why.code()), receipt.code());
    }
    let lacks_id = rig.sign(&Outgoing::new(b"{}"));
    let receipt = rig.receive(incoming(&lacks_id)).await;
    assert_eq!(
        (receipt.status(), code(&receipt)),
        (400, "MISSING_EVENT_ID")
    );
    assert_eq!(rig.runs(), 0);
}

#[tokio::test]
async fn an_old_delivery_never_touches_the_store() {
    let rig = rig_with(
        catalogue::STRIPE,
        rig::Untouchable,
        rig::clock(),
        |builder| builder,
    );
    let old = rig.sign(&Outgoing::new(br#"{"id":"evt_1"}"#));
    rig.wait(301);
    let receipt = rig.receive(incoming(&old)).await;
    assert_eq!(code(&receipt), "TIMESTAMP_SKEW_TOO_LARGE");
    assert_eq!(receipt.status(), 401);
}

#[tokio::test]
async fn a_duplicate_may_be_answered_409() {
    let clock = rig::clock();
    let store = countersign::store::MemoryStore::with_capacity(10);
    let rig = rig_with(catalogue::MUTOPAY, store, clock, |builder| {
        builder.answer(Code::DuplicateEventId, 409)
    });
    let _ = rig.receive(rig.payment()).await;
    let again = rig.receive(rig.payment()).await;
    assert_eq!((again.status(), code(&again)), (409, "DUPLICATE_EVENT_ID"));
}

#[tokio::test]
async fn answers_are_the_ones_that_the_sender_understands() {
    let scheme = Scheme {
        sender: Sender {
            retries: Retries::Unknown,
            success: countersign::scheme::SuccessAnswer::Exactly(204),
            retry_status: 429,
            ..catalogue::MUTOPAY.sender
        },
        ..catalogue::MUTOPAY
    };
    let rig = rig_of(scheme);
    let failed = rig
        .receive_with(rig.payment(), |_| async { Err(HandlerError::retry("no")) })
        .await;
    assert_eq!((failed.status(), code(&failed)), (429, "HANDLER_FAILED"));
    assert_eq!(rig.receive(rig.payment()).await.status(), 204);
    assert_eq!(rig.receive(rig.payment()).await.status(), 204);
}

#[tokio::test]
async fn another_body_under_one_id_is_told_where_retries_repeat_the_body() {
    let scheme = Scheme {
        sender: Sender {
            identical_retries: true,
            ..catalogue::MUTOPAY.sender
        },
        ..catalogue::MUTOPAY
    };
    let other = br#"{"payment_id":"p1","event":"payment.completed","amount":9}"#;
    for (scheme, wanted) in [
        (scheme, Code::EventIdReused),
        (catalogue::MUTOPAY, Code::DuplicateEventId),
    ] {
        let rig = rig_of(scheme);
        let _ = rig.receive(rig.payment()).await;
        let reused = rig
            .receive(incoming(&rig.sign(&Outgoing::new(other))))
            .await;
        assert_eq!((reused.status(), reused.code()), (200, Some(wanted)));
        assert_eq!(rig.runs(), 1);
        let same = rig.receive(rig.payment()).await;
        assert_eq!(same.code(), Some(Code::DuplicateEventId));
    }
}

#[tokio::test]
async fn a_kept_reply_is_given_again_and_others_come_from_the_function() {
    let clock = rig::clock();
    let store = countersign::store::MemoryStore::with_capacity(10);
    let rig = rig_with(catalogue::MUTOPAY, store, clock, |builder| {
        builder.keep_replies().replies(|event, situation| {
            assert_eq!(event.scheme(), "mutopay");
            Reply::new("text/plain", format!("{situation:?}"))
        })
    });
    let reply = || Reply::json(*b"[1]");
    let first = rig
        .receive_with(rig.payment(), move |_| async move { Ok(reply()) })
        .await;
    let again = rig.receive(rig.payment()).await;
    assert_eq!(again.code(), Some(Code::DuplicateEventId));
    assert_eq!(again.body(), first.body());
    assert_eq!(again.content_type(), Some("application/json"));

    let other = |id: &str| -> SignedDelivery {
        rig.sign(&Outgoing::new(
            format!(r#"{{"payment_id":"{id}","event":"e"}}"#).as_bytes(),
        ))
    };
    let refused = rig
        .receive_with(incoming(&other("p2")), |_| async {
            Err(HandlerError::reject("unknown payment"))
        })
        .await;
    assert_eq!((refused.status(), code(&refused)), (200, "EVENT_REFUSED"));
    assert_eq!(
        refused.body(),
        format!("{:?}", Situation::Refused).as_bytes()
    );
    let again = rig.receive(incoming(&other("p2"))).await;
    let outcome = Outcome::Rejected;
    let wanted = format!("{:?}", Situation::Duplicate { outcome });
    assert_eq!(again.body(), wanted.as_bytes());

    let failed = rig
        .receive_with(incoming(&other("p3")), |_| async {
            Err(HandlerError::retry("later"))
        })
        .await;
    let code = Code::HandlerFailed;
    let wanted = format!("{:?}", Situation::Retry { code });
    assert_eq!(failed.body(), wanted.as_bytes());

    let forged = rig.receive(Incoming::new(vec![("a", "b")], PAYMENT)).await;
    assert!(forged.body().is_empty(), "a stranger is told nothing");
}

#[tokio::test]
async fn a_reply_too_long_to_keep_is_given_once() {
    let clock = rig::clock();
    let store = countersign::store::MemoryStore::with_capacity(10);
    let rig = rig_with(catalogue::MUTOPAY, store, clock, |builder| {
        builder.keep_replies()
    });
    let first = rig
        .receive_with(rig.payment(), |_| async {
            Ok(Reply::json(vec![b' '; 70_000]))
        })
        .await;
    assert_eq!(first.body().len(), 70_000);
    let again = rig.receive(rig.payment()).await;
    assert_eq!(code(&again), "DUPLICATE_EVENT_ID");
    assert!(again.body().is_empty());
}

#[tokio::test]
async fn endpoints_that_share_a_store_do_not_share_events() {
    let clock = rig::clock();
    let store = Arc::new(countersign::store::MemoryStore::with_capacity(10));
    let rigs: Vec<_> = ["a", "b"]
        .into_iter()
        .map(|endpoint| {
            let (store, clock) = (Arc::clone(&store), Arc::clone(&clock));
            rig_with(catalogue::MUTOPAY, store, clock, |builder| {
                builder.endpoint(endpoint)
            })
        })
        .collect();
    for rig in &rigs {
        assert_eq!(code(&rig.receive(rig.payment()).await), "OK");
        assert_eq!(
            code(&rig.receive(rig.payment()).await),
            "DUPLICATE_EVENT_ID"
        );
    }
    assert_eq!(store.len(), 2);
}
