//! Deliveries, a clock that only moves when told, and stores that fail as asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use countersign::scheme::{KeyForm, Scheme, catalogue};
use countersign::store::{
    Claim, ClaimRequest, KeptReply, Lease, MemoryStore, Outcome, Settled, Store,
};
use countersign::testing::FakeClock;
use countersign::{
    Clock, Event, HandlerError, Incoming, KeyRing, OutagePolicy, Outgoing, Receipt, Receiver,
    ReceiverBuilder, Reply, Secret, SignedDelivery, Signer, StoreError, Timestamp, Verifier,
};

pub(crate) const BASE64_SECRET: &str = "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2Vj";

pub(crate) fn secret_of(scheme: &Scheme) -> Secret {
    let text = match scheme.key.form {
        KeyForm::Base64 => BASE64_SECRET,
        KeyForm::Hex | KeyForm::Ed25519Hex => {
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        }
        KeyForm::Ed25519Base64 => "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        KeyForm::Sha1OfUtf8 => "public|a secret of the provider",
        KeyForm::SpkiBase64 => {
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ=="
        }
        KeyForm::Jwk => {
            r#"{"kty":"EC","crv":"P-256","kid":"1","x":"YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y","y":"eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk"}"#
        }
        KeyForm::X509Pem => include_str!("certificate.pem"),
        _ => "a secret of the provider",
    };
    Secret::new("current", text).unwrap()
}

pub(crate) fn verifier_of(scheme: Scheme) -> Verifier {
    let ring = KeyRing::new().insecure_allow_short_secrets();
    let ring = ring.with_secret(secret_of(&scheme)).unwrap();
    let parameter = match scheme.id.as_ref() {
        "aws_sns" => Some(("topic_arn", "arn:aws:sns:eu-west-1:123456789012:x")),
        "paypal" => Some(("webhook_id", "1JE4291016473214C")),
        _ => None,
    };
    let builder = Verifier::builder(scheme).ring(&ring);
    let builder = match parameter {
        Some((name, value)) => builder.parameter(name, value),
        None => builder,
    };
    builder
        .registered_url("https://example.test/hook")
        .build()
        .unwrap()
}

pub(crate) struct Rig<S> {
    pub(crate) receiver: Receiver<S>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) runs: Arc<AtomicU32>,
    signer: Signer,
}

pub(crate) fn clock() -> Arc<FakeClock> {
    Arc::new(FakeClock::at(Timestamp::from_unix_seconds(1_780_000_000)))
}

/// A receiver for MutoPay on a memory store that shares its clock.
pub(crate) fn rig() -> Rig<MemoryStore> {
    rig_of(catalogue::MUTOPAY)
}

pub(crate) fn rig_of(scheme: Scheme) -> Rig<MemoryStore> {
    let clock = clock();
    let store = MemoryStore::with_capacity(1000).clock(Arc::clone(&clock) as _);
    rig_with(scheme, store, clock, |builder| builder)
}

pub(crate) fn rig_with<S: Store>(
    scheme: Scheme,
    store: S,
    clock: Arc<FakeClock>,
    shape: impl FnOnce(ReceiverBuilder<S>) -> ReceiverBuilder<S>,
) -> Rig<S> {
    let signer = Signer::new(scheme.clone(), &secret_of(&scheme)).unwrap();
    let builder = Receiver::builder(verifier_of(scheme), store)
        .clock(Arc::clone(&clock) as _)
        .on_outage(OutagePolicy::AskRetry);
    Rig {
        receiver: shape(builder).build().unwrap(),
        clock,
        runs: Arc::default(),
        signer,
    }
}

pub(crate) const PAYMENT: &[u8] = br#"{"payment_id":"p1","event":"payment.completed"}"#;

pub(crate) fn incoming(signed: &SignedDelivery) -> Incoming {
    let incoming = Incoming::new(signed.headers().to_vec(), signed.body()).method(signed.method());
    match signed.url() {
        Some(url) => incoming.url(url),
        None => incoming,
    }
}

impl<S: Store> Rig<S> {
    pub(crate) fn sign(&self, outgoing: &Outgoing<'_>) -> SignedDelivery {
        self.signer.sign(outgoing, self.clock.now()).unwrap()
    }

    pub(crate) fn payment(&self) -> Incoming {
        incoming(&self.sign(&Outgoing::new(PAYMENT)))
    }

    /// A handler that counts its runs and succeeds.
    pub(crate) async fn receive(&self, incoming: Incoming) -> Receipt {
        self.receive_with(incoming, |_| async { Ok(Reply::empty()) })
            .await
    }

    pub(crate) async fn receive_with<F, Fut>(&self, incoming: Incoming, handler: F) -> Receipt
    where
        F: FnOnce(Event) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
    {
        let runs = Arc::clone(&self.runs);
        self.receiver
            .receive(incoming, move |event| {
                runs.fetch_add(1, Ordering::SeqCst);
                handler(event)
            })
            .await
    }

    pub(crate) fn runs(&self) -> u32 {
        self.runs.load(Ordering::SeqCst)
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance(time::Duration::seconds(seconds));
    }
}

pub(crate) fn code(receipt: &Receipt) -> &'static str {
    receipt.code().map_or("OK", |code| code.as_str())
}

/// Any call is a fault of the receiver.
pub(crate) struct Untouchable;

impl Store for Untouchable {
    async fn claim(&self, _: &ClaimRequest) -> Result<Claim, StoreError> {
        panic!("claim")
    }

    async fn renew(&self, _: &Lease) -> Result<Settled, StoreError> {
        panic!("renew")
    }

    async fn complete(
        &self,
        _: &Lease,
        _: Outcome,
        _: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        panic!("complete")
    }

    async fn release(&self, _: &Lease) -> Result<Settled, StoreError> {
        panic!("release")
    }

    fn is_durable(&self) -> bool {
        true
    }
}

/// A memory store behind a bad line: so many answers of claim and complete get lost,
/// after or before the step was applied.
pub(crate) struct BadLine {
    pub(crate) store: MemoryStore,
    pub(crate) lost_claims: AtomicU32,
    pub(crate) lost_completes: AtomicU32,
    pub(crate) is_applied: bool,
    pub(crate) hangs: bool,
    pub(crate) asked: AtomicU32,
}

impl BadLine {
    pub(crate) fn new(clock: &Arc<FakeClock>) -> Self {
        Self {
            store: MemoryStore::with_capacity(1000).clock(Arc::clone(clock) as _),
            lost_claims: AtomicU32::new(0),
            lost_completes: AtomicU32::new(0),
            is_applied: true,
            hangs: false,
            asked: AtomicU32::new(0),
        }
    }

    async fn lose<T>(
        &self,
        left: &AtomicU32,
        step: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let is_lost = left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok();
        if !is_lost {
            return step.await;
        }
        if self.is_applied {
            let _ = step.await;
        }
        if self.hangs {
            std::future::pending::<()>().await;
        }
        Err(StoreError::transient("the line broke"))
    }
}

impl Store for BadLine {
    async fn claim(&self, request: &ClaimRequest) -> Result<Claim, StoreError> {
        self.lose(&self.lost_claims, self.store.claim(request))
            .await
    }

    async fn renew(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.store.renew(lease).await
    }

    async fn complete(
        &self,
        lease: &Lease,
        outcome: Outcome,
        reply: Option<&KeptReply>,
    ) -> Result<Settled, StoreError> {
        let step = self.store.complete(lease, outcome, reply);
        self.lose(&self.lost_completes, step).await
    }

    async fn release(&self, lease: &Lease) -> Result<Settled, StoreError> {
        self.store.release(lease).await
    }

    fn is_durable(&self) -> bool {
        false
    }
}
