//! Where an application says that it awaits a secret, and gets it.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::{ConfigError, Head, Secret, Timestamp, Unsigned};

/// The paths at which an application awaits a secret, for receivers whose
/// [`Challenges`](super::Challenges) have them. A clone is the same list.
///
/// ```
/// use countersign::challenge::{Challenges, Registrations, unknown_secret};
/// use countersign::scheme::catalogue::ASANA;
/// use countersign::store::MemoryStore;
/// use countersign::{Incoming, KeyRing, Receiver, Reply, Timestamp, Verifier};
/// use time::Duration;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// let registrations = Registrations::new();
/// // Nothing is genuine before the first secret has come.
/// let ring = KeyRing::new().with_secret(unknown_secret("none")?)?;
/// let receiver = Receiver::builder(Verifier::new(ASANA, &ring)?, MemoryStore::with_capacity(10_000))
///     .challenges(Challenges::new().registrations(&registrations))
///     .build()?;
///
/// // A path that nobody can guess keeps strangers from sending theirs first.
/// let until = Timestamp::now().saturating_add(Duration::minutes(1));
/// let registration = registrations.open("/asana/5f0c9d2e", "project-7", until)?;
/// // Now ask Asana for a webhook at that path. It sends, before it answers:
/// let handshake = Incoming::new([("X-Hook-Secret", "b537207f20cbfa02357cf448134da559")], "")
///     .method("POST")
///     .url("/asana/5f0c9d2e");
/// let receipt = receiver.receive(handshake, |_| async { Ok(Reply::empty()) }).await;
/// assert_eq!(receipt.status(), 200);
///
/// // Its answer came over your own connection to Asana: only now is the secret believed.
/// let secret = registration.secret().await.ok_or("nobody sent one")?;
/// receiver.set_keys(&KeyRing::new().with_secret(secret.insecure_get().clone())?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Registrations(Arc<Mutex<Awaited>>);

/// Who awaits a secret at which path.
#[derive(Default)]
struct Awaited {
    paths: BTreeMap<String, Awaiting>,
    opened: u64,
}

struct Awaiting {
    /// Tells it from others that were open at the same path.
    number: u64,
    key_name: String,
    until: Timestamp,
    hand_over: oneshot::Sender<Unsigned<Secret>>,
}

impl Registrations {
    /// Awaits nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Awaits one secret at a path, such as `/hooks/asana/5f0c9d2e`, as it stands in the
    /// URL that the receiver gets: without query, percent signs as they are. It will have
    /// the name `key_name`, and is taken before `until`, by the receiver's clock. One that
    /// is open at the same path is closed.
    ///
    /// # Errors
    ///
    /// `INVALID_KEY_RING` for a name that no secret can have.
    pub fn open(
        &self,
        path: impl Into<String>,
        key_name: &str,
        until: Timestamp,
    ) -> Result<Registration, ConfigError> {
        Secret::new(key_name, "")?;
        let path = path.into();
        let (hand_over, secret) = oneshot::channel();
        let mut awaited = self.awaited();
        awaited.opened = awaited.opened.wrapping_add(1);
        let number = awaited.opened;
        awaited.paths.insert(
            path.clone(),
            Awaiting {
                number,
                key_name: key_name.into(),
                until,
                hand_over,
            },
        );
        drop(awaited);
        Ok(Registration {
            registrations: self.clone(),
            path,
            number,
            secret,
        })
    }

    /// Whether a secret is awaited at the path of this request.
    pub(super) fn is_open(&self, head: &Head<'_>, now: Timestamp) -> bool {
        let awaited = self.awaited();
        let awaiting = head.path().and_then(|path| awaited.paths.get(path));
        awaiting.is_some_and(|awaiting| now < awaiting.until)
    }

    /// Hands a secret to who awaits it at the path of this request, once. Whether anybody
    /// did.
    pub(super) fn hand_over(&self, head: &Head<'_>, text: &str, now: Timestamp) -> bool {
        let awaiting = head
            .path()
            .and_then(|path| self.awaited().paths.remove(path));
        let Some(awaiting) = awaiting.filter(|awaiting| now < awaiting.until) else {
            return false;
        };
        Secret::new(&awaiting.key_name, text).is_ok_and(|secret| {
            let handed = awaiting.hand_over.send(Unsigned::new(secret));
            handed.is_ok()
        })
    }

    /// Nothing is left half done when a thread panics with the list in hand.
    fn awaited(&self) -> MutexGuard<'_, Awaited> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Registrations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registrations")
            .field("open", &self.awaited().paths.len())
            .finish()
    }
}

/// A secret that is awaited at a path. Dropped, it is closed.
#[must_use = "it is closed when it is dropped"]
pub struct Registration {
    registrations: Registrations,
    path: String,
    number: u64,
    secret: oneshot::Receiver<Unsigned<Secret>>,
}

impl Registration {
    /// The secret, when it has come. `None` if the registration expired or another was
    /// opened at its path; both show only when a request comes or another is opened, so
    /// put a time-out of your own around this.
    ///
    /// Anybody who reaches the path could have sent it. Believe it only when the provider
    /// says, over a connection of yours, that it set the webhook up (Asana), or when a
    /// person has compared it (Notion).
    pub async fn secret(mut self) -> Option<Unsigned<Secret>> {
        (&mut self.secret).await.ok()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut awaited = self.registrations.awaited();
        let open = awaited.paths.get(&self.path);
        if open.is_some_and(|open| open.number == self.number) {
            awaited.paths.remove(&self.path);
        }
    }
}

/// Without the path, which may be what keeps strangers away.
impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration").finish_non_exhaustive()
    }
}
