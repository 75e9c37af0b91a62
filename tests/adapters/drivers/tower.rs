//! The layer on hyper, without a framework.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use countersign::adapter::tower::{ResponseBody, VerifiedBody, WebhookLayer};
use countersign::{Event, Receipt};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::{Layer, ServiceExt};

use crate::adapters::application::Delivered;
use crate::adapters::driver::{Driver, Server, Site, printed_again};

pub(crate) struct Tower;

impl Driver for Tower {
    async fn serve(site: Arc<Site>) -> Server {
        let layer = WebhookLayer::new(site.receivers.endpoints());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(());
        let serving = tokio::spawn(accept(listener, layer, site, stopped));
        Server {
            address,
            stop: Box::pin(async move {
                drop(stop);
                serving.await.unwrap();
            }),
        }
    }
}

type Store = crate::adapters::driver::Store;

async fn accept(
    listener: TcpListener,
    layer: WebhookLayer<Store>,
    site: Arc<Site>,
    mut stopped: watch::Receiver<()>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted.unwrap();
                connections.spawn(connection(stream, layer.clone(), Arc::clone(&site), stopped.clone()));
            }
            _ = stopped.changed() => break,
        }
    }
    drop(listener);
    connections.join_all().await;
}

async fn connection(
    stream: TcpStream,
    layer: WebhookLayer<Store>,
    site: Arc<Site>,
    mut stopped: watch::Receiver<()>,
) {
    let service = service_fn(move |request| respond(request, layer.clone(), Arc::clone(&site)));
    let server = auto::Builder::new(TokioExecutor::new());
    let connection = server.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // How a connection ended is the client's affair.
    tokio::select! {
        ended = connection.as_mut() => drop(ended),
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            drop(connection.await);
        }
    }
}

async fn respond(
    request: Request<Incoming>,
    layer: WebhookLayer<Store>,
    site: Arc<Site>,
) -> Result<Response<ResponseBody>, Infallible> {
    let inner = Arc::clone(&site);
    let service = layer.layer(tower::service_fn(move |request| {
        answer(request, Arc::clone(&inner))
    }));
    let response = if site.prints_json_again {
        let (parts, body) = request.into_parts();
        let body = printed_again(&body.collect().await.unwrap().to_bytes());
        let request = Request::from_parts(parts, Full::<Bytes>::from(body));
        service.oneshot(request).await
    } else {
        service.oneshot(request).await
    };
    if let Ok(response) = &response {
        site.note(response.extensions().get::<Receipt>());
    }
    response
}

/// The inner service.
async fn answer(
    request: Request<VerifiedBody>,
    site: Arc<Site>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (mut parts, body) = request.into_parts();
    let delivered = Delivered {
        event: parts.extensions.remove::<Event>().unwrap(),
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    };
    let answer = site.run(delivered).await;
    let mut response = Response::builder().status(answer.status);
    if !answer.content_type.is_empty() {
        response = response.header("content-type", answer.content_type);
    }
    Ok(response.body(Full::from(answer.body)).unwrap())
}
