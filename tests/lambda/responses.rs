//! From receipts to what the function returns: rule 9, and the whole way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use countersign::adapter::lambda::{PayloadFormat, response};
use countersign::challenge::{Challenges, Registrations};
use countersign::scheme::catalogue::{ASANA, MUTOPAY};
use countersign::store::MemoryStore;
use countersign::testing::FakeClock;
use countersign::{Code, HandlerError, Incoming, Outgoing, Receipt, Receiver, Reply};
use serde_json::{Value, json};

use super::events::{FORMATS, event, in_base64, now, request, sign, verifier};

const BODY: &[u8] = br#"{"payment_id":"p1","event":"payment.completed"}"#;

fn receiver() -> Receiver<MemoryStore> {
    let clock = Arc::new(FakeClock::at(now()));
    let store = MemoryStore::with_capacity(100).clock(Arc::clone(&clock) as _);
    Receiver::builder(verifier(MUTOPAY), store)
        .clock(clock)
        .build()
        .unwrap()
}

/// What becomes of an event when the handler answers so.
async fn receipt(
    receiver: &Receiver<MemoryStore>,
    event: &Value,
    answer: fn() -> Result<Reply, HandlerError>,
) -> Receipt {
    let incoming = request(event).into_incoming();
    receiver
        .receive(incoming, move |_| async move { answer() })
        .await
}

fn parsed(receipt: &Receipt, format: PayloadFormat) -> Value {
    serde_json::from_str(&response(receipt, format)).unwrap()
}

#[tokio::test]
async fn a_delivery_runs_once_and_its_retry_is_answered_in_every_form() {
    for format in FORMATS {
        let receiver = receiver();
        let runs = Arc::new(AtomicU32::new(0));
        let event = event(format, &sign(MUTOPAY, &Outgoing::new(BODY)));
        // A retry may come in the other coding.
        for (event, code) in [
            (event.clone(), None),
            (in_base64(event), Some(Code::DuplicateEventId)),
        ] {
            let ran = Arc::clone(&runs);
            let receipt = receiver
                .receive(request(&event).into_incoming(), |event| async move {
                    assert_eq!(event.body(), BODY);
                    ran.fetch_add(1, Ordering::Relaxed);
                    Ok(Reply::empty())
                })
                .await;
            assert_eq!(receipt.code(), code, "{format:?}");
            assert_eq!(parsed(&receipt, format)["statusCode"], 200);
        }
        assert_eq!(runs.load(Ordering::Relaxed), 1, "{format:?}");
    }
}

#[tokio::test]
async fn rule_9_headers_come_in_the_form_of_the_event() {
    let delivery = sign(MUTOPAY, &Outgoing::new(BODY));
    for format in FORMATS {
        let event = event(format, &delivery);
        let receiver = receiver();
        let failed = receipt(&receiver, &event, || Err(HandlerError::retry("no"))).await;
        let wanted = if format == PayloadFormat::LoadBalancerMultiValue {
            json!({ "statusCode": 503, "multiValueHeaders": { "retry-after": ["5"] }, "body": "", "isBase64Encoded": false })
        } else {
            json!({ "statusCode": 503, "headers": { "retry-after": "5" }, "body": "", "isBase64Encoded": false })
        };
        assert_eq!(parsed(&failed, format), wanted);

        let done = receipt(&receiver, &event, || Ok(Reply::json("{\"a\":\"ä\"}"))).await;
        let wanted = if format == PayloadFormat::LoadBalancerMultiValue {
            json!({ "statusCode": 200, "multiValueHeaders": { "content-type": ["application/json"] }, "body": "{\"a\":\"ä\"}", "isBase64Encoded": false })
        } else {
            json!({ "statusCode": 200, "headers": { "content-type": "application/json" }, "body": "{\"a\":\"ä\"}", "isBase64Encoded": false })
        };
        assert_eq!(parsed(&done, format), wanted);
    }
}

#[tokio::test]
async fn rule_9_a_body_that_is_not_utf_8_goes_as_base64() {
    let event = event(PayloadFormat::V2, &sign(MUTOPAY, &Outgoing::new(BODY)));
    let reply = || Ok(Reply::new("application/octet-stream", [0xff, 0x00]));
    let told = parsed(
        &receipt(&receiver(), &event, reply).await,
        PayloadFormat::V2,
    );
    assert_eq!(told["body"], "/wA=");
    assert_eq!(told["isBase64Encoded"], true);
}

#[tokio::test]
async fn rule_9_a_media_type_cannot_add_headers() {
    let event = event(PayloadFormat::V2, &sign(MUTOPAY, &Outgoing::new(BODY)));
    let reply = || Ok(Reply::new("text/plain\r\nset-cookie: a=1", "a"));
    let told = parsed(
        &receipt(&receiver(), &event, reply).await,
        PayloadFormat::V2,
    );
    assert_eq!(told["headers"], json!({}));
    assert_eq!(told["body"], "a");
}

#[tokio::test]
async fn rule_9_a_refusal_has_no_reason_in_it() {
    let mut forged = event(PayloadFormat::V2, &sign(MUTOPAY, &Outgoing::new(BODY)));
    forged["body"] = "{}".into();
    let refused = receipt(&receiver(), &forged, || Ok(Reply::empty())).await;
    assert_eq!(refused.code(), Some(Code::InvalidSignature));
    let wanted = json!({ "statusCode": 401, "headers": {}, "body": "", "isBase64Encoded": false });
    assert_eq!(parsed(&refused, PayloadFormat::V2), wanted);
}

#[tokio::test]
async fn a_challenge_s_header_goes_into_every_form() {
    let registrations = Registrations::new();
    let challenges = Challenges::new().registrations(&registrations);
    let receiver = Receiver::builder(verifier(ASANA), MemoryStore::with_capacity(9))
        .clock(Arc::new(FakeClock::at(now())))
        .challenges(challenges)
        .build()
        .unwrap();
    for (format, name, is_list) in [
        (PayloadFormat::V1, "headers", false),
        (PayloadFormat::V2, "headers", false),
        (PayloadFormat::LoadBalancer, "headers", false),
        (
            PayloadFormat::LoadBalancerMultiValue,
            "multiValueHeaders",
            true,
        ),
    ] {
        let until = now().saturating_add(time::Duration::minutes(1));
        let registration = registrations.open("/asana", "new", until).unwrap();
        let handshake = Incoming::new([("x-hook-secret", "b537207f20cbfa02")], "")
            .method("POST")
            .url("/asana");
        let receipt = receiver
            .receive(handshake, |_| async { Ok(Reply::empty()) })
            .await;
        assert_eq!(receipt.code(), Some(Code::ChallengeAnswered));
        let value = json!("b537207f20cbfa02");
        let value = if is_list { json!([value]) } else { value };
        let parsed = parsed(&receipt, format);
        assert_eq!(parsed[name]["x-hook-secret"], value, "{format:?}");
        assert_eq!(parsed["statusCode"], 200);
        assert!(registration.secret().await.is_some());
    }
}
