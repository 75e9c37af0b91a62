//! Through the tower layer: the inner service reads the file as a body like any other.

use bytes::Bytes;
use countersign::adapter::tower::{VerifiedBody, WebhookLayer};
use countersign::{Event, Receipt};
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use std::fs::OpenOptions;
use tower::{Layer, ServiceExt, service_fn};

use super::rig::{IN_MEMORY, Rig, body, rig};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn request(rig: &Rig, sent: &[u8]) -> Request<Full<Bytes>> {
    let signed = rig.sign(sent);
    let headers = signed.headers().iter();
    let request = headers.fold(Request::post("/"), |request, (name, value)| {
        request.header(name, value)
    });
    let sent = Bytes::copy_from_slice(signed.body());
    request.body(Full::new(sent)).unwrap()
}

#[tokio::test]
async fn the_inner_service_gets_the_very_bytes() {
    for bytes in [0, 1000, IN_MEMORY, IN_MEMORY + 1, 3 * IN_MEMORY + 17] {
        let rig = rig();
        let sent = body(bytes);
        let expected = sent.clone();
        let service = service_fn(move |request: Request<VerifiedBody>| {
            let expected = expected.clone();
            async move {
                let is_spooled = request
                    .extensions()
                    .get::<Event>()
                    .unwrap()
                    .spooled()
                    .is_some();
                assert_eq!(is_spooled, expected.len() > IN_MEMORY);
                let mut body = request.into_body();
                let mut left = expected.len();
                assert_eq!(body.size_hint().exact(), Some(left as u64));
                assert_eq!(body.is_end_stream(), left == 0);
                while let Some(frame) = body.frame().await {
                    let data = frame.unwrap().into_data().unwrap();
                    let at = expected.len() - left;
                    assert!(data == expected[at..at + data.len()]);
                    left -= data.len();
                    assert_eq!(body.size_hint().exact(), Some(left as u64));
                }
                assert_eq!(left, 0);
                assert!(body.is_end_stream());
                Ok::<_, BoxError>(Response::new(Full::<Bytes>::default()))
            }
        });
        let service = WebhookLayer::new(rig.receiver.clone()).layer(service);
        let response = service.oneshot(request(&rig, &sent)).await.unwrap();
        assert_eq!(response.status(), 200, "{bytes}");
        drop(response);
        rig.nothing_is_held().await;
    }
}

/// Damages the one file of the folder that this process holds.
fn cut_short(folder: &std::path::Path) {
    let fds = std::fs::read_dir("/proc/self/fd").unwrap();
    let file = fds
        .map(|entry| entry.unwrap().path())
        .find(|fd| std::fs::read_link(fd).is_ok_and(|to| to.starts_with(folder)));
    let file = OpenOptions::new().write(true).open(file.unwrap()).unwrap();
    file.set_len(1000).unwrap();
}

/// A framework answers 400 where a body breaks off; here that is our own disk's fault.
#[tokio::test]
async fn a_file_that_cannot_be_read_makes_the_sender_retry() {
    let rig = rig();
    let held = rig.path().to_owned();
    let service = service_fn(move |request: Request<VerifiedBody>| {
        let held = held.clone();
        async move {
            cut_short(&held);
            let status = match request.into_body().collect().await {
                Ok(_) => StatusCode::OK,
                Err(_) => StatusCode::BAD_REQUEST,
            };
            let response = Response::builder().status(status);
            response.body(Full::<Bytes>::default())
        }
    });
    let service = WebhookLayer::new(rig.receiver.clone()).layer(service);
    let request = request(&rig, &body(2 * IN_MEMORY));
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 503);
    let receipt = response.extensions().get::<Receipt>().unwrap();
    assert_eq!(receipt.code().unwrap().as_str(), "HANDLER_FAILED");
}

async fn parsed(body: Vec<u8>, truncate: bool) -> (StatusCode, Rig) {
    use countersign::adapter::axum::VerifiedJson;

    let rig = rig();
    let held = rig.path().to_owned();
    let cut = axum::middleware::from_fn(move |request, next: axum::middleware::Next| {
        let held = held.clone();
        async move {
            if truncate {
                cut_short(&held);
            }
            next.run(request).await
        }
    });
    let handler = |json: VerifiedJson<Value>| async move {
        assert_eq!(json.value()["kind"], "large");
        let padding = json.value()["padding"].as_str().unwrap();
        assert!(padding.len() > IN_MEMORY);
        StatusCode::OK
    };
    let route = axum::routing::post(handler);
    let router = axum::Router::new().route("/", route).layer(cut);
    let router = router.layer(WebhookLayer::new(rig.receiver.clone()));
    let response = router.oneshot(request(&rig, &body)).await.unwrap();
    (response.status(), rig)
}

fn json() -> Vec<u8> {
    let padding = "x".repeat(2 * IN_MEMORY);
    format!(r#"{{"kind":"large","padding":"{padding}"}}"#).into()
}

#[tokio::test]
async fn json_is_parsed_from_the_file() {
    assert_eq!(parsed(json(), false).await.0, StatusCode::OK);
}

#[tokio::test]
async fn json_that_cannot_be_read_makes_the_sender_retry() {
    let (status, rig) = parsed(json(), true).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    rig.nothing_is_held().await;
}
