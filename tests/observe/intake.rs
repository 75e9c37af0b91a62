//! Deliveries that are refused, at each stage and by each way in, and bodies that never
//! come to their end.

use std::task::Poll;
use std::time::Duration;

use countersign::scheme::{Scheme, catalogue::OPENPOLY};
use countersign::store::MemoryStore;
use countersign::{Incoming, IncomingHead, Outgoing, SignedDelivery};
use tracing::Level;

use super::told::Ear;
use crate::rig::{Rig, clock, incoming, rig_of, rig_with};

const BODY: &[u8] = br#"{"event_id":"e1"}"#;

/// A header to change, its new value or none, the seconds that pass, the body, and what
/// it is refused for.
type Refusal = (
    &'static str,
    Option<&'static str>,
    i64,
    &'static [u8],
    &'static str,
);

const REFUSALS: [Refusal; 9] = [
    (
        "x-polynion-signature",
        None,
        0,
        BODY,
        "MISSING_SIGNATURE_HEADERS",
    ),
    (
        "x-polynion-timestamp",
        None,
        0,
        BODY,
        "MISSING_SIGNATURE_HEADERS",
    ),
    (
        "x-polynion-signature",
        Some("v1=zz"),
        0,
        BODY,
        "MALFORMED_SIGNATURE",
    ),
    (
        "x-polynion-signature",
        Some("v2=00"),
        0,
        BODY,
        "UNSUPPORTED_SCHEME",
    ),
    (
        "x-polynion-timestamp",
        Some("noon"),
        0,
        BODY,
        "INVALID_TIMESTAMP",
    ),
    ("", None, 0, &[b' '; 65], "BODY_TOO_LARGE"),
    ("", None, 0, br#"{"event_id":"e2"}"#, "INVALID_SIGNATURE"),
    ("", None, 301, BODY, "TIMESTAMP_SKEW_TOO_LARGE"),
    (
        "x-polynion-event-id",
        Some("e3"),
        0,
        BODY,
        "EVENT_ID_MISMATCH",
    ),
];

fn small() -> Rig<MemoryStore> {
    rig_of(Scheme {
        body_limit: 64,
        ..OPENPOLY
    })
}

fn signed(rig: &Rig<MemoryStore>) -> SignedDelivery {
    rig.sign(&Outgoing::new(BODY).event_id("e1"))
}

fn changed(signed: &SignedDelivery, name: &str, value: Option<&str>) -> Vec<(String, String)> {
    let mut headers = signed.headers().to_vec();
    headers.retain(|(header, _)| !header.eq_ignore_ascii_case(name));
    headers.extend(value.map(|value| (name.into(), value.into())));
    headers
}

#[tokio::test]
async fn each_refusal_of_a_whole_delivery() {
    let ear = Ear::open();
    for (name, value, pass_s, body, code) in REFUSALS {
        let rig = small();
        let headers = changed(&signed(&rig), name, value);
        rig.wait(pass_s);
        let receipt = rig.receive(Incoming::new(headers, body)).await;
        let skew = if pass_s == 0 { "" } else { "301000" };
        let heard = ear.one(&[
            ("code", code),
            ("claim", "none"),
            ("status", &receipt.status().to_string()),
            ("key_name", ""),
            ("skew_ms", skew),
            ("body_bytes", &body.len().to_string()),
        ]);
        assert_eq!(heard.level, Level::WARN);
    }
}

#[tokio::test]
async fn each_refusal_of_a_delivery_in_pieces() {
    let ear = Ear::open();
    for (name, value, pass_s, body, code) in REFUSALS {
        let rig = small();
        let headers = changed(&signed(&rig), name, value);
        rig.wait(pass_s);
        let refused = rig
            .receiver
            .begin(IncomingHead::new(headers))
            .and_then(|mut intake| {
                for byte in body {
                    if let Err(receipt) = intake.update(&[*byte]) {
                        let again = intake.update(&[*byte]).unwrap_err();
                        assert_eq!(again.code(), receipt.code());
                        return Err(receipt);
                    }
                }
                intake.verify().map(drop)
            });
        let receipt = refused.unwrap_err();
        let status = receipt.status().to_string();
        let heard = ear.one(&[("code", code), ("claim", "none"), ("status", &status)]);
        let is_of_the_head = [
            "MISSING_SIGNATURE_HEADERS",
            "MALFORMED_SIGNATURE",
            "UNSUPPORTED_SCHEME",
            "INVALID_TIMESTAMP",
        ]
        .contains(&code);
        assert_eq!(
            heard.fields["body_bytes"] == "0",
            is_of_the_head,
            "{heard:?}"
        );
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_before_the_body_is_there() {
    let ear = Ear::open();
    let rig = small();
    let headers = signed(&rig).headers().to_vec();
    let mut intake = rig.receiver.begin(IncomingHead::new(headers)).unwrap();
    intake.update(&BODY[..5]).unwrap();
    drop(intake);
    let heard = ear.one(&[
        ("code", "BODY_INCOMPLETE"),
        ("status", ""),
        ("body_bytes", "5"),
    ]);
    assert_eq!(heard.level, Level::WARN);
}

#[tokio::test]
async fn a_body_that_breaks_off_or_does_not_come() {
    let ear = Ear::open();
    let rig = rig_with(
        OPENPOLY,
        MemoryStore::with_capacity(10),
        clock(),
        |builder| builder.body_timeout(Duration::from_millis(20)),
    );
    let told = [
        ("code", "BODY_INCOMPLETE"),
        ("status", "408"),
        ("body_bytes", "5"),
    ];
    for breaks in [true, false] {
        let headers = signed(&rig).headers().to_vec();
        let intake = rig.receiver.begin(IncomingHead::new(headers)).unwrap();
        let mut first = Some(Ok(&BODY[..5]));
        let refused = intake
            .read(|_| match (first.take(), breaks) {
                (Some(chunk), _) => Poll::Ready(Some(chunk)),
                (None, true) => Poll::Ready(Some(Err("the line broke"))),
                (None, false) => Poll::Pending,
            })
            .await;
        assert_eq!(refused.map(drop).unwrap_err().status(), 408);
        ear.one(&told);
    }
}

#[tokio::test]
async fn one_that_is_verified_and_never_processed() {
    let ear = Ear::open();
    let rig = small();
    let signed = signed(&rig);
    let mut intake = rig
        .receiver
        .begin(IncomingHead::new(signed.headers().to_vec()))
        .unwrap();
    intake.update(BODY).unwrap();
    drop(intake.verify().unwrap());
    let heard = ear.one(&[
        ("code", "UNCLAIMED"),
        ("claim", "none"),
        ("status", ""),
        ("key_name", "current"),
        ("skew_ms", "0"),
    ]);
    assert_eq!(heard.level, Level::INFO);

    let _ = rig.receive(incoming(&signed)).await;
    ear.one(&[("code", "OK"), ("claim", "fresh")]);
}
