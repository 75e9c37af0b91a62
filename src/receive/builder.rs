//! The builder of a receiver.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use arc_swap::ArcSwap;

use super::answer::{Answers, Replies};
use super::challenged::Asked;
use super::heartbeat::Heartbeat;
use super::nonces::Nonces;
use super::policy::{DeadLetters, OutagePolicy, Stuck};
use super::spool::Folder;
use super::status::{Choose, Statuses};
use super::terms::{Terms, leaves_time_for_a_lease};
use super::work::Work;
use super::{Event, HandlerError, Receipt, Receiver, Reply, Shared, Situation};
use crate::observe::Place;
use crate::store::patience::Patience;
use crate::store::{ExpiredLease, Store};
use crate::{Clock, Code, ConfigError, SystemClock, Verifier, observe};

/// Builds a [`Receiver`]. Everything that can be wrong is told here, never per request.
#[must_use]
pub struct ReceiverBuilder<S> {
    verifier: Verifier,
    store: S,
    clock: Arc<dyn Clock>,
    endpoint: String,
    body_timeout: Duration,
    pub(super) spool: Option<Folder>,
    lease: Option<Duration>,
    handler_timeout: Option<Duration>,
    retention: Option<Duration>,
    patience: Patience,
    renews: bool,
    dead_letters: Option<DeadLetters>,
    stuck: Option<Stuck>,
    expired: ExpiredLease,
    outage: Option<OutagePolicy>,
    chosen: Vec<(Code, u16)>,
    choose: Option<Choose>,
    replies: Option<Replies>,
    pub(super) asked: Asked,
    keep_replies: bool,
    require_durable: bool,
}

impl<S: Store> ReceiverBuilder<S> {
    pub(super) fn new(verifier: Verifier, store: S) -> Self {
        Self {
            verifier,
            store,
            clock: Arc::new(SystemClock),
            endpoint: String::new(),
            body_timeout: DEFAULT_BODY_TIMEOUT,
            spool: None,
            lease: None,
            handler_timeout: None,
            retention: None,
            patience: Patience::default(),
            renews: false,
            dead_letters: None,
            stuck: None,
            expired: ExpiredLease::default(),
            outage: None,
            chosen: Vec::new(),
            choose: None,
            replies: None,
            asked: Asked::default(),
            keep_replies: false,
            require_durable: false,
        }
    }

    /// The name of this endpoint or account. Receivers of one scheme that share a
    /// store, but not their events, need different ones.
    pub fn endpoint(mut self, name: impl Into<String>) -> Self {
        self.endpoint = name.into();
        self
    }

    /// How long a body may take to come in full, from the first look at it. Default:
    /// 30 s.
    pub const fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// How long a claim is held. Default: 60 s, or twice the handler's time-out.
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = Some(lease);
        self
    }

    /// How long a handler may run; shorter than the lease, unless that is renewed.
    /// Default: half the lease. A handler that blocks its thread before it first waits is
    /// not interrupted: blocking work belongs in `tokio::task::spawn_blocking`.
    pub const fn handler_timeout(mut self, timeout: Duration) -> Self {
        self.handler_timeout = Some(timeout);
        self
    }

    /// How long an event is remembered after it is done. Default: the least that is
    /// safe with this scheme, and at least 72 hours.
    pub const fn retention(mut self, retention: Duration) -> Self {
        self.retention = Some(retention);
        self
    }

    /// How long one step of the store may take. Default: 2 s.
    pub const fn store_timeout(mut self, timeout: Duration) -> Self {
        self.patience = Patience { timeout };
        self
    }

    /// Renews the lease while a handler runs, each time a third of it is over: a short
    /// lease, which soon ends when a worker dies, then suits a handler that runs for
    /// long. A handler whose claim was taken over, or whose lease ran out because the
    /// store did not answer, is cancelled where it awaits.
    pub const fn renew_leases(mut self) -> Self {
        self.renews = true;
        self
    }

    /// An event whose processing was attempted so often (0 counts as 1), and failed,
    /// panicked, timed out or died each time, is put aside: `keep` is called, and when it
    /// succeeds the event counts as done, and the sender is told that all is well, so
    /// that it stops. Default: the sender decides how often it is attempted.
    ///
    /// `keep` runs like a handler, under the claim, with the same time-out. It may be
    /// called again if the process dies before the event counts as done. If it fails, the
    /// sender is asked to retry, and it is called again at the next attempt. No later
    /// delivery brings the event back: what `keep` does not keep is lost.
    pub fn dead_letter_after<F, Fut>(mut self, attempts: u32, keep: F) -> Self
    where
        F: Fn(Event) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        self.dead_letters = Some(DeadLetters {
            attempts: attempts.max(1),
            keep: Arc::new(move |event| Box::pin(keep(event))),
        });
        self
    }

    /// The clock that a delivery's age is judged by. A store has its own.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// What an expired lease of another worker means. Default: it may be taken over.
    pub const fn expired_lease(mut self, expired: ExpiredLease) -> Self {
        self.expired = expired;
        self
    }

    /// Is told of each delivery whose event is stuck ([`ExpiredLease::Block`]), for
    /// somebody to decide. It is called in the request path: it must not block.
    pub fn on_stuck(mut self, tell: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.stuck = Some(Arc::new(tell));
        self
    }

    /// What happens while the store is down. Senders that never retry need a choice.
    pub const fn on_outage(mut self, policy: OutagePolicy) -> Self {
        self.outage = Some(policy);
        self
    }

    /// Answers deliveries that came to this code with another status than the table's
    /// ([`Code::answer`]). Body and `Retry-After` stay as they are.
    ///
    /// From 200 to 299, as far as the sender takes it for success, or from 400 to 599;
    /// never 410, which makes senders disable the endpoint. What nobody processed is
    /// answered with success only where the scheme's own `retry_status` is that one: its
    /// sender then reads from the body that it has to try again.
    ///
    /// A duplicate answered 409 or a refusal answered 422 is a failure to most senders:
    /// they try again, are told of the duplicate, and may disable the endpoint.
    pub fn answer(mut self, code: Code, status: u16) -> Self {
        self.chosen.retain(|(chosen, _)| *chosen != code);
        self.chosen.push((code, status));
        self
    }

    /// Chooses each answer's status by all that is known of the delivery. `None` leaves
    /// the one that the receipt has, and so does a status that [`answer`](Self::answer)
    /// would refuse for its code, or another than success for an event that was
    /// processed. It is called in the request path, for deliveries of strangers too: it
    /// must not block.
    pub fn answer_with(
        mut self,
        choose: impl Fn(&Receipt) -> Option<u16> + Send + Sync + 'static,
    ) -> Self {
        self.choose = Some(Arc::new(choose));
        self
    }

    /// Makes the body of answers where no handler spoke, for senders that read it.
    /// It is called in the request path: it must not block.
    pub fn replies(
        mut self,
        replies: impl Fn(&Event, Situation) -> Reply + Send + Sync + 'static,
    ) -> Self {
        self.replies = Some(Arc::new(replies));
        self
    }

    /// Keeps each reply of the handler with its event, and gives it again to
    /// duplicates. Replies over 64 KiB are not kept.
    pub const fn keep_replies(mut self) -> Self {
        self.keep_replies = true;
        self
    }

    /// Refuses a store that forgets when the process or the host dies.
    pub const fn require_durable(mut self) -> Self {
        self.require_durable = true;
        self
    }

    /// The receiver.
    ///
    /// # Errors
    ///
    /// - `NOT_STREAMABLE`: the scheme's bodies cannot go to a spool;
    /// - `SPOOL_UNAVAILABLE`: the spool's folder takes no file;
    /// - `RETENTION_TOO_SHORT`: an event would be forgotten while it can come again;
    /// - `LEASE_TOO_LONG`: after a crash the lease, with the time for which it is renewed,
    ///   would outlast the sender's retries;
    /// - `UNSAFE_ANSWER`: a status that would mislead the sender was chosen for a code;
    /// - `UNSAFE_STORE`: the store is not durable, and must be;
    /// - `UNDECIDED_POLICY`: the sender never retries, or within a minute only, or it
    ///   reads replies, and nobody said what that means; or the handler's time-out is not shorter than the lease.
    pub fn build(self) -> Result<Receiver<S>, ConfigError> {
        let scheme = self.verifier.scheme();
        let sender = &scheme.sender;
        if self.require_durable && !self.store.is_durable() {
            return Err(ConfigError::UnsafeStore {
                problem: "a crash of the process or of a host may make it forget what it confirmed, and a durable one is required: use a store that keeps its claims on a disk, with settings that wait for the disk",
            });
        }
        if sender.reply_matters && self.replies.is_none() {
            return Err(ConfigError::UndecidedPolicy {
                problem: "this sender reads the body of the answer: say with `replies` what it is for duplicates, refusals and retries",
            });
        }
        let horizon = Duration::from_secs(sender.retries.horizon_s().into());
        if !leaves_time_for_a_lease(horizon) && self.outage.is_none() {
            return Err(ConfigError::UndecidedPolicy {
                problem: "this sender never retries, or within a minute only, so what cannot be processed now is lost: choose with `on_outage` to hand deliveries over first, to process without dedupe, or to ask for a retry by hand",
            });
        }
        let terms = Terms::agree(
            scheme,
            self.lease,
            self.handler_timeout,
            self.retention,
            self.renews,
        )?;
        let spool = self.spool.map(|folder| folder.checked(&self.verifier));
        let spool = spool.transpose()?;
        let statuses = Statuses::new(sender, self.chosen, self.choose)?;
        let answers = Answers {
            statuses,
            replies: self.replies,
        };
        // Told of a choice only: the default lets a slow handler end, and its event's
        // retry then meets it done.
        if let (Some(chosen), Some(sender_s)) = (self.handler_timeout, sender.timeout_s)
            && chosen > Duration::from_secs(sender_s.into())
        {
            observe::slow_handler_allowed(&scheme.id, chosen, sender_s);
        }
        let identical_retries = sender.identical_retries;
        let place = Arc::new(Place::new(&scheme.id, &self.endpoint));
        observe::describe();
        Ok(Receiver::of(Shared {
            verifier: ArcSwap::from_pointee(self.verifier),
            nonces: Nonces::default(),
            heartbeat: Heartbeat::default(),
            store: Arc::new(self.store),
            clock: self.clock,
            place,
            body_timeout: self.body_timeout,
            spool,
            terms,
            patience: self.patience,
            renews: self.renews,
            dead_letters: self.dead_letters,
            stuck: self.stuck,
            expired: self.expired,
            outage: self.outage.unwrap_or(OutagePolicy::AskRetry),
            answers,
            asked: self.asked,
            keep_replies: self.keep_replies,
            identical_retries,
            work: Work::default(),
        }))
    }
}

/// Senders give up long before: the slowest documented one waits half a minute.
const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(30);

impl<S> fmt::Debug for ReceiverBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiverBuilder")
            .field("verifier", &self.verifier)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
