//! Where the middleware stands.

use std::cell::RefCell;
use std::rc::Rc;

use actix_web::dev::Service;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, HttpRequest, HttpResponse, web};
use countersign::adapter::Endpoints;
use countersign::adapter::actix_web::{VerifiedWebhook, WebhookMiddleware};
use countersign::challenge::Challenges;
use countersign::scheme::catalogue::DROPBOX;

use super::rig::{Rig, Store, on_a_worker, send};

async fn shop(webhook: VerifiedWebhook, shop: web::Path<String>) -> HttpResponse {
    assert!(webhook.event().body().starts_with(b"{"));
    HttpResponse::Accepted()
        .insert_header(("x-shop", shop.into_inner()))
        .finish()
}

/// It stands before routing as well as behind it.
#[test]
fn it_wraps_an_application_a_scope_or_a_resource() {
    on_a_worker(async {
        for place in 0..3 {
            let rig = Rig::new();
            let resource = web::resource("/{shop}");
            let scope = web::scope("/webhooks");
            let answered = match place {
                0 => {
                    let scope = scope.service(resource.to(shop));
                    let app = init_service(App::new().service(scope).wrap(rig.middleware())).await;
                    send(&app, rig.payment().uri("/webhooks/s1").to_request()).await
                }
                1 => {
                    let scope = scope.wrap(rig.middleware()).service(resource.to(shop));
                    let app = init_service(App::new().service(scope)).await;
                    send(&app, rig.payment().uri("/webhooks/s1").to_request()).await
                }
                _ => {
                    let scope = scope.service(resource.wrap(rig.middleware()).to(shop));
                    let app = init_service(App::new().service(scope)).await;
                    send(&app, rig.payment().uri("/webhooks/s1").to_request()).await
                }
            };
            assert_eq!(answered.verdict(), (202, "OK"));
            assert_eq!(answered.headers.get("x-shop").unwrap(), "s1");
            assert!(!answered.is_error);
        }
    });
}

/// Whoever stands further out may keep the request, as loggers do.
#[test]
fn the_request_may_be_held_by_others() {
    on_a_worker(async {
        let rig = Rig::new();
        let kept: Rc<RefCell<Vec<HttpRequest>>> = Rc::default();
        let keep = Rc::clone(&kept);
        let resource = web::resource("/{shop}")
            .wrap(rig.middleware())
            .wrap_fn(move |request, inner| {
                keep.borrow_mut().push(request.request().clone());
                inner.call(request)
            })
            .to(shop);
        let app = init_service(App::new().service(resource)).await;
        for code in ["OK", "DUPLICATE_EVENT_ID"] {
            let answered = send(&app, rig.payment().uri("/s1").to_request()).await;
            assert_eq!(answered.verdict().1, code);
        }
        let header = "x-mutopay-signature";
        assert!(
            kept.borrow()
                .iter()
                .all(|kept| kept.headers().contains_key(header))
        );
    });
}

#[test]
fn rule_11_a_path_that_no_receiver_has_is_answered_404() {
    on_a_worker(async {
        let rig = Rig::new();
        let endpoints = Endpoints::<Store>::under("/webhooks").with("shop", rig.receiver.clone());
        let app = App::new()
            .default_service(web::to(|_: VerifiedWebhook| async {
                HttpResponse::Ok().finish()
            }))
            .wrap(WebhookMiddleware::new(endpoints));
        let app = init_service(app).await;
        for (path, verdict) in [
            ("/webhooks/other", (404, "no receipt")),
            ("/shop", (404, "no receipt")),
            ("/webhooks/shop", (200, "OK")),
        ] {
            let answered = send(&app, rig.payment().uri(path).to_request()).await;
            assert_eq!(answered.verdict(), verdict, "{path}");
            assert!(answered.body.is_empty());
        }
    });
}

/// Its resource takes POST only.
#[test]
fn rule_13_a_challenge_by_get_is_answered_before_routes_are_chosen() {
    on_a_worker(async {
        let rig = Rig::with(DROPBOX, |builder| builder.challenges(Challenges::new()));
        let resource = web::resource("/dropbox")
            .wrap(rig.middleware())
            .route(web::post().to(HttpResponse::Ok));
        let app = init_service(App::new().service(resource)).await;
        let request = TestRequest::get().uri("/dropbox?challenge=abc123");
        let answered = send(&app, request.to_request()).await;
        assert_eq!(answered.verdict(), (200, "CHALLENGE_ANSWERED"));
        assert_eq!(answered.body, "abc123");
        let nosniff = answered.headers.get("x-content-type-options").unwrap();
        assert_eq!(nosniff, "nosniff");
        assert!(!answered.is_error);
    });
}
