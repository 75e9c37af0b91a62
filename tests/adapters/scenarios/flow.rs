//! Genuine, again, forged, at once.

use std::sync::Arc;

use countersign::scheme::catalogue::MUTOPAY;
use countersign::store::Outcome;
use tokio::task::JoinSet;

use crate::adapters::application::Gate;
use crate::adapters::driver::Driver;
use crate::adapters::rig::{Known, PAYMENT, Plan};

pub(crate) async fn a_genuine_delivery_runs_once_and_its_repetition_is_a_duplicate<D: Driver>() {
    let rig = Plan::new(MUTOPAY).serve::<D>().await;
    for (wanted, runs) in [("OK", 1), ("DUPLICATE_EVENT_ID", 1)] {
        let response = rig.pay().await;
        assert_eq!(response.status, 200);
        assert!(response.body.is_empty());
        assert_eq!(response.header("retry-after"), None);
        assert_eq!((rig.last_code(), rig.runs()), (wanted, runs));
    }
    assert_eq!(rig.known().await, Known::Done(Outcome::Processed));
    let event = rig.last_event();
    assert_eq!((event.scheme(), event.key_name()), ("mutopay", "current"));
    assert_eq!((event.body(), event.attempt()), (PAYMENT, 1));
}

pub(crate) async fn a_forged_delivery_reaches_neither_application_nor_store<D: Driver>() {
    let rig = Plan::new(MUTOPAY).serve::<D>().await;
    let mut altered = rig.signed(PAYMENT);
    *altered.body_mut() = br#"{"payment_id":"p2","event":"payment.completed"}"#.as_slice().into();
    let mut unsigned = rig.signed(PAYMENT);
    unsigned.headers_mut().clear();
    let mut malformed = rig.signed(PAYMENT);
    let words = "sha256=zz".parse().unwrap();
    malformed.headers_mut().insert("x-mutopay-signature", words);
    for (forged, wanted) in [
        (altered, "INVALID_SIGNATURE"),
        (unsigned, "MISSING_SIGNATURE_HEADERS"),
        (malformed, "MALFORMED_SIGNATURE"),
    ] {
        let response = rig.send(forged).await;
        assert_eq!((response.status, rig.last_code()), (401, wanted));
        assert!(response.body.is_empty(), "a stranger is told nothing");
        assert_eq!(response.header("retry-after"), None);
    }
    assert_eq!(rig.runs(), 0);
    assert!(rig.store.is_empty());
}

pub(crate) async fn of_64_at_once_one_runs<D: Driver>() {
    let gate = Gate::new();
    let rig = Plan::new(MUTOPAY).application(gate.application());
    let rig = Arc::new(rig.serve::<D>().await);
    let mut calls = JoinSet::new();
    for _ in 0..64 {
        let rig = Arc::clone(&rig);
        calls.spawn(async move { rig.pay().await });
    }
    // 63 meet the one that runs.
    for _ in 0..63 {
        let response = calls.join_next().await.unwrap().unwrap();
        assert_eq!(
            (response.status, rig.last_code()),
            (503, "EVENT_IN_PROGRESS")
        );
        assert_eq!(response.header("retry-after"), Some("60"));
        assert!(response.body.is_empty());
    }
    assert_eq!(rig.known().await, Known::Held);
    gate.open();
    let response = calls.join_next().await.unwrap().unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(rig.runs(), 1);
    assert_eq!(rig.pay().await.status, 200);
    assert_eq!((rig.last_code(), rig.runs()), ("DUPLICATE_EVENT_ID", 1));
}
