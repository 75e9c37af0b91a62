//! The route of `benches/load.rs` behind `axum-standardwebhooks`: prints the port that it
//! listens on.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Router, extract::FromRef};
use axum_standardwebhooks::{SharedWebhook, StandardWebhook, Webhook};
use tokio::net::TcpListener;

#[derive(Clone)]
struct App(SharedWebhook);

impl FromRef<App> for SharedWebhook {
    fn from_ref(app: &App) -> Self {
        app.0.clone()
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let webhook = Webhook::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let app = Router::new()
            .route("/", post(handler))
            .with_state(App(SharedWebhook::new(webhook)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap().port());
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        axum::serve(listener, app).await.unwrap();
    });
}

async fn handler(StandardWebhook(body): StandardWebhook<Bytes>) -> StatusCode {
    if body.is_empty() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    }
}
