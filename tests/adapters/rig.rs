//! A site that is served, its sender, and a look into its store.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use countersign::scheme::Scheme;
use countersign::store::{Claim, ClaimRequest, MemoryStore, Nonce, Outcome, Settled, Store as _};
use countersign::testing::FakeClock;
use countersign::{
    Clock, Event, KeyRing, OutagePolicy, Outgoing, Receipt, Receiver, ReceiverBuilder, Secret,
    SignedDelivery, Signer, Timestamp, Verifier, VerifierBuilder,
};
use http::Request;
use http_body_util::Full;
use tokio::time::{Instant, sleep};

use super::application::{Application, Delivered, always};
use super::client::{PATIENCE, Raw, Response, send};
use super::driver::{Driver, Receivers, Server, Site, Store};

/// A site before it is served.
pub(crate) struct Plan {
    pub(crate) scheme: Scheme,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) store: Store,
    application: Application,
    prints_json_again: bool,
}

pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) store: Store,
    pub(crate) site: Arc<Site>,
    scheme: Scheme,
    stop: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
}

/// What a store knows of an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Done(Outcome),
    Free,
    Held,
}

/// A body of MutoPay's.
pub(crate) const PAYMENT: &[u8] = br#"{"payment_id":"p1","event":"payment.completed"}"#;

/// A secret by its name.
pub(crate) fn secret(name: &str) -> Secret {
    Secret::new(name, format!("the provider's secret, called {name}")).unwrap()
}

impl Plan {
    /// A site for one scheme: a memory store, and an application that answers 200.
    pub(crate) fn new(scheme: Scheme) -> Self {
        let clock = Arc::new(FakeClock::at(Timestamp::from_unix_seconds(1_780_000_000)));
        let store = MemoryStore::with_capacity(1000).clock(Arc::clone(&clock) as _);
        Self {
            scheme,
            clock,
            store: Arc::new(store),
            application: always(200),
            prints_json_again: false,
        }
    }

    pub(crate) fn application(mut self, application: Application) -> Self {
        self.application = application;
        self
    }

    /// Puts a middleware before the adapter that parses JSON and prints it again.
    pub(crate) fn prints_json_again(mut self) -> Self {
        self.prints_json_again = true;
        self
    }

    /// A receiver of this site, for the secret `current`.
    pub(crate) fn receiver(
        &self,
        verifier: impl FnOnce(VerifierBuilder) -> VerifierBuilder,
        receiver: impl FnOnce(ReceiverBuilder<Store>) -> ReceiverBuilder<Store>,
    ) -> Receiver<Store> {
        let ring = KeyRing::new().with_secret(secret("current")).unwrap();
        let builder = Verifier::builder(self.scheme.clone()).ring(&ring);
        let builder =
            Receiver::builder(verifier(builder).build().unwrap(), Arc::clone(&self.store))
                .clock(Arc::clone(&self.clock) as _)
                .on_outage(OutagePolicy::AskRetry);
        receiver(builder).build().unwrap()
    }

    /// Serves one receiver with its defaults.
    pub(crate) async fn serve<D: Driver>(self) -> Rig {
        self.serve_with::<D>(|builder| builder).await
    }

    /// Serves one receiver.
    pub(crate) async fn serve_with<D: Driver>(
        self,
        shape: impl FnOnce(ReceiverBuilder<Store>) -> ReceiverBuilder<Store>,
    ) -> Rig {
        let receiver = self.receiver(|builder| builder, shape);
        self.serve_these::<D>(Receivers::Every(receiver)).await
    }

    pub(crate) async fn serve_these<D: Driver>(self, receivers: Receivers) -> Rig {
        self.serve_by(receivers, D::serve).await
    }

    /// Serves by another function than a driver's.
    pub(crate) async fn serve_by<Fut>(
        self,
        receivers: Receivers,
        serve: impl FnOnce(Arc<Site>) -> Fut,
    ) -> Rig
    where
        Fut: Future<Output = Server>,
    {
        let site = Arc::new(Site {
            receivers,
            prints_json_again: self.prints_json_again,
            application: self.application,
            runs: AtomicU32::new(0),
            delivered: Mutex::default(),
            receipts: Mutex::default(),
        });
        let server = serve(Arc::clone(&site)).await;
        Rig {
            address: server.address,
            clock: self.clock,
            store: self.store,
            site,
            scheme: self.scheme,
            stop: Mutex::new(Some(server.stop)),
        }
    }
}

impl Rig {
    pub(crate) fn sign(&self, outgoing: &Outgoing<'_>) -> SignedDelivery {
        self.sign_as("current", outgoing)
    }

    pub(crate) fn sign_as(&self, name: &str, outgoing: &Outgoing<'_>) -> SignedDelivery {
        let signer = Signer::new(self.scheme.clone(), &secret(name)).unwrap();
        signer.sign(outgoing, self.clock.now()).unwrap()
    }

    /// A request with a body, signed for the one receiver.
    pub(crate) fn signed(&self, body: &[u8]) -> Request<Full<Bytes>> {
        request(&self.sign(&Outgoing::new(body)))
    }

    /// The head of such a request as text, up to the lines about its length.
    pub(crate) fn raw_head(&self, body: &[u8]) -> String {
        let signed = self.sign(&Outgoing::new(body));
        let mut head = "POST / HTTP/1.1\r\nhost: receiver.test\r\n".to_owned();
        for (name, value) in signed.headers() {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head
    }

    /// The same with the line that announces this length, up to the body.
    pub(crate) fn raw(&self, body: &[u8], length: usize) -> String {
        let head = self.raw_head(body);
        format!("{head}content-length: {length}\r\n\r\n")
    }

    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Response {
        send(self.address, request).await
    }

    /// Sends the payment, signed.
    pub(crate) async fn pay(&self) -> Response {
        self.send(self.signed(PAYMENT)).await
    }

    pub(crate) async fn connect(&self) -> Raw {
        Raw::connect(self.address).await
    }

    /// How often the application ran.
    pub(crate) fn runs(&self) -> u32 {
        self.site.runs.load(Ordering::SeqCst)
    }

    /// What reached the application last.
    pub(crate) fn last_delivered(&self) -> Delivered {
        let delivered = self.site.delivered.lock().unwrap();
        delivered.last().unwrap().clone()
    }

    /// Its event.
    pub(crate) fn last_event(&self) -> Event {
        self.last_delivered().event
    }

    /// The last receipt that was in a response's extensions.
    pub(crate) fn last_receipt(&self) -> Receipt {
        let receipts = self.site.receipts.lock().unwrap();
        receipts.last().unwrap().clone()
    }

    /// Its reason.
    pub(crate) fn last_code(&self) -> &'static str {
        code(&self.last_receipt())
    }

    /// What the store knows of the last run's event.
    pub(crate) async fn known(&self) -> Known {
        let key = self.last_event().dedupe_key().unwrap().id();
        let minute = Duration::from_secs(60);
        let request = ClaimRequest::new(key, Nonce::random().unwrap(), minute, minute);
        match self.store.claim(&request).await.unwrap() {
            Claim::Done { outcome, .. } => Known::Done(outcome),
            Claim::Fresh(lease) => {
                assert_eq!(self.store.release(&lease).await.unwrap(), Settled::Ok);
                Known::Free
            }
            Claim::InProgress { .. } => Known::Held,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until something is true.
    pub(crate) async fn until(&self, what: &str, mut is_true: impl AsyncFnMut() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_true().await {
            assert!(Instant::now() < deadline, "never: {what}");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Stops the server gracefully.
    pub(crate) async fn stop(&self) {
        let stop = self.stop.lock().unwrap().take();
        stop.unwrap().await;
    }
}

/// A signed delivery as a request.
pub(crate) fn request(signed: &SignedDelivery) -> Request<Full<Bytes>> {
    let builder = Request::builder().method(signed.method()).uri("/");
    let builder = signed
        .headers()
        .iter()
        .fold(builder, |builder, (name, value)| {
            builder.header(name, value)
        });
    builder.body(Full::from(signed.body().to_vec())).unwrap()
}

pub(crate) fn code(receipt: &Receipt) -> &'static str {
    receipt.code().map_or("OK", |code| code.as_str())
}

/// An answer of ours tells nothing but its status and when to come again.
pub(crate) fn assert_bare(response: &Response) {
    assert!(response.body.is_empty(), "{response:?}");
    for name in response.headers.keys() {
        let is_usual =
            ["connection", "content-length", "date", "retry-after"].contains(&name.as_str());
        assert!(is_usual, "{response:?}");
    }
}
