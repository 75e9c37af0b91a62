//! Which deliveries are one event: re-signed ones are, equal bytes may not be.

use std::sync::Arc;

use countersign::scheme::{Scheme, catalogue};
use countersign::store::MemoryStore;
use countersign::testing::RsaKeyPair;
use countersign::{Incoming, KeyRing, Outgoing, Receiver, Reply, Signer, Situation, Verifier};

use super::rig::{clock, code, incoming, rig_of};

#[tokio::test]
async fn a_delivery_signed_anew_is_the_same_event() {
    let cases: [(Scheme, &[u8], bool); 4] = [
        (catalogue::DEBITURA, br#"{"id":"evt_1"}"#, true),
        (catalogue::OPENPOLY, br#"{"event_id":"evt_1"}"#, true),
        (catalogue::STANDARD_WEBHOOKS_V1, br#"{"a":1}"#, true),
        (catalogue::STRIPE, br#"{"id":"evt_1"}"#, true),
    ];
    for (scheme, body, _) in cases {
        let rig = rig_of(scheme);
        let outgoing = Outgoing::new(body).event_id("evt_1");
        let first = rig.sign(&outgoing);
        assert_eq!(code(&rig.receive(incoming(&first)).await), "OK");
        rig.wait(3600);
        let again = rig.sign(&outgoing);
        assert_ne!(first.headers(), again.headers(), "signed anew");
        let stale = rig.receive(incoming(&first)).await;
        assert_eq!(code(&stale), "TIMESTAMP_SKEW_TOO_LARGE");
        let receipt = rig.receive(incoming(&again)).await;
        assert_eq!(code(&receipt), "DUPLICATE_EVENT_ID");
        assert_eq!(rig.runs(), 1);
        let other_body = String::from_utf8_lossy(body).replace("evt_1", "evt_2");
        let other = rig.sign(&Outgoing::new(other_body.as_bytes()).event_id("evt_2"));
        assert_eq!(code(&rig.receive(incoming(&other)).await), "OK");
    }
}

#[tokio::test]
async fn a_delivery_without_time_is_the_same_event_as_long_as_it_is_remembered() {
    let cases: [(Scheme, &[u8]); 3] = [
        (catalogue::MUTOPAY, br#"{"payment_id":"p1","event":"paid"}"#),
        (
            catalogue::REVTAIN,
            br#"{"revtainTransactionId":"t1","event":"paid"}"#,
        ),
        (catalogue::GITHUB, br#"{"action":"opened"}"#),
    ];
    for (scheme, body) in cases {
        let rig = rig_of(scheme);
        let signed = rig.sign(&Outgoing::new(body));
        assert_eq!(code(&rig.receive(incoming(&signed)).await), "OK");
        let remembered = i64::try_from(rig.receiver.retention().as_secs()).unwrap();
        assert!(remembered >= 72 * 3600);
        rig.wait(remembered - 1);
        let again = rig.receive(incoming(&signed)).await;
        assert_eq!(code(&again), "DUPLICATE_EVENT_ID");
        rig.wait(1);
        assert_eq!(
            code(&rig.receive(incoming(&signed)).await),
            "OK",
            "forgotten"
        );
    }
}

#[tokio::test]
async fn a_later_event_of_one_payment_is_another() {
    let rig = rig_of(catalogue::MUTOPAY);
    for event in ["payment.expired", "payment.completed"] {
        let body = format!(r#"{{"payment_id":"p1","event":"{event}"}}"#);
        let signed = rig.sign(&Outgoing::new(body.as_bytes()));
        assert_eq!(code(&rig.receive(incoming(&signed)).await), "OK");
    }
}

#[tokio::test]
async fn equal_bytes_under_another_delivery_id_are_another_event() {
    let rig = rig_of(catalogue::GITHUB);
    let body = br#"{"action":"member_added"}"#;
    for (id, wanted) in [
        ("72d3162e-cc78-11e3-81ab-4c9367dc0958", "OK"),
        ("72d3162e-cc78-11e3-81ab-4c9367dc0959", "OK"),
        ("72d3162e-cc78-11e3-81ab-4c9367dc0958", "DUPLICATE_EVENT_ID"),
    ] {
        let headers = [("x-github-delivery", id), ("x-github-event", "membership")];
        let signed = rig.sign(&Outgoing::new(body).headers(&headers));
        assert_eq!(code(&rig.receive(incoming(&signed)).await), wanted);
    }
    assert_eq!(rig.runs(), 2);
}

#[tokio::test]
async fn a_read_is_never_claimed_and_a_win_is() {
    let clock = clock();
    let pair = RsaKeyPair::generate().unwrap();
    let scheme = catalogue::MARBLES_155IO;
    let signer = Signer::new(scheme.clone(), &pair.private("current").unwrap()).unwrap();
    let ring = KeyRing::new()
        .with_secret(pair.public("current").unwrap())
        .unwrap();
    let verifier = Verifier::new(scheme, &ring).unwrap();
    let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10))
        .clock(clock as Arc<_>)
        .keep_replies()
        .replies(|_, situation| match situation {
            Situation::Duplicate { .. } => Reply::json(*b"duplicate"),
            _ => Reply::json(*b"later"),
        })
        .build()
        .unwrap();
    let win = br#"{"transactionId":"w1","referenceTransactionId":"b1","amount":5}"#;
    let bet = br#"{"transactionId":"b1","amount":5}"#;
    let balance = br#"{"userId":"u1"}"#;
    let cases: [(&[u8], &str, &str, &[u8]); 7] = [
        (balance, "/balance", "OK", b"0"),
        (balance, "/balance", "OK", b"1"),
        (bet, "/bet", "OK", b"2"),
        (win, "/win", "OK", b"3"),
        (win, "/win", "DUPLICATE_EVENT_ID", b"3"),
        (win, "/bet", "EVENT_ID_MISMATCH", b""),
        (bet, "/bet", "DUPLICATE_EVENT_ID", b"2"),
    ];
    let runs = Arc::new(std::sync::atomic::AtomicU32::new(0));
    for (body, path, wanted, reply) in cases {
        let signed = signer
            .sign(&Outgoing::new(body), countersign::Timestamp::EPOCH)
            .unwrap();
        let incoming = Incoming::new(signed.headers().to_vec(), body)
            .method("POST")
            .url(format!("https://casino.example/hook{path}"));
        let runs = Arc::clone(&runs);
        let receipt = receiver
            .receive(incoming, move |event| async move {
                assert_eq!(event.fence().is_some(), event.dedupe_key().is_some());
                let run = runs.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                Ok(Reply::json(run.to_string()))
            })
            .await;
        assert_eq!(code(&receipt), wanted, "{path}");
        assert_eq!(receipt.body(), reply, "{path}");
    }
    assert_eq!(receiver.store().len(), 2);
}
