//! The provider's side: a payment's event, signed anew for each attempt, sent over HTTP.

use core::error::Error;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::Request;
use countersign::scheme::catalogue::STANDARD_WEBHOOKS_V1;
use countersign::{Outgoing, Secret, Signer, Timestamp};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

#[derive(Clone)]
pub(crate) struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    signer: Arc<Signer>,
    url: String,
}

impl Sender {
    pub(crate) fn new(secret: &str, url: String) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let secret = Secret::new("current", secret)?;
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            signer: Arc::new(Signer::new(STANDARD_WEBHOOKS_V1, &secret)?),
            url,
        })
    }

    /// One attempt; the status of the answer.
    pub(crate) async fn send(
        &self,
        event: &str,
        account: &str,
        cents: i64,
    ) -> Result<u16, Box<dyn Error + Send + Sync>> {
        let body = format!(
            r#"{{"type":"payment.received","data":{{"account":"{account}","cents":{cents}}}}}"#
        );
        let outgoing = Outgoing::new(body.as_bytes()).event_id(event);
        let signed = self.signer.sign(&outgoing, Timestamp::now())?;
        let mut request = Request::post(&self.url);
        for (name, value) in signed.headers() {
            request = request.header(name, value);
        }
        let request = request.body(Full::from(signed.body().to_vec()))?;
        let response = self.client.request(request).await?;
        Ok(response.status().as_u16())
    }
}
