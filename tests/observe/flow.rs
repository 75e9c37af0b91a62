//! Each way in which a genuine delivery ends well.

use std::pin::Pin;
use std::time::Duration;

use countersign::scheme::catalogue::MUTOPAY;
use countersign::scheme::{Scheme, Sender};
use countersign::store::MemoryStore;
use countersign::{Event, HandlerError, Outgoing, Reply};
use tokio::sync::oneshot;
use tracing::Level;

use super::told::Ear;
use crate::rig::{PAYMENT, clock, incoming, rig, rig_of, rig_with};

#[tokio::test]
async fn a_delivery_and_its_repetition() {
    let ear = Ear::open();
    let rig = rig_with(
        MUTOPAY,
        MemoryStore::with_capacity(10),
        clock(),
        |builder| builder.endpoint("shop_1"),
    );
    let _ = rig.receive(rig.payment()).await;
    let size = PAYMENT.len().to_string();
    let heard = ear.one(&[
        ("scheme", "mutopay"),
        ("endpoint", "shop_1"),
        ("code", "OK"),
        ("claim", "fresh"),
        ("status", "200"),
        ("key_name", "current"),
        ("body_bytes", &size),
        ("skew_ms", ""),
        ("store_error", ""),
    ]);
    assert_eq!(heard.level, Level::INFO);
    let time = |name| heard.fields[name].parse::<u64>().unwrap();
    assert!(time("verification_us") <= time("total_us"));

    let _ = rig.receive(rig.payment()).await;
    let heard = ear.one(&[
        ("code", "DUPLICATE_EVENT_ID"),
        ("claim", "done"),
        ("status", "200"),
        ("key_name", "current"),
    ]);
    assert_eq!(heard.level, Level::INFO);
}

/// A handler that waits until it is let go.
fn held() -> (oneshot::Sender<()>, impl FnOnce(Event) -> Held) {
    let (go, gate) = oneshot::channel();
    let handler = |_| -> Held {
        Box::pin(async move {
            let _ = gate.await;
            Ok(Reply::empty())
        })
    };
    (go, handler)
}

type Held = Pin<Box<dyn Future<Output = Result<Reply, HandlerError>> + Send>>;

#[tokio::test]
async fn one_that_meets_its_event_in_progress() {
    let ear = Ear::open();
    let rig = rig();
    let (go, handler) = held();
    let second = async {
        tokio::task::yield_now().await;
        let _ = rig.receive(rig.payment()).await;
        let heard = ear.one(&[
            ("code", "EVENT_IN_PROGRESS"),
            ("claim", "in_progress"),
            ("status", "503"),
        ]);
        assert_eq!(heard.level, Level::INFO);
        go.send(()).unwrap();
    };
    let _ = tokio::join!(rig.receive_with(rig.payment(), handler), second);
    ear.one(&[("code", "OK"), ("claim", "fresh")]);
}

#[tokio::test]
async fn one_whose_client_hangs_up() {
    let ear = Ear::open();
    let rig = rig();
    let (go, handler) = held();
    let received = rig.receive_with(rig.payment(), handler);
    let _ = tokio::time::timeout(Duration::from_millis(5), received).await;
    assert!(ear.is_silent());
    go.send(()).unwrap();
    while ear.is_silent() {
        tokio::task::yield_now().await;
    }
    ear.one(&[("code", "OK"), ("status", "200")]);
}

#[tokio::test]
async fn one_that_is_never_claimed() {
    let ear = Ear::open();
    let rig = rig_of(countersign::scheme::catalogue::DROPBOX);
    let _ = rig
        .receive(incoming(&rig.sign(&Outgoing::new(b"{}"))))
        .await;
    ear.one(&[("code", "OK"), ("claim", "none"), ("key_name", "current")]);
}

#[tokio::test]
async fn one_with_the_id_of_another() {
    let ear = Ear::open();
    let rig = rig_of(Scheme {
        sender: Sender {
            identical_retries: true,
            ..MUTOPAY.sender
        },
        ..MUTOPAY
    });
    let _ = rig.receive(rig.payment()).await;
    ear.one(&[("code", "OK")]);
    let other = br#"{"payment_id":"p1","event":"payment.completed","amount":9}"#;
    let _ = rig
        .receive(incoming(&rig.sign(&Outgoing::new(other))))
        .await;
    let heard = ear.one(&[("code", "EVENT_ID_REUSED"), ("claim", "reused")]);
    assert_eq!(heard.level, Level::WARN);
}

#[tokio::test]
async fn one_that_the_handler_refuses() {
    let ear = Ear::open();
    let rig = rig();
    let refuse = |_| async { Err(HandlerError::reject("unknown payment")) };
    let _ = rig.receive_with(rig.payment(), refuse).await;
    let heard = ear.one(&[
        ("code", "EVENT_REFUSED"),
        ("claim", "fresh"),
        ("status", "200"),
    ]);
    assert_eq!(heard.level, Level::WARN);
}

#[tokio::test]
async fn the_status_is_the_one_that_leaves() {
    let ear = Ear::open();
    let rig = rig_with(
        MUTOPAY,
        MemoryStore::with_capacity(10),
        clock(),
        |builder| builder.answer_with(|receipt| receipt.code().map(|_| 418)),
    );
    let _ = rig.receive(rig.payment()).await;
    ear.one(&[("status", "200")]);
    let _ = rig.receive(rig.payment()).await;
    ear.one(&[("status", "418")]);
    let _ = rig
        .receive(countersign::Incoming::new(vec![("a", "b")], PAYMENT))
        .await;
    ear.one(&[("status", "418")]);
}

#[test]
fn a_handler_that_may_outlast_its_sender_is_told_when_built() {
    let ear = Ear::open();
    let build = |timeout| {
        let store = MemoryStore::with_capacity(10);
        rig_with(
            countersign::scheme::catalogue::OPENPOLY,
            store,
            clock(),
            |builder| builder.handler_timeout(Duration::from_secs(timeout)),
        )
    };
    build(5);
    assert_eq!(ear.events().len(), 0);
    build(6);
    let events = ear.events();
    assert_eq!((events.len(), events[0].level), (1, Level::WARN));
    assert_eq!(events[0].fields["sender_timeout_s"], "5");
}
