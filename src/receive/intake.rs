//! A delivery on its way in: nobody sees a byte of its body before the signature has
//! matched.
//!
//! What an attacker controls here: everything. The head is judged before the body is
//! read; the body is hashed as it comes and never grows beyond the cap by more than a
//! chunk, whatever length the head announces; it has come in full by a deadline.

use alloc::sync::Arc;
use core::fmt;
use core::future::poll_fn;
use core::mem;
use core::pin::pin;
use core::task::{Context, Poll};
use std::io;

use tokio::task::coop::unconstrained;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::held::Held;
use super::{Challenged, Event, Incoming, IncomingHead, Receipt, Reply, Shared, Unclaimed};
use crate::observe::{Watch, now};
use crate::store::patience::after;
use crate::verify::{Running, streamed_content};
use crate::{Rejection, StoreError, Timestamp, Verifier};

/// A delivery whose body is still to come. What has come is sealed: [`verify`](Self::verify)
/// opens it.
///
/// ```
/// # use countersign::scheme::catalogue::GITHUB;
/// # use countersign::store::MemoryStore;
/// # use countersign::{IncomingHead, KeyRing, OutagePolicy, Receipt, Receiver, Verifier};
/// let ring = KeyRing::new().with("current", "It's a Secret to Everybody")?;
/// let verifier = Verifier::new(GITHUB, &ring)?;
/// let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000))
///     .on_outage(OutagePolicy::AskRetry)
///     .build()?;
///
/// let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
/// let head = IncomingHead::new([("X-Hub-Signature-256", signature)]);
/// let receive = || -> Result<(), Receipt> {
///     let mut intake = receiver.begin(head)?;
///     intake.update(b"Hello, ")?;
///     intake.update(b"World!")?;
///     let unclaimed = intake.verify()?;
///     assert_eq!(unclaimed.event().body(), b"Hello, World!");
///     Ok(())
/// };
/// assert!(receive().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a delivery that is not verified is nothing"]
pub struct Intake<S> {
    shared: Arc<Shared<S>>,
    /// The keys of the moment when it began, whatever the ring is when it ends.
    verifier: Arc<Verifier>,
    head: IncomingHead,
    /// `None` where the whole body is wanted at once.
    running: Option<Running>,
    /// A chunk was hashed and is lost: what is left is no body.
    is_spoilt: bool,
    body: Held,
    watch: Watch,
}

impl<S> Intake<S> {
    /// Judges the head.
    pub(super) fn begin(shared: Arc<Shared<S>>, head: IncomingHead) -> Result<Self, Receipt> {
        let mut watch = Watch::begin(&shared.place);
        let verifier = shared.verifier.load_full();
        let judged = shared.judge_head(&verifier, &head);
        watch.verified_since_it_began();
        match judged {
            Ok(running) => Ok(Self {
                // Only a body whose chunks were hashed needs no second look.
                body: Held::new(shared.spool.as_ref().filter(|_| running.is_some())),
                shared,
                verifier,
                head,
                running,
                is_spoilt: false,
                watch,
            }),
            Err(ended) => Err(shared.end(&mut watch, ended)),
        }
    }

    /// A delivery that is there as a whole.
    pub(super) fn of(shared: Arc<Shared<S>>, incoming: Incoming) -> Result<Self, Receipt> {
        let Incoming { head, body } = incoming;
        let mut watch = Watch::begin(&shared.place);
        watch.came(body.len());
        let verifier = shared.verifier.load_full();
        let asked = shared
            .asked
            .by_head(&verifier, &head.as_head(), &*shared.clock);
        match asked {
            Some(ended) => Err(shared.end(&mut watch, ended)),
            None => Ok(Self {
                shared,
                verifier,
                head,
                running: None,
                is_spoilt: false,
                body: Held::whole(body),
                watch,
            }),
        }
    }

    /// Takes the next chunk. Blocks where it goes to a spool.
    ///
    /// # Errors
    ///
    /// The receipt of a body over the cap, as soon as the chunks pass it, or of one that
    /// cannot be written to the spool.
    pub fn update(&mut self, chunk: &[u8]) -> Result<(), Receipt> {
        if self.is_spoilt {
            return Err(self.shared.answers.unspooled());
        }
        let mut rest = self.take(chunk)?;
        while !rest.is_empty() {
            let written = self.body.write_out();
            written.map_err(|error| self.unspooled(error))?;
            rest = self.body.take(rest);
        }
        Ok(())
    }

    /// Hashes the next chunk, and takes what there is room for; the rest comes back.
    fn take<'c>(&mut self, chunk: &'c [u8]) -> Result<&'c [u8], Receipt> {
        self.watch.came(chunk.len());
        let began = now();
        let taken = match &mut self.running {
            Some(running) => running
                .update(&self.verifier, chunk)
                .map(|()| self.body.take(chunk)),
            None => {
                let rest = self.body.take(chunk);
                if self.is_over_the_cap() {
                    // What stands before the cap in the order is judged before it.
                    self.judge().map(|_| rest)
                } else {
                    Ok(rest)
                }
            }
        };
        self.watch.verified_since(began);
        taken.map_err(|rejection| self.refuse(rejection))
    }

    /// Takes the whole body from `poll`, which is polled for chunks until it tells
    /// `None`, and verifies it.
    ///
    /// # Errors
    ///
    /// The receipt of a body over the cap, of one that broke off or did not come within
    /// [`body_timeout`](super::ReceiverBuilder::body_timeout), of one that could not be
    /// written to the spool in that time, or as [`verify`](Self::verify).
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with its time driver enabled.
    pub async fn read<C: AsRef<[u8]>, E>(
        mut self,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<Option<Result<C, E>>>,
    ) -> Result<Unclaimed<S>, Receipt> {
        let deadline = after(Instant::now(), self.shared.body_timeout);
        // One timer for all chunks, and none where all are there.
        let mut time_out = pin!(None);
        let heartbeat = self.shared.heartbeat.clone();
        loop {
            let next = poll_fn(|cx| match poll(cx) {
                Poll::Ready(next) => Poll::Ready(Some(next)),
                Poll::Pending => {
                    if time_out.is_none() {
                        heartbeat.needed();
                        // It does not share the budget of a body that comes fast.
                        time_out.set(Some(unconstrained(sleep_until(deadline))));
                    }
                    match time_out.as_mut().as_pin_mut() {
                        Some(time_out) => time_out.poll(cx).map(|()| None),
                        None => Poll::Pending,
                    }
                }
            });
            let chunk = match next.await {
                Some(None) => break,
                Some(Some(Ok(chunk))) => chunk,
                Some(Some(Err(_))) | None => {
                    let received = u64::try_from(self.body.len()).unwrap_or(u64::MAX);
                    return Err(self.refuse(Rejection::BodyIncomplete { received }));
                }
            };
            let mut rest = self.take(chunk.as_ref())?;
            while !rest.is_empty() {
                self.write_out(deadline).await?;
                rest = self.body.take(rest);
            }
        }
        if self.body.is_split() {
            self.write_out(deadline).await?;
        }
        self.verify()
    }

    /// Moves what is in memory to the file, on a thread that may block.
    async fn write_out(&mut self, deadline: Instant) -> Result<(), Receipt> {
        let mut body = mem::take(&mut self.body);
        let writing = spawn_blocking(move || {
            let written = body.write_out();
            (body, written)
        });
        let written = match timeout_at(deadline, writing).await {
            Ok(Ok((body, written))) => {
                self.body = body;
                written
            }
            Ok(Err(gone)) => Err(io::Error::other(gone)),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        written.map_err(|error| self.unspooled(error))
    }

    /// Ends the body: is it genuine, in time, and which event?
    ///
    /// # Errors
    ///
    /// The receipt of a delivery that is refused, of a challenge, or of a body whose end
    /// cannot be written to the spool.
    pub fn verify(mut self) -> Result<Unclaimed<S>, Receipt> {
        if self.is_spoilt {
            return Err(self.shared.answers.unspooled());
        }
        if self.body.is_split() {
            let written = self.body.write_out();
            written.map_err(|error| self.unspooled(error))?;
        }
        let began = now();
        let judged = self.judge();
        self.watch.verified_since(began);
        let (event, now) = match judged {
            Ok(Judged::Event(event, now)) => (event, now),
            Ok(Judged::Challenge(reply)) => return Err(self.end(Ok(reply))),
            Err(rejection) => return Err(self.refuse(rejection)),
        };
        let event = self.body.give(event);
        self.watch.genuine(&event, now);
        Ok(Unclaimed::new(self.shared, event, self.watch))
    }

    fn judge(&mut self) -> Result<Judged, Rejection> {
        let now = self.shared.clock.now();
        let delivery = self.head.with_body(self.body.bytes());
        let authentic = match (self.running.take(), streamed_content(&self.verifier)) {
            (Some(running), Ok(content)) => {
                running.finish(&self.verifier, content, &delivery, now)?
            }
            _ => match self.verifier.authenticate(&delivery, now) {
                Ok(authentic) => authentic,
                Err(rejection) if self.is_over_the_cap() => return Err(rejection),
                Err(rejection) => {
                    let asked = &self.shared.asked;
                    let ended = asked.by_secret(&self.verifier, &delivery, now);
                    return ended.unwrap_or(Err(rejection)).map(Judged::Challenge);
                }
            },
        };
        if let Some(ended) = self.shared.asked.by_body(&authentic) {
            return ended.map(Judged::Challenge);
        }
        let key_name = authentic.shared_key_name();
        let verified = authentic.identify()?;
        let verified = verified.with_body_digest(self.body.digest());
        let event = Event::of(&verified, key_name, &self.shared.place.endpoint);
        Ok(Judged::Event(event, now))
    }

    fn is_over_the_cap(&self) -> bool {
        u64::try_from(self.body.len()).unwrap_or(u64::MAX) > self.verifier.body_limit()
    }

    /// The receipt of a body that could not be written: the sender has it still.
    fn unspooled(&mut self, error: io::Error) -> Receipt {
        self.is_spoilt = true;
        let receipt = self.shared.answers.unspooled().because_of_store(Arc::new(
            StoreError::transient("a body could not be written to the spool").with_source(error),
        ));
        self.watch.ended(&receipt);
        receipt
    }

    fn refuse(&mut self, rejection: Rejection) -> Receipt {
        self.end(Err(rejection))
    }

    fn end(&mut self, ended: Challenged) -> Receipt {
        self.shared.end(&mut self.watch, ended)
    }
}

impl<S> Shared<S> {
    /// Judges a head: what of its body is to be fed as it comes, if anything is.
    fn judge_head(
        &self,
        verifier: &Verifier,
        head: &IncomingHead,
    ) -> Result<Option<Running>, Challenged> {
        let head = head.as_head();
        if let Some(ended) = self.asked.by_head(verifier, &head, &*self.clock) {
            return Err(ended);
        }
        match streamed_content(verifier) {
            Ok(content) if !self.asked.awaits_secret(verifier, &head, &*self.clock) => {
                let running = Running::begin(verifier, content, &head);
                running.map(Some).map_err(Err)
            }
            _ => Ok(None),
        }
    }
}

/// What a genuine request turned out to be.
enum Judged {
    /// A challenge, with its answer.
    Challenge(Reply),
    /// An event, still without its body, and when it was judged.
    Event(Event, Timestamp),
}

impl<S> fmt::Debug for Intake<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intake")
            .field("scheme", &self.verifier.scheme().id)
            .field("head", &self.head)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
