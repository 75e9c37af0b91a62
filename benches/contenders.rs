//! One route in three ways, and deliveries for it: Standard Webhooks, fresh ids.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::adapter::tower::WebhookLayer;
use countersign::scheme::catalogue::STANDARD_WEBHOOKS_V1;
use countersign::store::MemoryStore;
use countersign::{KeyRing, Outgoing, Receiver, Secret, Signer, Timestamp, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What answers on the route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contender {
    /// The handler, with nobody before it.
    Bare,
    /// A check as people write it by hand: headers by constant names, the body through
    /// axum's `Bytes`, one HMAC. It remembers nothing.
    Hand,
    /// The layer, with a memory store that remembers every event.
    Layer,
}

impl Contender {
    pub(crate) const ALL: [Self; 3] = [Self::Bare, Self::Hand, Self::Layer];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Hand => "by hand",
            Self::Layer => "layer",
        }
    }

    /// Its routes are made once, as a server makes them.
    pub(crate) fn router(self) -> Router {
        let router = match self {
            Self::Bare => Router::new().route("/", post(handler)),
            Self::Hand => {
                let key = STANDARD.decode(&SECRET["whsec_".len()..]).unwrap();
                let key = Hmac::<Sha256>::new_from_slice(&key).unwrap();
                let checked = move |request| checked(key.clone(), request);
                Router::new().route("/", post(checked))
            }
            Self::Layer => {
                let ring = KeyRing::new().with("current", SECRET).unwrap();
                let verifier = Verifier::new(STANDARD_WEBHOOKS_V1, &ring).unwrap();
                let store = MemoryStore::with_capacity(1_000_000);
                let receiver = Receiver::builder(verifier, store).build().unwrap();
                let layer = WebhookLayer::new(receiver);
                Router::new().route("/", post(handler)).layer(layer)
            }
        };
        router.with_state(())
    }
}

async fn handler(body: Bytes) -> StatusCode {
    if body.is_empty() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    }
}

async fn checked(key: Hmac<Sha256>, mut request: Request) -> StatusCode {
    let headers = core::mem::take(request.headers_mut());
    let Ok(body) = Bytes::from_request(request, &()).await else {
        return StatusCode::PAYLOAD_TOO_LARGE;
    };
    if is_genuine(key, &headers, &body).is_some() {
        handler(body).await
    } else {
        StatusCode::UNAUTHORIZED
    }
}

fn is_genuine(mut key: Hmac<Sha256>, headers: &HeaderMap, body: &[u8]) -> Option<()> {
    const ID: HeaderName = HeaderName::from_static("webhook-id");
    const TIME: HeaderName = HeaderName::from_static("webhook-timestamp");
    const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
    let id = headers.get(ID)?.as_bytes();
    let time = headers.get(TIME)?.to_str().ok()?;
    let signatures = headers.get(SIGNATURE)?.to_str().ok()?;
    let sent: u64 = time.parse().ok()?;
    let now = std::time::UNIX_EPOCH.elapsed().ok()?.as_secs();
    if now.abs_diff(sent) > 300 {
        return None;
    }
    for part in [id, b".", time.as_bytes(), b".", body] {
        key.update(part);
    }
    signatures.split(' ').find_map(|signature| {
        let mut given = [0; 33];
        let text = signature.strip_prefix("v1,")?;
        let length = STANDARD.decode_slice(text, &mut given).ok()?;
        key.clone().verify_slice(&given[..length]).ok()
    })
}

/// Signs deliveries, each with an id that no other has.
pub(crate) struct Deliveries {
    signer: Signer,
    body: Bytes,
    next: u64,
}

impl Deliveries {
    pub(crate) fn of(bytes: usize) -> Self {
        let secret = Secret::new("current", SECRET).unwrap();
        Self {
            signer: Signer::new(STANDARD_WEBHOOKS_V1, &secret).unwrap(),
            body: vec![b'x'; bytes].into(),
            next: 0,
        }
    }

    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    /// The headers of the next one.
    pub(crate) fn next(&mut self) -> Vec<(String, String)> {
        self.next += 1;
        let id = format!("msg_2KWPBgLlAfxdpx2AI5{:08}", self.next);
        let outgoing = Outgoing::new(&self.body).event_id(&id);
        let signed = self.signer.sign(&outgoing, Timestamp::now()).unwrap();
        signed.headers().to_vec()
    }
}
