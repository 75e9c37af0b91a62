//! What senders wish for: Revtain, 155.io, and schemes that cannot be.

use std::sync::Arc;

use countersign::scheme::{Scheme, Sender, SuccessAnswer, catalogue};
use countersign::store::MemoryStore;
use countersign::testing::RsaKeyPair;
use countersign::{
    Code, ConfigError, HandlerError, Incoming, KeyRing, Outgoing, Receipt, Receiver, Reply, Signer,
    Timestamp, Verifier,
};

use super::ends::{is_refused, rig_of};
use crate::rig::{PAYMENT, clock, code, incoming};

#[tokio::test]
async fn revtain_is_answered_200_exactly() {
    let body = br#"{"revtainTransactionId":"r1","event":"recovery.success"}"#;
    let rig = rig_of(catalogue::REVTAIN, |builder| {
        builder.answer_with(|_| Some(202))
    });
    let sent = || incoming(&rig.sign(&Outgoing::new(body)));
    let first = rig
        .receive_with(sent(), |_| async { Ok(Reply::empty().status(204)) })
        .await;
    assert_eq!((code(&first), first.status()), ("OK", 200));
    let again = rig.receive(sent()).await;
    assert_eq!((code(&again), again.status()), ("DUPLICATE_EVENT_ID", 200));

    assert!(is_refused(Code::DuplicateEventId, 202, catalogue::REVTAIN));
    assert!(is_refused(Code::EventRefused, 204, catalogue::REVTAIN));
    assert!(!is_refused(Code::EventRefused, 200, catalogue::REVTAIN));
}

/// 155.io reads the outcome from the JSON of a 200; any other status is a failure of the
/// line to it, after which it tries again. So nothing that is decided leaves as another
/// status, and nothing undecided as a 200.
#[tokio::test]
async fn marbles_155io_is_answered_200_with_json_wherever_the_outcome_is_known() {
    let clock = clock();
    let pair = RsaKeyPair::generate().unwrap();
    let signer = Signer::new(catalogue::MARBLES_155IO, &pair.private("current").unwrap()).unwrap();
    let receiver_of = |scheme: Scheme| {
        let ring = KeyRing::new()
            .with_secret(pair.public("current").unwrap())
            .unwrap();
        Receiver::builder(
            Verifier::new(scheme, &ring).unwrap(),
            MemoryStore::with_capacity(10),
        )
        .clock(Arc::clone(&clock) as Arc<_>)
        .keep_replies()
        .replies(|_, situation| Reply::json(format!(r#"{{"situation":"{situation:?}"}}"#)))
        .build()
        .unwrap()
    };
    let bet = |id: &str| {
        let body = format!(r#"{{"transactionId":"{id}","amount":5}}"#);
        let signed = signer
            .sign(&Outgoing::new(body.as_bytes()), Timestamp::EPOCH)
            .unwrap();
        incoming(&signed)
            .method("POST")
            .url("https://wallet.example/bet")
    };
    let told = |receipt: &Receipt| {
        let body = String::from_utf8(receipt.body().to_vec()).unwrap();
        (code(receipt), receipt.status(), body)
    };

    let receiver = receiver_of(catalogue::MARBLES_155IO);
    let declined = r#"{"status":"INSUFFICIENT_BALANCE_ERROR"}"#;
    let outcome = receiver
        .receive(bet("b1"), move |_| async move {
            Ok(Reply::json(declined).status(402))
        })
        .await;
    assert_eq!(told(&outcome), ("OK", 200, declined.into()));
    let run = |_| async { Ok(Reply::empty()) };
    let again = receiver.receive(bet("b1"), run).await;
    assert_eq!(told(&again), ("DUPLICATE_EVENT_ID", 200, declined.into()));
    let refuse = |_| async { Err(HandlerError::reject("no such player")) };
    let refused = receiver.receive(bet("b2"), refuse).await;
    let wanted = r#"{"situation":"Refused"}"#;
    assert_eq!(told(&refused), ("EVENT_REFUSED", 200, wanted.into()));
    let fail = |_| async { Err(HandlerError::retry("the wallet is down")) };
    let failed = receiver.receive(bet("b3"), fail).await;
    let wanted = r#"{"situation":"Retry { code: HandlerFailed }"}"#;
    assert_eq!(told(&failed), ("HANDLER_FAILED", 503, wanted.into()));
    assert_eq!(failed.retry_after_s(), Some(5));

    let signed = signer
        .sign(&Outgoing::new(b"{}"), Timestamp::EPOCH)
        .unwrap();
    let forged = Incoming::new(signed.headers().to_vec(), PAYMENT)
        .method("POST")
        .url("https://wallet.example/bet");
    let forged = receiver.receive(forged, run).await;
    assert_eq!(told(&forged), ("INVALID_SIGNATURE", 401, String::new()));
    assert_eq!(
        (forged.content_type(), forged.retry_after_s()),
        (None, None)
    );

    // Whoever knows that it tries again on a 200 too says so in the scheme.
    let receiver = receiver_of(Scheme {
        sender: Sender {
            retry_status: 200,
            ..catalogue::MARBLES_155IO.sender
        },
        ..catalogue::MARBLES_155IO
    });
    let failed = receiver.receive(bet("b3"), fail).await;
    assert_eq!(told(&failed), ("HANDLER_FAILED", 200, wanted.into()));
    assert_eq!(failed.retry_after_s(), None);
}

#[test]
fn a_scheme_cannot_wish_for_what_loses_events() {
    let built = |sender: Sender| -> Result<(), ConfigError> {
        let scheme = Scheme {
            sender,
            ..catalogue::MUTOPAY
        };
        Scheme::check(&scheme)
    };
    let plain = catalogue::MUTOPAY.sender;
    for (retry_status, reply_matters, wanted) in [
        (503, false, None),
        (429, true, None),
        (200, true, None),
        (200, false, Some(Code::UnsafeScheme)),
        (410, true, Some(Code::UnsafeScheme)),
        (302, true, Some(Code::InvalidScheme)),
        (0, false, Some(Code::InvalidScheme)),
        (600, false, Some(Code::InvalidScheme)),
    ] {
        let sender = Sender {
            retry_status,
            reply_matters,
            ..plain.clone()
        };
        let error = built(sender).err();
        assert_eq!(error.map(|error| error.code()), wanted, "{retry_status}");
    }
    for (status, wanted) in [
        (204, None),
        (302, Some(Code::InvalidScheme)),
        (410, Some(Code::InvalidScheme)),
    ] {
        let sender = Sender {
            success: SuccessAnswer::Exactly(status),
            ..plain.clone()
        };
        let error = built(sender).err();
        assert_eq!(error.map(|error| error.code()), wanted, "{status}");
    }
}
