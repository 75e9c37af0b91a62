//! Names in the path, registered URLs, and keys that change.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign::scheme::catalogue::{MUTOPAY, SQUARE};
use countersign::{KeyRing, Outgoing};
use http::Version;
use tokio::task::JoinSet;

use crate::adapters::driver::{Driver, Receivers};
use crate::adapters::rig::{PAYMENT, Plan, assert_bare, request, secret};

pub(crate) async fn a_name_in_the_path_that_nobody_has_is_answered_404<D: Driver>() {
    let plan = Plan::new(MUTOPAY);
    let receiver = |name: &'static str, cap| {
        let receiver = plan.receiver(
            |builder| builder.body_limit(cap),
            |builder| builder.endpoint(name),
        );
        (name, receiver)
    };
    let named = vec![receiver("small", 10), receiver("large", 1000)];
    let rig = plan
        .serve_these::<D>(Receivers::Under("/webhooks", named))
        .await;
    for (path, wanted) in [
        ("/webhooks/other", 404),
        ("/webhooks", 404),
        ("/webhooks/", 404),
        ("/", 404),
        ("/webhookslarge", 404),
        ("/elsewhere/large", 404),
        ("/webhooks/Large", 404),
        ("/webhooks/small", 413),
        ("/webhooks/large", 200),
        ("/webhooks/large/payments?test=1", 200),
    ] {
        let mut request = rig.signed(PAYMENT);
        *request.uri_mut() = path.parse().unwrap();
        let response = rig.send(request).await;
        assert_eq!(response.status, wanted, "{path}");
        assert_bare(&response);
    }
    assert_eq!((rig.last_code(), rig.runs()), ("DUPLICATE_EVENT_ID", 1));
}

pub(crate) async fn the_url_that_is_signed_is_the_registered_one<D: Driver>() {
    let plan = Plan::new(SQUARE);
    let registered = "https://receiver.test/square";
    let receiver = plan.receiver(
        |builder| builder.registered_url(registered),
        |builder| builder,
    );
    let rig = plan.serve_these::<D>(Receivers::Every(receiver)).await;
    let body = br#"{"event_id":"e1"}"#;
    for version in [Version::HTTP_11, Version::HTTP_2] {
        for (url, wanted) in [
            ("https://evil.test/square", (401, "INVALID_SIGNATURE")),
            (registered, (200, "OK")),
        ] {
            let mut request = request(&rig.sign(&Outgoing::new(body).url(url)));
            for name in ["host", "x-forwarded-host", "x-original-host"] {
                // HTTP/2 says the host elsewhere.
                if version == Version::HTTP_11 || name != "host" {
                    let forged = "evil.test".parse().unwrap();
                    request.headers_mut().insert(name, forged);
                }
            }
            *request.uri_mut() = "/square".parse().unwrap();
            *request.version_mut() = version;
            let response = rig.send(request).await;
            let code = rig.last_code().replace("DUPLICATE_EVENT_ID", "OK");
            assert_eq!((response.status, code.as_str()), wanted, "{url}");
        }
    }
    assert_eq!(rig.runs(), 1);
}

pub(crate) async fn no_request_meets_a_missing_ring_while_keys_are_swapped<D: Driver>() {
    let plan = Plan::new(MUTOPAY);
    let receiver = plan.receiver(|builder| builder, |builder| builder);
    let rig = plan
        .serve_these::<D>(Receivers::Every(receiver.clone()))
        .await;
    let rig = Arc::new(rig);
    let ring = |names: [&str; 2]| {
        names.into_iter().fold(KeyRing::new(), |ring, name| {
            ring.with_secret(secret(name)).unwrap()
        })
    };
    let rings = [ring(["old", "current"]), ring(["current", "new"])];
    let is_over = Arc::new(AtomicBool::new(false));
    let swapping = {
        let is_over = Arc::clone(&is_over);
        tokio::spawn(async move {
            let mut swaps = 0;
            while swaps < 2 || !is_over.load(Ordering::SeqCst) {
                for ring in &rings {
                    receiver.set_keys(ring).unwrap();
                    tokio::task::yield_now().await;
                    swaps += 1;
                }
            }
            swaps
        })
    };
    let mut senders = JoinSet::new();
    for sender in 0..4 {
        let rig = Arc::clone(&rig);
        senders.spawn(async move {
            for payment in 0..40 {
                let body = format!(r#"{{"payment_id":"{sender}-{payment}","event":"e"}}"#);
                let response = rig.send(rig.signed(body.as_bytes())).await;
                assert_eq!(response.status, 200, "{body}");
            }
        });
    }
    senders.join_all().await;
    is_over.store(true, Ordering::SeqCst);
    assert!(swapping.await.unwrap() > 10);
    assert_eq!(rig.runs(), 160);
    // The last ring stands.
    for (name, status) in [("old", 401), ("new", 200)] {
        let signed = rig.sign_as(name, &Outgoing::new(PAYMENT));
        assert_eq!(rig.send(request(&signed)).await.status, status, "{name}");
    }
}
