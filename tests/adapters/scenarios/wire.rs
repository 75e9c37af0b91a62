//! Header case, repeated headers, versions of HTTP.

use countersign::scheme::catalogue::MUTOPAY;
use http::Version;

use crate::adapters::driver::Driver;
use crate::adapters::rig::{PAYMENT, Plan, assert_bare};

pub(crate) async fn a_header_is_found_in_any_case<D: Driver>() {
    let rig = Plan::new(MUTOPAY).serve::<D>().await;
    let head = rig.raw(PAYMENT, PAYMENT.len());
    let mut client = rig.connect().await;
    let shouted = head.replace("x-mutopay-signature", "X-MUTOPAY-Signature");
    assert_ne!(shouted, head);
    client.write(shouted).await;
    client.write(PAYMENT).await;
    assert_eq!(client.response().await.unwrap().status, 200);
    assert_eq!(rig.last_code(), "OK");
}

pub(crate) async fn a_repeated_signature_with_another_value_is_ambiguous<D: Driver>() {
    let rig = Plan::new(MUTOPAY).serve::<D>().await;
    let other = format!("sha256={}", "0".repeat(64));
    for first in [true, false] {
        let mut request = rig.signed(PAYMENT);
        let own = request.headers_mut().remove("x-mutopay-signature").unwrap();
        let other = other.parse().unwrap();
        let pair = if first { [own, other] } else { [other, own] };
        for value in pair {
            request.headers_mut().append("x-mutopay-signature", value);
        }
        let response = rig.send(request).await;
        assert_eq!(
            (response.status, rig.last_code()),
            (400, "AMBIGUOUS_HEADER")
        );
        assert_bare(&response);
    }
    assert_eq!(rig.runs(), 0);
    assert!(rig.store.is_empty());
    let mut request = rig.signed(PAYMENT);
    let own = request.headers()["x-mutopay-signature"].clone();
    request.headers_mut().append("x-mutopay-signature", own);
    assert_eq!(rig.send(request).await.status, 200);
}

pub(crate) async fn http_1_and_http_2_come_to_the_same<D: Driver>() {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let rig = Plan::new(MUTOPAY).serve::<D>().await;
        let long = format!(
            r#"{{"payment_id":"p2","event":"e","note":"{}"}}"#,
            "x".repeat(300_000)
        );
        for (body, forged, wanted) in [
            (PAYMENT, false, (200, "OK")),
            (PAYMENT, false, (200, "DUPLICATE_EVENT_ID")),
            (PAYMENT, true, (401, "INVALID_SIGNATURE")),
            (long.as_bytes(), false, (200, "OK")),
        ] {
            let mut request = rig.signed(body);
            *request.version_mut() = version;
            if forged {
                *request.body_mut() = "{}".into();
            }
            let response = rig.send(request).await;
            assert_eq!((response.status, rig.last_code()), wanted, "{version:?}");
            assert_bare(&response);
        }
        assert_eq!(rig.runs(), 2);
        assert_eq!(rig.last_delivered().body, long);
    }
}
