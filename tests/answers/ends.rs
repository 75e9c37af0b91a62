//! Every way in which a delivery ends, and the table's answers.

use std::sync::Arc;
use std::time::Duration;

use countersign::scheme::Scheme;
use countersign::store::MemoryStore;
use countersign::{
    Code, HandlerError, Incoming, Outgoing, Receipt, Receiver, ReceiverBuilder, Reply,
};

use crate::rig::{PAYMENT, Rig, clock, code, incoming, rig_with, verifier_of};

pub(crate) type Builder = ReceiverBuilder<MemoryStore>;

pub(crate) fn rig_of(scheme: Scheme, shape: impl FnOnce(Builder) -> Builder) -> Rig<MemoryStore> {
    let clock = clock();
    let store = MemoryStore::with_capacity(100).clock(Arc::clone(&clock) as _);
    rig_with(scheme, store, clock, shape)
}

pub(crate) fn builder(scheme: Scheme) -> Builder {
    Receiver::builder(verifier_of(scheme), MemoryStore::with_capacity(10))
}

pub(crate) fn is_refused(code: Code, status: u16, scheme: Scheme) -> bool {
    match builder(scheme).answer(code, status).build() {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.code(), Code::UnsafeAnswer, "{error}");
            let told = error.to_string();
            assert!(told.contains(code.as_str()), "{told}");
            assert!(told.contains(&status.to_string()), "{told}");
            true
        }
    }
}

/// Each way in which a delivery can end, but for outages.
pub(crate) async fn every_end(rig: &Rig<MemoryStore>) -> Vec<Receipt> {
    let other = |id: &str| {
        let body = format!(r#"{{"payment_id":"{id}","event":"e"}}"#);
        incoming(&rig.sign(&Outgoing::new(body.as_bytes())))
    };
    let forged = || Incoming::new(vec![("x-mutopay-signature", "00")], PAYMENT);
    let mut ends = vec![
        rig.receive(rig.payment()).await,
        rig.receive(rig.payment()).await,
        rig.receive(Incoming::new(vec![("a", "b")], PAYMENT)).await,
        rig.receive(forged()).await,
        rig.receive_with(other("p2"), |_| async { Err(HandlerError::reject("no")) })
            .await,
        rig.receive_with(other("p3"), |_| async { Err(HandlerError::retry("no")) })
            .await,
        rig.receive_with(other("p4"), |_| async { panic!("the handler's") })
            .await,
    ];
    let again = other("p5");
    let (first, second) = tokio::join!(
        rig.receive_with(other("p5"), |_| async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(Reply::empty())
        }),
        rig.receive(again),
    );
    ends.extend([first, second]);
    ends
}

pub(crate) fn statuses(ends: &[Receipt]) -> Vec<(&'static str, u16)> {
    let status = |end: &Receipt| (code(end), end.status());
    ends.iter().map(status).collect()
}

pub(crate) const TABLE: [(&str, u16); 9] = [
    ("OK", 200),
    ("DUPLICATE_EVENT_ID", 200),
    ("MISSING_SIGNATURE_HEADERS", 401),
    ("MALFORMED_SIGNATURE", 401),
    ("EVENT_REFUSED", 200),
    ("HANDLER_FAILED", 503),
    ("HANDLER_FAILED", 503),
    ("OK", 200),
    ("EVENT_IN_PROGRESS", 503),
];
