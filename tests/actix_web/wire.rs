//! Rule 5: the very same bytes.

use actix_web::test::init_service;
use actix_web::web::{self, Bytes, Payload, PayloadConfig};
use actix_web::{App, HttpResponse};
use countersign::adapter::actix_web::VerifiedWebhook;
use countersign::scheme::catalogue::CAL_COM;
use countersign::{OutagePolicy, Reply};

use super::rig::{Alone, PAYMENT, Rig, on_a_worker, send};

/// [`PAYMENT`], compressed.
const GZIP: &[u8] = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x2a\x48\xac\xcc\x4d\xcd\x2b\
    \x89\xcf\x4c\x51\xb2\x52\x2a\x30\x54\xd2\x51\x4a\x2d\x03\xf2\x41\x1c\x88\x8c\x5e\x72\x7e\x6e\
    \x41\x4e\x6a\x49\x6a\x8a\x52\x2d\x00\xae\x5a\x15\xe2\x2f\x00\x00\x00";

/// What the handler saw, as the body of its answer.
async fn event(webhook: VerifiedWebhook) -> Vec<u8> {
    webhook.event().body().to_vec()
}

async fn wire(payload: Payload) -> Bytes {
    payload.to_bytes().await.unwrap()
}

async fn opened(body: Bytes) -> Bytes {
    body
}

async fn alone(webhook: Alone) -> HttpResponse {
    webhook
        .process(|event| async move { Ok(Reply::new("", event.body())) })
        .await
}

/// A scheme that names events by their body's digest takes any bytes.
fn rig() -> Rig {
    Rig::with(CAL_COM, |builder| builder.on_outage(OutagePolicy::AskRetry))
}

#[test]
fn rule_05_a_compressed_body_is_verified_unopened() {
    on_a_worker(async {
        for (path, seen) in [
            ("/event", GZIP),
            ("/wire", GZIP),
            ("/alone", GZIP),
            // The framework's own extractors open what was verified.
            ("/opened", PAYMENT),
        ] {
            let rig = rig();
            let middleware = || rig.middleware();
            let app = App::new()
                .app_data(rig.data())
                .service(web::resource("/event").wrap(middleware()).to(event))
                .service(web::resource("/wire").wrap(middleware()).to(wire))
                .service(web::resource("/opened").wrap(middleware()).to(opened))
                .service(web::resource("/alone").to(alone));
            let app = init_service(app).await;
            let gzip = ("content-encoding", "gzip");

            // Signed over what came out of the compression: not what came over the wire.
            let other = rig.signed(PAYMENT).set_payload(GZIP).uri(path);
            let answered = send(&app, other.insert_header(gzip).to_request()).await;
            assert_eq!(answered.verdict(), (401, "INVALID_SIGNATURE"), "{path}");

            let request = rig.signed(GZIP).uri(path).insert_header(gzip);
            let answered = send(&app, request.to_request()).await;
            assert_eq!(answered.verdict(), (200, "OK"), "{path}");
            assert_eq!(answered.body, seen, "{path}");
        }
    });
}

#[test]
fn rule_05_the_frameworks_limit_of_a_body_does_not_hold_for_the_event() {
    on_a_worker(async {
        let rig = rig();
        let app = App::new()
            .app_data(rig.data())
            .app_data(PayloadConfig::new(10))
            .service(web::resource("/event").wrap(rig.middleware()).to(event))
            .service(web::resource("/alone").to(alone));
        let app = init_service(app).await;
        for (path, byte) in [("/event", b'e'), ("/alone", b'a')] {
            let body = vec![byte; 300_000];
            let answered = send(&app, rig.signed(&body).uri(path).to_request()).await;
            assert_eq!(answered.verdict(), (200, "OK"), "{path}");
            assert_eq!(answered.body, body, "{path}");
        }
    });
}
