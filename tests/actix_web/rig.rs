//! A receiver, its sender, and what came back.

use std::sync::Arc;

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::rt::System;
use actix_web::test::TestRequest;
use actix_web::web::{Bytes, Data};
use actix_web::{Error, HttpResponse};
use countersign::adapter::actix_web::{VerifiedWebhook, WebhookMiddleware, WebhookRejection};
use countersign::scheme::Scheme;
use countersign::scheme::catalogue::MUTOPAY;
use countersign::store::MemoryStore;
use countersign::{
    KeyRing, Outgoing, Receipt, Receiver, ReceiverBuilder, Secret, Signer, Timestamp, Unclaimed,
    Verifier,
};

pub(crate) type Store = Arc<MemoryStore>;

/// The extractor alone.
pub(crate) type Alone = VerifiedWebhook<Unclaimed<Store>>;

pub(crate) struct Rig {
    pub(crate) store: Store,
    pub(crate) receiver: Receiver<Store>,
    signer: Signer,
}

/// What came back.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) receipt: Option<Receipt>,
    /// Whether the framework's error made it, for want of the request.
    pub(crate) is_error: bool,
}

pub(crate) const PAYMENT: &[u8] = br#"{"payment_id":"p1","event":"payment.completed"}"#;

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(MUTOPAY, |builder| builder)
    }

    pub(crate) fn with(
        scheme: Scheme,
        shape: impl FnOnce(ReceiverBuilder<Store>) -> ReceiverBuilder<Store>,
    ) -> Self {
        let secret = Secret::new("current", "the channel's webhook secret").unwrap();
        let ring = KeyRing::new().with_secret(secret.clone()).unwrap();
        let verifier = Verifier::new(scheme.clone(), &ring).unwrap();
        let store = Arc::new(MemoryStore::with_capacity(100));
        let builder = Receiver::builder(verifier, Arc::clone(&store));
        Self {
            store,
            receiver: shape(builder).build().unwrap(),
            signer: Signer::new(scheme, &secret).unwrap(),
        }
    }

    pub(crate) fn middleware(&self) -> WebhookMiddleware<Store> {
        WebhookMiddleware::new(self.receiver.clone())
    }

    /// The receiver as an extractor finds it.
    pub(crate) fn data(&self) -> Data<Receiver<Store>> {
        Data::new(self.receiver.clone())
    }

    /// A request with this body, signed.
    pub(crate) fn signed(&self, body: &[u8]) -> TestRequest {
        let signed = self.signer.sign(&Outgoing::new(body), Timestamp::now());
        let request = TestRequest::post().set_payload(body.to_vec());
        let signed = signed.unwrap();
        let headers = signed.headers().iter();
        headers.fold(request, |request, (name, value)| {
            request.append_header((name.as_str(), value.as_str()))
        })
    }

    pub(crate) fn payment(&self) -> TestRequest {
        self.signed(PAYMENT)
    }

    /// The same as it goes over a socket.
    pub(crate) fn raw_payment(&self) -> Vec<u8> {
        let signed = self.signer.sign(&Outgoing::new(PAYMENT), Timestamp::now());
        let mut request = "POST / HTTP/1.1\r\nhost: receiver.test\r\n".to_owned();
        for (name, value) in signed.unwrap().headers() {
            request.extend([name, ": ", value, "\r\n"]);
        }
        request.push_str(&format!("content-length: {}\r\n\r\n", PAYMENT.len()));
        [request.as_bytes(), PAYMENT].concat()
    }
}

impl Answered {
    async fn of(response: HttpResponse, is_error: bool) -> Self {
        let receipt = response.extensions().get::<Receipt>().cloned();
        Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            receipt,
            body: to_bytes(response.into_body()).await.unwrap(),
            is_error,
        }
    }

    /// The status, and the reason that stands in the extensions.
    pub(crate) fn verdict(&self) -> (u16, &'static str) {
        let code = match &self.receipt {
            Some(receipt) => receipt.code().map_or("OK", |code| code.as_str()),
            None => "no receipt",
        };
        (self.status, code)
    }
}

/// Sends a request to an application in this process.
pub(crate) async fn send<R>(
    application: &impl Service<R, Response = ServiceResponse<BoxBody>, Error = Error>,
    request: R,
) -> Answered {
    match application.call(request).await {
        Ok(response) => Answered::of(response.into(), false).await,
        Err(error) => {
            assert!(error.as_error::<WebhookRejection>().is_some());
            Answered::of(error.error_response(), true).await
        }
    }
}

/// Runs a test on one thread, as the framework's workers run.
pub(crate) fn on_a_worker(test: impl Future<Output = ()>) {
    System::new().block_on(test);
}
