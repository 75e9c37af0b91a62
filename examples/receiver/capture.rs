//! Refused deliveries, kept for `countersign diagnose`.
//!
//! Kept is what the scheme reads, and no more: its headers, but never the value of one
//! that is the secret itself; the path, and the query only where it is signed; the body.
//! Of challenges nothing is kept, for what they bring may be a secret.

mod copy;
mod folder;
#[cfg(unix)]
mod private;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::adapter::Endpoints;
use countersign::scheme::Scheme;
use countersign::{Code, Delivery, Receipt, challenge};
use serde_json::{Map, Value, json};

use self::copy::Copied;
use self::folder::Folder;
use crate::place::AnyStore;

/// Keeps what receivers refuse.
pub(crate) struct Capture {
    endpoints: Endpoints<AnyStore>,
    folder: Folder,
}

impl Capture {
    pub(crate) fn new(
        endpoints: Endpoints<AnyStore>,
        folder: std::path::PathBuf,
    ) -> std::io::Result<Self> {
        let folder = Folder::open(folder)?;
        Ok(Self { endpoints, folder })
    }

    /// The middleware around the layer, which seals bodies: here a copy is made of what it
    /// reads, and written if it refuses.
    pub(crate) async fn watch(self: Arc<Self>, request: Request, next: Next) -> Response {
        if self.folder.is_full() {
            return next.run(request).await;
        }
        let receiver = self.endpoints.find(request.uri().path());
        let Some(verifier) = receiver.map(|receiver| receiver.verifier()) else {
            return next.run(request).await;
        };
        let (head, body) = request.into_parts();
        let copied = Copied::new(body);
        let body = Body::new(copied.clone());
        let response = next.run(Request::from_parts(head.clone(), body)).await;
        // Neither duplicates nor what a handler failed at: those are genuine.
        let receipt = response.extensions().get::<Receipt>();
        let refused = receipt.filter(|receipt| receipt.rejection().is_some());
        if let Some(code) = refused.and_then(Receipt::code) {
            self.keep(code, verifier.scheme(), &head, copied).await;
        }
        response
    }

    async fn keep(self: Arc<Self>, code: Code, scheme: &Scheme, head: &Parts, body: Copied) {
        // A body that is not known whole cannot be told from another one.
        let body = body.whole().await;
        let body = body.ok_or("its body did not come, or is too long");
        let text = match body.and_then(|body| object(scheme, head, &body)) {
            Ok(object) => object.to_string(),
            Err(why) => return tracing::info!("{code} is not captured: {why}"),
        };
        let name = format!("{code}-{}-", scheme.id);
        let capture = Arc::clone(&self);
        let written = tokio::task::spawn_blocking(move || capture.folder.write(&name, &text)).await;
        match written {
            Ok(Ok(Some(file))) => {
                tracing::info!("{code} captured in {}", file.display());
                if self.folder.is_full() {
                    tracing::warn!("the folder is full: nothing more is captured");
                }
            }
            Ok(Ok(None)) => tracing::warn!("{code} is not captured: there is no room for it"),
            Ok(Err(error)) => tracing::error!("{code} is not captured: {error}"),
            Err(error) => tracing::error!("{code} is not captured: {error}"),
        }
    }
}

/// The delivery as `countersign diagnose --delivery` reads it, or why it is not kept.
fn object(scheme: &Scheme, head: &Parts, body: &[u8]) -> Result<Value, &'static str> {
    let url = head.uri.to_string();
    let delivery = Delivery::new(&head.headers, body)
        .method(head.method.as_str())
        .url(&url);
    if challenge::is_likely(scheme, &delivery) {
        return Err("it may be a challenge");
    }
    let [texts, bytes] = headers(scheme, head).ok_or("its body holds the secret")?;
    let body = match core::str::from_utf8(body) {
        Ok(text) => ("body", text.to_owned()),
        Err(_) => ("body_b64", STANDARD.encode(body)),
    };
    let object = [
        ("method", head.method.as_str().into()),
        ("url", target(scheme, head).into()),
        ("headers", texts.into()),
        ("headers_b64", bytes.into()),
        (body.0, body.1.into()),
    ];
    let object = object.map(|(name, value): (&str, Value)| (name.to_owned(), value));
    Ok(Value::Object(object.into_iter().collect()))
}

/// The path, and the query only where it is signed: it may hold a password.
fn target(scheme: &Scheme, head: &Parts) -> String {
    let is_signed = scheme
        .covers()
        .iter()
        .any(|part| part == "URL" || part == "query");
    let whole = head.uri.path_and_query().filter(|_| is_signed);
    whole.map_or_else(|| head.uri.path().to_owned(), ToString::to_string)
}

/// The headers that the scheme reads, as text and as bytes. `None` for a scheme whose
/// secret stands in the body.
fn headers(scheme: &Scheme, head: &Parts) -> Option<[Map<String, Value>; 2]> {
    let secret = scheme.secret_headers();
    if secret.is_empty() && !scheme.algorithm.covers_content() {
        return None;
    }
    let (mut texts, mut bytes) = (Map::new(), Map::new());
    for name in scheme.headers() {
        let values: Vec<&[u8]> = head
            .headers
            .get_all(&name)
            .iter()
            .map(|value| match secret.contains(&name) {
                true => Scheme::WITHHELD.as_bytes(),
                false => value.as_bytes(),
            })
            .collect();
        if values.is_empty() {
            continue;
        }
        let plain: Result<Vec<&str>, _> = values
            .iter()
            .map(|value| core::str::from_utf8(value))
            .collect();
        match plain {
            Ok(values) => texts.insert(name, json!(values)),
            Err(_) => {
                let values: Vec<String> =
                    values.iter().map(|value| STANDARD.encode(value)).collect();
                bytes.insert(name, json!(values))
            }
        };
    }
    Some([texts, bytes])
}
