//! Challenges: what senders ask besides deliveries, to see who is at an address.
//!
//! A [`Receiver`](crate::Receiver) answers them where its scheme has one and it was told
//! to, with [`ReceiverBuilder::challenges`](crate::ReceiverBuilder::challenges); without
//! that they are deliveries like any other, and most are refused.
//!
//! # Rules
//!
//! 1. A challenge that is signed is met after signature and window and before the event
//!    id; one that nobody signs by its head alone. None touches the store or reaches a
//!    handler.
//! 2. What the provider signs with a key that the receiver holds is verified first: the
//!    bodies of Slack, Twitch, Zoom, Discord, Xero, LINE and Amazon SNS, and the token in
//!    Okta's header.
//! 3. Nothing is sent back but letters, digits and `-._~+/=`, at most 256 of them, as
//!    `text/plain` or inside JSON text, with `X-Content-Type-Options: nosniff`.
//! 4. A GET that nobody signs is answered only with its method, and only what its scheme
//!    asks (Meta, Dropbox, X, Braintree). Meta's is answered only to who knows the
//!    [verify token](Challenges::verify_token); without one it is refused.
//! 5. A token is answered with its MAC (Zoom, X, Braintree) only if it is of the scheme's
//!    alphabet and length, which no message is; and a delivery whose signed text could be
//!    such a token is refused, however genuine it looks. So no answer is the signature of a
//!    delivery. The MAC is made with the key that the question was signed with, and with
//!    the ring's first key where nobody signed it.
//! 6. A secret that comes in a request (Asana, Notion) is taken only while a
//!    [`Registration`] is open for the path of that request: once, until it expires, and
//!    for nobody but who awaits the registration. It never joins or replaces a ring.
//! 7. The address that Amazon SNS wants confirmed is handed to
//!    [`Challenges::on_confirm`], only if its host is SNS's own; nothing is fetched here.
//! 8. A HEAD (Trello, Intercom) is answered with success, and so is a genuine batch without
//!    items (Xero, LINE).
//! 9. A challenge that is answered has the code `CHALLENGE_ANSWERED`. One that is not has
//!    `CHALLENGE_REFUSED`, an empty answer of 403, and its
//!    [problem](crate::ChallengeProblem) in the receipt.
//! 10. No log, metric, `Debug` or error has a token, a secret, an address or an answer.

mod confirm;
mod echo;
mod guard;
mod likely;
mod mac;
mod pong;
mod registration;
mod secret;

use alloc::sync::Arc;
use core::fmt;

pub use confirm::Confirmation;
pub use likely::is_likely;
pub use registration::{Registration, Registrations};
pub use secret::unknown_secret;

use self::guard::VerifyToken;
use crate::scheme::{Challenge, TokenPlace};
use crate::{Authentic, ChallengeProblem, Delivery, Head, Reply, Timestamp, Verifier};

/// Which challenges a receiver answers, and what it needs for that.
///
/// ```
/// use countersign::challenge::Challenges;
/// use countersign::scheme::catalogue::META;
/// use countersign::store::MemoryStore;
/// use countersign::{Incoming, KeyRing, Receiver, Reply, Verifier};
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let verifier = Verifier::new(META, &KeyRing::new().with("current", "the secret of the app")?)?;
/// let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10_000))
///     .challenges(Challenges::new().verify_token("a text of your own"))
///     .build()?;
///
/// let query = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=a+text+of+your+own";
/// let asked = Incoming::new([("host", "receiver.example")], "")
///     .method("GET")
///     .url(format!("/webhooks/meta?{query}"));
/// let receipt = receiver.receive(asked, |_| async { Ok(Reply::empty()) }).await;
/// assert_eq!((receipt.status(), receipt.body()), (200, &b"1158201444"[..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Challenges {
    verify_token: Option<VerifyToken>,
    registrations: Registrations,
    on_confirm: Option<OnConfirm>,
}

/// The user's function that is handed an address to confirm.
type OnConfirm = Arc<dyn Fn(Confirmation) + Send + Sync>;

/// What a request comes to: `None` if it is no challenge.
pub(crate) type Judged = Option<Result<Reply, ChallengeProblem>>;

impl Challenges {
    /// Answers what needs nothing else to be answered.
    pub fn new() -> Self {
        Self::default()
    }

    /// The text that you chose with the provider, for those that repeat it (Meta). An
    /// empty one is none.
    pub fn verify_token(mut self, token: impl AsRef<[u8]>) -> Self {
        self.verify_token = VerifyToken::new(token.as_ref());
        self
    }

    /// Where the application says that it awaits a secret (Asana, Notion).
    pub fn registrations(mut self, registrations: &Registrations) -> Self {
        self.registrations = registrations.clone();
        self
    }

    /// Is handed each address that Amazon SNS wants confirmed: fetch it once, by a GET. It
    /// is called in the request path and must not block: send the address to a task. The
    /// same address may come again. Without this function such a message is an event like
    /// any other.
    pub fn on_confirm(mut self, confirm: impl Fn(Confirmation) + Send + Sync + 'static) -> Self {
        self.on_confirm = Some(Arc::new(confirm));
        self
    }

    /// Judges what is asked by the head alone, before anything of the body is read.
    pub(crate) fn by_head(&self, verifier: &Verifier, head: &Head<'_>, now: Timestamp) -> Judged {
        match (&verifier.scheme().challenge, head.method) {
            (Challenge::EchoQuery { name, guard: None }, Some("GET")) => echo::query(head, name),
            (
                Challenge::EchoQuery {
                    name,
                    guard: Some(guard),
                },
                Some("GET"),
            ) => {
                let answer = echo::query(head, name)?;
                let token = self.verify_token.as_ref();
                Some(guard::judge(guard, head, token).and(answer))
            }
            (Challenge::Mac(challenge), Some("GET")) => match &challenge.token {
                TokenPlace::Query(name) => mac::by_query(verifier, challenge, head, name),
                TokenPlace::Json(_) => None,
            },
            (Challenge::WrapHeader { header, field }, Some("GET")) => {
                let token = head.header(header)?;
                // The request has no body, and carries the token of a delivery.
                let request = Delivery {
                    head: *head,
                    body: b"",
                };
                let authentic = verifier.authenticate(&request, now).ok();
                authentic.map(|_| echo::wrapped(token, field))
            }
            (Challenge::Status, Some("HEAD")) => Some(Ok(Reply::empty())),
            (Challenge::EchoHeader { header }, None | Some("POST")) => {
                let secret = head.header(header)?;
                Some(secret::by_header(
                    &self.registrations,
                    head,
                    header,
                    secret,
                    now,
                ))
            }
            _ => None,
        }
    }

    /// Judges the body of a genuine request.
    pub(crate) fn by_body(&self, authentic: &Authentic<'_>) -> Judged {
        let body = authentic.body();
        match &authentic.verifier().scheme().challenge {
            Challenge::EchoJson { path } => echo::field(body, path),
            Challenge::Mac(challenge) => match &challenge.token {
                TokenPlace::Json(path) => mac::by_body(authentic, challenge, path),
                TokenPlace::Query(_) => None,
            },
            Challenge::Pong => pong::judge(body),
            Challenge::Confirm { url } => confirm::judge(body, url, self.on_confirm.as_deref()?),
            // The ring holds the secret already: it is handed to nobody.
            Challenge::Secret { path } => echo::field(body, path),
            Challenge::Status if authentic.is_empty_batch() => Some(Ok(Reply::empty())),
            _ => None,
        }
    }

    /// Whether a body at this path may bring a secret, though no key matches it.
    pub(crate) fn awaits_secret(
        &self,
        verifier: &Verifier,
        head: &Head<'_>,
        now: Timestamp,
    ) -> bool {
        matches!(verifier.scheme().challenge, Challenge::Secret { .. })
            && self.registrations.is_open(head, now)
    }

    /// Judges a body that no key matches, while a secret is awaited.
    pub(crate) fn by_secret(
        &self,
        verifier: &Verifier,
        delivery: &Delivery<'_>,
        now: Timestamp,
    ) -> Judged {
        match &verifier.scheme().challenge {
            Challenge::Secret { path } if self.registrations.is_open(&delivery.head, now) => {
                secret::by_body(&self.registrations, delivery, path, now)
            }
            _ => None,
        }
    }
}

/// Without the verify token, and without what is awaited.
impl fmt::Debug for Challenges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenges")
            .field("has_verify_token", &self.verify_token.is_some())
            .field("confirms", &self.on_confirm.is_some())
            .finish_non_exhaustive()
    }
}
