//! The one place where the logic meets IO: verifier, store and policy.

mod answer;
mod apart;
mod builder;
#[cfg(feature = "challenge")]
mod challenged;
#[cfg(not(feature = "challenge"))]
#[path = "receive/challenged_absent.rs"]
mod challenged;
mod event;
mod heartbeat;
mod held;
mod incoming;
mod intake;
mod nonces;
mod policy;
mod receipt;
mod reply;
mod run;
mod settle;
#[cfg(feature = "spool")]
mod spool;
#[cfg(not(feature = "spool"))]
#[path = "receive/spool_absent.rs"]
mod spool;
mod status;
mod terms;
mod unclaimed;
mod work;

use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use arc_swap::ArcSwap;

pub use builder::ReceiverBuilder;
pub use event::Event;
pub use incoming::{Incoming, IncomingHead};
pub use intake::Intake;
pub use policy::OutagePolicy;
pub use receipt::Receipt;
pub use reply::{HandlerError, Reply, Situation};
#[cfg(feature = "actix-web")]
pub(crate) use run::Cancelled;
#[cfg(any(feature = "tower", feature = "actix-web"))]
pub(crate) use spool::Chunks;
#[cfg(feature = "spool")]
pub use spool::{Spooled, SpooledReader};
pub use unclaimed::Unclaimed;

use self::answer::Answers;
use self::challenged::{Asked, Challenged};
use self::heartbeat::Heartbeat;
use self::nonces::Nonces;
use self::policy::{DeadLetters, Stuck};
use self::spool::Folder;
use self::terms::Terms;
use self::work::Work;
use crate::observe::{Place, Watch};
use crate::store::patience::Patience;
use crate::store::{ExpiredLease, Store};
use crate::{Clock, ConfigError, KeyRing, Verifier};

/// Receives deliveries: verifies each, lets the handler run once per event, and knows
/// the answer.
///
/// ```text
/// verify ──► claim ──► handler ──► complete ──► its answer
///   │          │          │ error, panic ──► release ──► "retry"
///   │          │          │ time-out ──► the lease runs out ──► "retry"
///   │          └► done ──► success   in progress, stuck, store down ──► "retry"
///   └► refused: the store is never asked
/// ```
///
/// A clone is the same receiver.
///
/// ```
/// use countersign::scheme::catalogue::MUTOPAY;
/// use countersign::store::MemoryStore;
/// use countersign::{Incoming, KeyRing, Outgoing, Receiver, Reply, Secret, Signer, Timestamp, Verifier};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let secret = Secret::new("current", "the channel's webhook secret")?;
/// let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with_secret(secret.clone())?)?;
/// let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000)).build()?;
///
/// let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
/// let signed = Signer::new(MUTOPAY, &secret)?.sign(&Outgoing::new(body), Timestamp::now())?;
/// for expected in [None, Some("DUPLICATE_EVENT_ID")] {
///     let incoming = Incoming::new(signed.headers().to_vec(), signed.body());
///     let receipt = receiver
///         .receive(incoming, |event| async move {
///             assert!(event.body().starts_with(b"{"));
///             Ok(Reply::empty())
///         })
///         .await;
///     assert_eq!(receipt.status(), 200);
///     assert_eq!(receipt.code().map(|code| code.as_str()), expected);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Receiver<S>(Arc<Shared<S>>);

/// What the tasks of all deliveries share.
struct Shared<S> {
    verifier: ArcSwap<Verifier>,
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    place: Arc<Place>,
    nonces: Nonces,
    heartbeat: Heartbeat,
    body_timeout: Duration,
    spool: Option<Folder>,
    terms: Terms,
    patience: Patience,
    renews: bool,
    dead_letters: Option<DeadLetters>,
    stuck: Option<Stuck>,
    expired: ExpiredLease,
    outage: OutagePolicy,
    answers: Answers,
    asked: Asked,
    keep_replies: bool,
    identical_retries: bool,
    work: Work,
}

impl<S: Store> Receiver<S> {
    /// A builder with defaults that fit senders which retry and read no replies.
    pub fn builder(verifier: Verifier, store: S) -> ReceiverBuilder<S> {
        ReceiverBuilder::new(verifier, store)
    }

    fn of(shared: Shared<S>) -> Self {
        Self(Arc::new(shared))
    }

    /// The verifier of this moment.
    #[must_use]
    pub fn verifier(&self) -> Arc<Verifier> {
        self.0.verifier.load_full()
    }

    /// Puts another key ring in place, for all clones: the next delivery that begins
    /// meets it, one that has begun ends under the ring before. No delivery waits.
    ///
    /// # Errors
    ///
    /// `INVALID_SECRET` or `INVALID_KEY_RING`; the ring before then stays.
    pub fn set_keys(&self, ring: &KeyRing) -> Result<(), ConfigError> {
        let verifier = self.0.verifier.load().with_ring(ring)?;
        self.0.verifier.store(Arc::new(verifier));
        Ok(())
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &S {
        &self.0.store
    }

    /// How long a claim is held.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.0.terms.lease
    }

    /// How long a handler may run.
    #[must_use]
    pub fn handler_timeout(&self) -> Duration {
        self.0.terms.handler_timeout
    }

    /// How long an event is remembered after it is done.
    #[must_use]
    pub fn retention(&self) -> Duration {
        self.0.terms.retention
    }

    /// Waits until no event is being processed, also of those whose client hung up: for
    /// the end of a service, after its server has stopped taking requests. What is torn
    /// down before that keeps its claim until the lease runs out.
    pub async fn idle(&self) {
        self.0.work.idle().await;
    }

    /// Receives one delivery.
    ///
    /// What is not genuine is refused before anything is awaited. From then on it is as
    /// with [`Unclaimed::process`]: dropping the returned future cancels neither the
    /// handler nor what settles its claim.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with its time driver enabled.
    pub async fn receive<F, Fut>(&self, incoming: Incoming, handler: F) -> Receipt
    where
        F: FnOnce(Event) -> Fut + Send + 'static,
        Fut: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
    {
        let intake = Intake::of(Arc::clone(&self.0), incoming);
        match intake.and_then(Intake::verify) {
            Ok(unclaimed) => unclaimed.process(handler).await,
            Err(receipt) => receipt,
        }
    }

    /// Begins a delivery whose body is still to come: judges its head.
    ///
    /// # Errors
    ///
    /// The receipt of a delivery that its head alone condemns, or of a challenge that is
    /// nothing but a head. Schemes whose body is wanted as a whole are judged at its end.
    pub fn begin(&self, head: IncomingHead) -> Result<Intake<S>, Receipt> {
        Intake::begin(Arc::clone(&self.0), head)
    }
}

impl<S> Shared<S> {
    /// The receipt of a request that ends before its event is named, which is told of.
    fn end(&self, watch: &mut Watch, ended: Challenged) -> Receipt {
        let receipt = match ended {
            Ok(reply) => self.answers.challenged(reply),
            Err(rejection) => self.answers.rejected(rejection),
        };
        watch.ended(&receipt);
        receipt
    }
}

impl<S> Clone for Receiver<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> fmt::Debug for Receiver<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("scheme", &self.0.place.scheme)
            .field("endpoint", &self.0.place.endpoint)
            .field("terms", &self.0.terms)
            .finish_non_exhaustive()
    }
}
