//! The provider's side: a delivery of a system, sent over HTTP.

use core::error::Error;

use axum::http::Request;
use countersign::{Outgoing, Secret, SignedDelivery, Signer, Timestamp};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::systems::System;

pub(crate) struct Sender {
    client: Client<HttpConnector, Full<axum::body::Bytes>>,
    origin: String,
}

impl Sender {
    pub(crate) fn new(origin: String) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            origin,
        }
    }

    /// Posts a delivery below `prefix` and tells the status of the answer.
    pub(crate) async fn post(
        &self,
        prefix: &str,
        path: &str,
        delivery: &Posted,
    ) -> Result<u16, Box<dyn Error>> {
        let mut request = Request::post(format!("{}/{prefix}{path}", self.origin));
        for (name, value) in &delivery.headers {
            request = request.header(name, value);
        }
        let response = self
            .client
            .request(request.body(Full::from(delivery.body.clone()))?)
            .await?;
        Ok(response.status().as_u16())
    }
}

/// A delivery on its way, to be spoilt.
#[derive(Clone)]
pub(crate) struct Posted {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Posted {
    pub(crate) fn sign(
        system: &System,
        secret: &Secret,
        at: Timestamp,
    ) -> Result<Self, Box<dyn Error>> {
        let outgoing = Outgoing::new(system.body.as_bytes()).event_id(system.event_id);
        let signed: SignedDelivery =
            Signer::new(system.scheme.clone(), secret)?.sign(&outgoing, at)?;
        Ok(Self {
            headers: signed.headers().to_vec(),
            body: signed.body().to_vec(),
        })
    }
}
