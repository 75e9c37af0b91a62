//! The extractors, behind the middleware and alone.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::rc::Rc;

use actix_web::test::init_service;
use actix_web::{App, HttpResponse, web};
use countersign::Reply;
use countersign::adapter::actix_web::{VerifiedJson, VerifiedWebhook, WebhookRejection};

use super::rig::{Alone, PAYMENT, Rig, on_a_worker, send};

type Texts = BTreeMap<String, String>;

#[test]
fn rule_15_without_the_middleware_or_a_receiver_no_handler_runs() {
    on_a_worker(async {
        let rig = Rig::new();
        let ran = || async { HttpResponse::Ok().body("ran") };
        let app = App::new()
            .route("/webhook", web::post().to(move |_: VerifiedWebhook| ran()))
            .route("/json", web::post().to(move |_: VerifiedJson<Texts>| ran()))
            .route("/alone", web::post().to(move |_: Alone| ran()));
        let app = init_service(app).await;
        for path in ["/webhook", "/json", "/alone"] {
            let answered = send(&app, rig.payment().uri(path).to_request()).await;
            assert_eq!(answered.verdict(), (500, "no receipt"), "{path}");
            assert!(answered.body.is_empty(), "{path}");
        }
        assert!(rig.store.is_empty());
    });
}

/// A genuine event that is no map of texts, and holds a word that nobody is to be told.
const OTHER: &[u8] = br#"{"payment_id":"p2","event":"payment.completed","notes":["hidden"]}"#;

#[test]
fn rule_16_a_genuine_body_of_another_shape_is_refused_for_good() {
    on_a_worker(async {
        let behind = |payment: VerifiedJson<Texts>| async move {
            assert_eq!(payment.event().body(), PAYMENT);
            HttpResponse::Ok().body(payment.into_value()["payment_id"].clone())
        };
        let alone = |webhook: Alone| {
            webhook.process_json(|event, payment: Texts| async move {
                assert_eq!(event.body(), PAYMENT);
                Ok(Reply::new("text/plain", payment["payment_id"].clone()))
            })
        };
        for path in ["/behind", "/alone"] {
            let rig = Rig::new();
            let app = App::new()
                .app_data(rig.data())
                .service(web::resource("/behind").wrap(rig.middleware()).to(behind))
                .service(web::resource("/alone").to(alone));
            let app = init_service(app).await;
            let answered = send(&app, rig.payment().uri(path).to_request()).await;
            assert_eq!(answered.verdict(), (200, "OK"), "{path}");
            assert_eq!(answered.body, "p1", "{path}");

            let answered = send(&app, rig.signed(OTHER).uri(path).to_request()).await;
            assert_eq!(answered.status, 200, "{path}");
            assert!(answered.body.is_empty() && !answered.is_error, "{path}");
            let receipt = answered.receipt.unwrap();
            let error = receipt.handler_error().unwrap();
            let said = format!("{} {receipt:?}", error.source().unwrap());
            assert!(said.contains("(line 1, column "), "{said}");
            assert!(!said.contains("hidden"), "{said}");
            // Done, and never tried again.
            let answered = send(&app, rig.signed(OTHER).uri(path).to_request()).await;
            assert_eq!(answered.verdict(), (200, "DUPLICATE_EVENT_ID"), "{path}");
        }
    });
}

#[test]
fn rule_17_a_delivery_that_is_refused_is_a_rejection() {
    on_a_worker(async {
        let rig = Rig::new();
        let told: Rc<RefCell<Vec<String>>> = Rc::default();
        let tell = Rc::clone(&told);
        let handler = move |webhook: Result<Alone, WebhookRejection>| {
            let tell = Rc::clone(&tell);
            async move {
                let rejection = webhook.map(drop).unwrap_err();
                tell.borrow_mut().push(rejection.to_string());
                Err::<HttpResponse, _>(rejection)
            }
        };
        let app = App::new()
            .app_data(rig.data())
            .route("/", web::post().to(handler));
        let app = init_service(app).await;
        let forged = rig.payment().set_payload(OTHER);
        let answered = send(&app, forged.to_request()).await;
        assert_eq!(answered.verdict(), (401, "INVALID_SIGNATURE"));
        assert!(answered.body.is_empty());
        let told = told.borrow();
        assert!(told[0].contains("signature") && !told[0].contains("hidden"));
        assert!(rig.store.is_empty());
    });
}

#[test]
fn rule_18_nothing_is_claimed_before_process() {
    on_a_worker(async {
        let rig = Rig::new();
        let handler = |webhook: Alone| async move {
            assert_eq!(webhook.event().body(), PAYMENT);
            drop(webhook);
            HttpResponse::Ok().finish()
        };
        let app = App::new()
            .app_data(rig.data())
            .route("/", web::post().to(handler));
        let app = init_service(app).await;
        let answered = send(&app, rig.payment().to_request()).await;
        assert_eq!(answered.verdict(), (200, "no receipt"));
        assert!(rig.store.is_empty());
    });
}

/// What a handler holds need not leave its thread.
#[test]
fn rule_19_process_runs_on_its_workers_thread() {
    on_a_worker(async {
        let rig = Rig::new();
        let runs = Rc::new(RefCell::new(Vec::new()));
        let noted = Rc::clone(&runs);
        let handler = move |webhook: Alone| {
            let noted = Rc::clone(&noted);
            webhook.process(move |event| async move {
                noted.borrow_mut().push(event.attempt());
                Ok(Reply::json(r#"{"taken":true}"#))
            })
        };
        let app = App::new()
            .app_data(rig.data())
            .route("/", web::post().to(handler));
        let app = init_service(app).await;
        for (verdict, body) in [
            ((200, "OK"), r#"{"taken":true}"#),
            ((200, "DUPLICATE_EVENT_ID"), ""),
        ] {
            let answered = send(&app, rig.payment().to_request()).await;
            assert_eq!(
                (answered.verdict(), &answered.body[..]),
                (verdict, body.as_bytes())
            );
        }
        assert_eq!(*runs.borrow(), [1]);
    });
}
