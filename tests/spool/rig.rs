//! A receiver with a spool in a folder of its own.

use std::future::poll_fn;
use std::path::Path;
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;

use countersign::scheme::{Scheme, catalogue};
use countersign::store::MemoryStore;
use countersign::{
    Event, HandlerError, IncomingHead, Intake, KeyRing, OutagePolicy, Outgoing, Receipt, Receiver,
    ReceiverBuilder, Reply, Secret, SignedDelivery, Signer, Timestamp, Unclaimed, Verifier,
};
use tempfile::TempDir;

/// The longest body that stays in memory.
pub(crate) const IN_MEMORY: usize = 256 * 1024;
pub(crate) const CAP: u64 = 4 * 1024 * 1024;

pub(crate) struct Rig {
    pub(crate) receiver: Receiver<MemoryStore>,
    pub(crate) folder: TempDir,
    signer: Signer,
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

pub(crate) fn builder(scheme: Scheme) -> ReceiverBuilder<MemoryStore> {
    let ring = KeyRing::new().with_secret(secret()).unwrap();
    let verifier = Verifier::builder(scheme)
        .ring(&ring)
        .body_limit(CAP)
        .build()
        .unwrap();
    Receiver::builder(verifier, MemoryStore::with_capacity(1000))
        .on_outage(OutagePolicy::AskRetry)
        .body_timeout(Duration::from_secs(20))
}

fn secret() -> Secret {
    Secret::new("current", "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2Vj").unwrap()
}

/// Standard Webhooks: the id of an event stands in a header.
pub(crate) fn rig() -> Rig {
    rig_with(catalogue::STANDARD_WEBHOOKS_V1, |builder| builder)
}

pub(crate) fn rig_with(
    scheme: Scheme,
    shape: impl FnOnce(ReceiverBuilder<MemoryStore>) -> ReceiverBuilder<MemoryStore>,
) -> Rig {
    let folder = folder();
    let signer = Signer::new(scheme.clone(), &secret()).unwrap();
    let builder = builder(scheme).spool(folder.path());
    Rig {
        receiver: shape(builder).build().unwrap(),
        folder,
        signer,
    }
}

/// Bytes that differ from their neighbours, and no two pieces alike.
pub(crate) fn body(bytes: usize) -> Vec<u8> {
    let numbers = (0_u64..).flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    numbers.take(bytes).collect()
}

pub(crate) fn code(receipt: &Receipt) -> &'static str {
    receipt.code().map_or("OK", |code| code.as_str())
}

pub(crate) fn refusal<T>(result: Result<T, Receipt>) -> Receipt {
    result.err().unwrap()
}

impl Rig {
    pub(crate) fn sign(&self, body: &[u8]) -> SignedDelivery {
        self.sign_as("msg_1", body)
    }

    pub(crate) fn sign_as(&self, id: &str, body: &[u8]) -> SignedDelivery {
        let outgoing = Outgoing::new(body).event_id(id);
        self.signer.sign(&outgoing, Timestamp::now()).unwrap()
    }

    pub(crate) fn begin(&self, signed: &SignedDelivery) -> Intake<MemoryStore> {
        let head = IncomingHead::new(signed.headers().to_vec());
        self.receiver.begin(head).unwrap()
    }

    /// The delivery in chunks, of which the network holds back none.
    pub(crate) async fn read(
        &self,
        signed: &SignedDelivery,
        chunk: usize,
    ) -> Result<Unclaimed<MemoryStore>, Receipt> {
        let mut chunks = signed.body().chunks(chunk).map(Ok::<_, ()>);
        let intake = self.begin(signed);
        intake.read(move |_| Poll::Ready(chunks.next())).await
    }

    pub(crate) async fn receive<F, Fut>(&self, signed: &SignedDelivery, handler: F) -> Receipt
    where
        F: FnOnce(Event) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
    {
        match self.read(signed, 10_000).await {
            Ok(unclaimed) => unclaimed.process(handler).await,
            Err(receipt) => receipt,
        }
    }

    /// Receives it with a handler that hands the event out.
    pub(crate) async fn take(&self, signed: &SignedDelivery) -> Event {
        let taken = std::sync::Arc::new(Mutex::new(None));
        let to = std::sync::Arc::clone(&taken);
        let receipt = self
            .receive(signed, |event| async move {
                *to.lock().unwrap() = Some(event);
                Ok(Reply::empty())
            })
            .await;
        assert_eq!(code(&receipt), "OK", "{receipt:?}");
        let event = taken.lock().unwrap().take();
        event.unwrap()
    }

    /// The files of the folder that this process holds, as paths under which they can be
    /// opened again. Linux.
    pub(crate) fn held(&self) -> Vec<std::path::PathBuf> {
        let all = std::fs::read_dir("/proc/self/fd").unwrap();
        let all = all.filter_map(|entry| entry.ok().map(|entry| entry.path()));
        all.filter(|file| std::fs::read_link(file).is_ok_and(|to| to.starts_with(self.path())))
            .collect()
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Waits until this process holds no file of the folder: a task that is torn down
    /// may drop the last handle after its answer.
    pub(crate) async fn nothing_is_held(&self) {
        for _ in 0..500 {
            if self.held().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{:?}", self.held());
    }
}

/// Waits until `is_so`.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    let mut left = 2000;
    while !is_so() {
        left -= 1;
        assert!(left > 0, "it never came to be so");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A body that stops in its middle: what has come, and then nothing for ever.
pub(crate) async fn half<S>(intake: Intake<S>, half: &[u8]) -> Result<Unclaimed<S>, Receipt> {
    let mut chunks = half.chunks(10_000).map(Ok::<_, ()>);
    let read = intake.read(move |_| match chunks.next() {
        Some(chunk) => Poll::Ready(Some(chunk)),
        None => Poll::Pending,
    });
    let mut read = std::pin::pin!(read);
    poll_fn(|cx| read.as_mut().poll(cx)).await
}
