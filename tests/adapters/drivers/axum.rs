//! axum: its extractors behind the layer, and alone.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, post};
use bytes::Bytes;
use countersign::adapter::axum::VerifiedWebhook;
use countersign::adapter::tower::WebhookLayer;
use countersign::{Receipt, Receiver, Unclaimed};
use http::HeaderMap;
use http_body_util::BodyExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::adapters::application::Delivered;
use crate::adapters::driver::{Driver, Receivers, Server, Site, Store, printed_again};

/// The extractor behind the layer.
pub(crate) struct Layered;

/// The extractor alone, with the receiver from the state.
pub(crate) struct Alone;

impl Driver for Layered {
    async fn serve(site: Arc<Site>) -> Server {
        let handler = {
            let site = Arc::clone(&site);
            move |webhook: VerifiedWebhook, headers: HeaderMap, body: Bytes| async move {
                let event = webhook.into_event();
                let answer = site
                    .run(Delivered {
                        event,
                        headers,
                        body,
                    })
                    .await;
                let mut response = Response::new(Body::from(answer.body));
                *response.status_mut() = answer.status.try_into().unwrap();
                if !answer.content_type.is_empty() {
                    let kind = answer.content_type.parse().unwrap();
                    response.headers_mut().insert("content-type", kind);
                }
                response
            }
        };
        let route = post(handler).layer(WebhookLayer::new(site.receivers.endpoints()));
        listen(Router::new().fallback_service(route), site).await
    }
}

impl Driver for Alone {
    async fn serve(site: Arc<Site>) -> Server {
        let route = |receiver: &Receiver<Store>| -> MethodRouter {
            let site = Arc::clone(&site);
            let handler = move |headers: HeaderMap, webhook: VerifiedWebhook<Unclaimed<Store>>| {
                alone(site, headers, webhook)
            };
            // Challenges come by GET and HEAD too.
            any(handler).with_state(receiver.clone())
        };
        let router = match &site.receivers {
            Receivers::Every(receiver) => Router::new().fallback_service(route(receiver)),
            Receivers::Under(prefix, named) => {
                named
                    .iter()
                    .fold(Router::new(), |router, (name, receiver)| {
                        let path = format!("{prefix}/{name}");
                        router
                            .route(&format!("{path}/{{*rest}}"), route(receiver))
                            .route(&path, route(receiver))
                    })
            }
        };
        listen(router, site).await
    }
}

async fn alone(
    site: Arc<Site>,
    headers: HeaderMap,
    webhook: VerifiedWebhook<Unclaimed<Store>>,
) -> Response {
    webhook
        .process(|event| async move {
            let body = Bytes::copy_from_slice(event.body());
            let delivered = Delivered {
                event,
                headers,
                body,
            };
            site.run(delivered).await.settled()
        })
        .await
}

/// Serves a router, and notes the receipts.
pub(crate) async fn listen(router: Router, site: Arc<Site>) -> Server {
    let router = router.layer(middleware::from_fn_with_state(site, around));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = axum::serve(listener, router).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    let serving = tokio::spawn(serving.into_future());
    Server {
        address,
        stop: Box::pin(async move {
            drop(stop);
            serving.await.unwrap().unwrap();
        }),
    }
}

/// What stands around the adapter.
async fn around(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let request = if site.prints_json_again {
        let (parts, body) = request.into_parts();
        let body = printed_again(&body.collect().await.unwrap().to_bytes());
        Request::from_parts(parts, body.into())
    } else {
        request
    };
    let response = next.run(request).await.into_response();
    site.note(response.extensions().get::<Receipt>());
    response
}
