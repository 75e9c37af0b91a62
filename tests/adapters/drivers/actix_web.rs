//! The middleware of actix-web, and its extractor alone; on two workers.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer, web};
use countersign::adapter::actix_web::{VerifiedWebhook, WebhookMiddleware, WebhookRejection};
use countersign::{Receipt, Unclaimed};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::adapters::application::Delivered;
use crate::adapters::driver::{Driver, Receivers, Server, Site, Store, printed_again};

/// The middleware.
pub(crate) struct Layered;

/// The extractor, without the middleware.
pub(crate) struct Alone;

/// Serves an application on two workers, over HTTP/1.1 and HTTP/2.
macro_rules! serve {
    ($application:expr) => {{
        let server = HttpServer::new($application)
            .workers(2)
            .disable_signals()
            .bind_auto_h2c("127.0.0.1:0")
            .unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Server {
            address,
            stop: Box::pin(async move { handle.stop(true).await }),
        }
    }};
}

impl Driver for Layered {
    async fn serve(site: Arc<Site>) -> Server {
        let webhooks = WebhookMiddleware::new(site.receivers.endpoints());
        serve!(move || {
            App::new()
                .app_data(web::Data::from(Arc::clone(&site)))
                .default_service(web::to(answer))
                .wrap(webhooks.clone())
                .wrap(from_fn(around))
        })
    }
}

impl Driver for Alone {
    async fn serve(site: Arc<Site>) -> Server {
        serve!(move || {
            let resources = match &site.receivers {
                Receivers::Every(receiver) => vec![("/{any}*".to_owned(), receiver)],
                Receivers::Under(prefix, named) => {
                    let path = |name| format!("{prefix}/{name}{{any}}*");
                    let named = named.iter();
                    named
                        .map(|(name, receiver)| (path(name), receiver))
                        .collect()
                }
            };
            let app = App::new().app_data(web::Data::from(Arc::clone(&site)));
            let app = resources.into_iter().fold(app, |app, (path, receiver)| {
                let receiver = web::Data::new(receiver.clone());
                app.service(web::resource(path).app_data(receiver).to(process))
            });
            app.wrap(from_fn(around))
        })
    }
}

/// Before and after the adapter.
async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let site = request.app_data::<web::Data<Site>>().unwrap().clone();
    if site.prints_json_again {
        let body = request.extract::<web::Bytes>().await?;
        request.set_payload(Payload::from(printed_again(&body)));
    }
    let response = next.call(request).await;
    match &response {
        Ok(response) => site.note(response.response().extensions().get::<Receipt>()),
        Err(error) => site.note(
            error
                .as_error::<WebhookRejection>()
                .and_then(WebhookRejection::receipt),
        ),
    }
    response
}

/// The inner service of the middleware.
async fn answer(
    request: HttpRequest,
    payload: web::Payload,
    webhook: VerifiedWebhook,
    site: web::Data<Site>,
) -> HttpResponse {
    let delivered = Delivered {
        headers: headers(&request),
        body: payload.to_bytes().await.unwrap(),
        event: webhook.into_event(),
    };
    let answer = site.run(delivered).await;
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.status).unwrap());
    if !answer.content_type.is_empty() {
        response.content_type(answer.content_type);
    }
    response.body(answer.body)
}

/// The handler of the extractor alone.
async fn process(
    request: HttpRequest,
    webhook: VerifiedWebhook<Unclaimed<Store>>,
    site: web::Data<Site>,
) -> HttpResponse {
    let headers = headers(&request);
    webhook
        .process(move |event| async move {
            let body = event.body().to_vec().into();
            let delivered = Delivered {
                event,
                headers,
                body,
            };
            site.run(delivered).await.settled()
        })
        .await
}

fn headers(request: &HttpRequest) -> HeaderMap {
    request
        .headers()
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_bytes(name.as_ref()).unwrap(),
                HeaderValue::from_bytes(value.as_ref()).unwrap(),
            )
        })
        .collect()
}
