//! The rules of `countersign::adapter::axum` that the table does not reach.

use std::error::Error;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use countersign::adapter::axum::{VerifiedJson, VerifiedWebhook, WebhookRejection};
use countersign::adapter::tower::WebhookLayer;
use countersign::scheme::catalogue::{MUTOPAY, SQUARE};
use countersign::{HandlerError, Outgoing, Receiver, Reply, Unclaimed};
use http::StatusCode;
use tower::ServiceExt;

use super::driver::{Receivers, Store};
use super::drivers::axum::listen;
use super::rig::{PAYMENT, Plan, Rig, assert_bare, request};

/// Serves a router over a receiver with its defaults.
async fn serve(plan: Plan, router: impl FnOnce(Receiver<Store>) -> Router) -> Rig {
    let receiver = plan.receiver(|builder| builder, |builder| builder);
    let router = router(receiver.clone());
    plan.serve_by(Receivers::Every(receiver), |site| listen(router, site))
        .await
}

#[derive(serde::Deserialize)]
struct Payment {
    payment_id: String,
    amount: Option<u32>,
}

#[tokio::test]
async fn rule_2_without_the_layer_no_handler_runs() {
    let router = |_| {
        Router::new()
            .route("/", post(async |_: VerifiedWebhook| StatusCode::OK))
            .route(
                "/json",
                post(async |_: VerifiedJson<Payment>| StatusCode::OK),
            )
    };
    let rig = serve(Plan::new(MUTOPAY), router).await;
    for path in ["/", "/json"] {
        let mut request = rig.signed(PAYMENT);
        *request.uri_mut() = path.parse().unwrap();
        let response = rig.send(request).await;
        assert_eq!(response.status, 500);
        assert_bare(&response);
    }
    // It says so on this side, and to those who listen.
    let told = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&told);
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || Told(Arc::clone(&written)))
        .finish();
    let listening = tracing::subscriber::set_default(subscriber);
    let request = rig.signed(PAYMENT);
    let receiver = Plan::new(MUTOPAY).receiver(|builder| builder, |builder| builder);
    let response = router(receiver).oneshot(request).await.unwrap();
    let rejection = response.extensions().get::<WebhookRejection>().unwrap();
    assert!(rejection.receipt().is_none());
    assert!(
        rejection.to_string().contains("WebhookLayer"),
        "{rejection}"
    );
    drop(listening);
    let told = String::from_utf8(told.lock().unwrap().clone()).unwrap();
    assert!(
        told.contains("ERROR countersign") && told.contains("layer"),
        "{told}"
    );
}

/// What a subscriber writes.
struct Told(Arc<Mutex<Vec<u8>>>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn rules_3_and_8_json_of_another_shape_is_refused_for_good() {
    let runs = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&runs);
    let counted = Arc::clone(&runs);
    let rig = serve(Plan::new(MUTOPAY), |receiver| {
        let layer = WebhookLayer::new(receiver.clone());
        let layered = async move |webhook: VerifiedJson<Payment>| {
            assert_eq!(webhook.event().scheme(), "mutopay");
            counted.fetch_add(webhook.value().amount.unwrap(), Ordering::SeqCst);
            assert_eq!(webhook.into_value().payment_id, "p9");
        };
        let alone = async move |webhook: VerifiedWebhook<Unclaimed<Store>>| {
            webhook
                .process_json(async move |event, payment: Payment| {
                    assert_eq!(event.scheme(), "mutopay");
                    assert_eq!(payment.payment_id, "p9");
                    count.fetch_add(payment.amount.unwrap(), Ordering::SeqCst);
                    Ok(Reply::empty())
                })
                .await
        };
        Router::new()
            .route("/layered", post(layered).layer(layer))
            .route("/alone", post(alone))
            .with_state(receiver)
    })
    .await;
    for (path, event) in [("/layered", "e1"), ("/alone", "e2")] {
        let send = async |body: String| {
            let mut request = rig.signed(body.as_bytes());
            *request.uri_mut() = path.parse().unwrap();
            rig.send(request).await
        };
        let other = format!(
            "{{\"payment_id\":\"p1\",\n\"event\":\"{event}\",\"amount\":\"a lot of words\"}}"
        );
        let response = send(other.clone()).await;
        assert_eq!((response.status, rig.last_code()), (200, "EVENT_REFUSED"));
        assert_bare(&response);
        let receipt = rig.last_receipt();
        let why = receipt
            .handler_error()
            .unwrap()
            .source()
            .unwrap()
            .to_string();
        assert_eq!(
            why,
            "the body is JSON, but not of the type that was asked for (line 2, column 38)"
        );
        assert!(!format!("{receipt:?}").contains("words"));
        assert_eq!(send(other).await.status, 200);
        assert_eq!(rig.last_code(), "DUPLICATE_EVENT_ID");
        let good = format!(r#"{{"payment_id":"p9","event":"{event}","amount":7}}"#);
        assert_eq!(send(good).await.status, 200);
        assert_eq!(rig.last_code(), "OK");
    }
    assert_eq!(runs.load(Ordering::SeqCst), 14);
}

#[tokio::test]
async fn rule_4_the_cap_is_the_receivers() {
    async fn alone(webhook: VerifiedWebhook<Unclaimed<Store>>) -> Response {
        webhook.process(async |_| Ok(Reply::empty())).await
    }
    let rig = serve(Plan::new(MUTOPAY), |receiver| {
        let layer = WebhookLayer::new(receiver.clone());
        Router::new()
            .route("/alone", post(alone))
            .route("/layered", post(async |_: VerifiedWebhook| ()).layer(layer))
            .with_state(receiver)
            .layer(DefaultBodyLimit::max(10))
    })
    .await;
    for (path, code) in [("/alone", "OK"), ("/layered", "DUPLICATE_EVENT_ID")] {
        let mut request = rig.signed(PAYMENT);
        *request.uri_mut() = path.parse().unwrap();
        assert_eq!(rig.send(request).await.status, 200);
        assert_eq!(rig.last_code(), code);
    }
}

#[tokio::test]
async fn rule_5_a_refused_delivery_is_a_rejection_that_a_handler_may_look_at() {
    type Extracted = Result<VerifiedWebhook<Unclaimed<Store>>, WebhookRejection>;
    async fn alone(webhook: Extracted) -> Response {
        let rejection = webhook.unwrap_err();
        let receipt = rejection.receipt().unwrap();
        assert_eq!(receipt.code().unwrap().as_str(), "INVALID_SIGNATURE");
        assert_eq!(
            rejection.to_string(),
            receipt.rejection().unwrap().to_string()
        );
        rejection.into_response()
    }
    let rig = serve(Plan::new(MUTOPAY), |receiver| {
        Router::new().route("/", post(alone)).with_state(receiver)
    })
    .await;
    let mut forged = rig.signed(PAYMENT);
    *forged.body_mut() = "{}".into();
    let response = rig.send(forged).await;
    assert_eq!(
        (response.status, rig.last_code()),
        (401, "INVALID_SIGNATURE")
    );
    assert_bare(&response);
}

#[tokio::test]
async fn rule_6_dropped_before_process_it_leaves_no_trace() {
    async fn look(webhook: VerifiedWebhook<Unclaimed<Store>>) -> StatusCode {
        assert_eq!(webhook.event().body(), PAYMENT);
        StatusCode::NO_CONTENT
    }
    async fn process(webhook: VerifiedWebhook<Unclaimed<Store>>) -> Response {
        webhook.process(async |_| Ok(Reply::empty())).await
    }
    let rig = serve(Plan::new(MUTOPAY), |receiver| {
        Router::new()
            .route("/look", post(look))
            .route("/process", post(process))
            .with_state(receiver)
    })
    .await;
    let mut request = rig.signed(PAYMENT);
    *request.uri_mut() = "/look".parse().unwrap();
    assert_eq!(rig.send(request).await.status, 204);
    assert!(rig.store.is_empty());
    let mut request = rig.signed(PAYMENT);
    *request.uri_mut() = "/process".parse().unwrap();
    assert_eq!(rig.send(request).await.status, 200);
    assert_eq!(rig.last_code(), "OK");
    assert_eq!(rig.store.len(), 1);
}

#[tokio::test]
async fn rule_7_what_the_closure_returns_settles() {
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let rig = serve(Plan::new(MUTOPAY), |receiver| {
        let handler = async move |webhook: VerifiedWebhook<Unclaimed<Store>>| {
            webhook
                .process(async move |event| {
                    counted.fetch_add(1, Ordering::SeqCst);
                    match event.attempt() {
                        1 => Err(HandlerError::retry("not yet")),
                        _ => Err(HandlerError::dead_letter("put aside")),
                    }
                })
                .await
        };
        Router::new().route("/", post(handler)).with_state(receiver)
    })
    .await;
    for (status, code) in [
        (503, "HANDLER_FAILED"),
        (200, "EVENT_REFUSED"),
        (200, "DUPLICATE_EVENT_ID"),
    ] {
        let response = rig.pay().await;
        assert_eq!((response.status, rig.last_code()), (status, code));
        assert_bare(&response);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn rule_9_inside_a_nested_router_the_path_has_lost_its_prefix() {
    async fn paid(webhook: VerifiedWebhook<Unclaimed<Store>>) -> Response {
        webhook.process(async |_| Ok(Reply::empty())).await
    }
    let plan = Plan::new(SQUARE);
    let host = "receiver.test";
    let receiver = plan.receiver(
        |builder| builder.insecure_url_from_request([host]),
        |builder| builder,
    );
    let nested = Router::new().route("/square", post(paid));
    let router = Router::new()
        .nest("/webhooks", nested)
        .with_state(receiver.clone());
    let rig = plan
        .serve_by(Receivers::Every(receiver), |site| listen(router, site))
        .await;
    for (signed, wanted) in [("/webhooks/square", 401), ("/square", 200)] {
        let url = format!("https://{host}{signed}");
        let outgoing = Outgoing::new(br#"{"event_id":"e1"}"#).url(&url);
        let mut request = request(&rig.sign(&outgoing));
        *request.uri_mut() = "/webhooks/square".parse().unwrap();
        request.headers_mut().insert("host", host.parse().unwrap());
        assert_eq!(rig.send(request).await.status, wanted, "{signed}");
    }
}

#[tokio::test]
async fn rule_10_what_axum_refuses_itself_is_refused_for_good() {
    let rig = serve(Plan::new(MUTOPAY), |receiver| {
        let layer = WebhookLayer::new(receiver);
        let limited = post(async |_: Bytes| ()).layer(DefaultBodyLimit::max(10));
        Router::new().route("/limited", limited).layer(layer)
    })
    .await;
    for (path, event, said) in [("/limited", "e1", "413"), ("/unknown", "e2", "404")] {
        let body = format!(r#"{{"payment_id":"p1","event":"{event}"}}"#);
        let mut request = rig.signed(body.as_bytes());
        *request.uri_mut() = path.parse().unwrap();
        let response = rig.send(request).await;
        assert_eq!((response.status, rig.last_code()), (200, "EVENT_REFUSED"));
        assert_bare(&response);
        let receipt = rig.last_receipt();
        let why = receipt
            .handler_error()
            .unwrap()
            .source()
            .unwrap()
            .to_string();
        assert!(why.ends_with(said), "{why}");
    }
}
