//! A verified event, as a handler gets it.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use std::io;

use super::spool::{Chunks, Spooled};
use sha2::{Digest, Sha256};

use crate::scheme::Text;
use crate::store::Lease;
use crate::{DedupeKey, Timestamp, Verified};

/// A verified event, owned. Cheap to clone.
#[derive(Clone)]
pub struct Event {
    facts: Arc<Facts>,
    body: Arc<Vec<u8>>,
    pub(super) spooled: Option<Spooled>,
    attempt: u32,
    fence: Option<u64>,
    is_takeover: bool,
}

struct Facts {
    scheme: Text,
    key_name: Arc<str>,
    event_id: Option<String>,
    timestamp: Option<Timestamp>,
    dedupe_key: Option<DedupeKey>,
    item_ids: Option<Vec<String>>,
}

impl Event {
    /// The only way to an event: through the verifier. Its body follows.
    pub(super) fn of(verified: &Verified<'_>, key_name: Arc<str>, endpoint: &str) -> Self {
        let facts = Facts {
            scheme: verified.scheme().id.clone(),
            key_name,
            event_id: verified.event_id().map(|id| id.get().text().into()),
            timestamp: verified.timestamp().map(|time| *time.get()),
            dedupe_key: verified.dedupe_key(endpoint),
            item_ids: verified
                .item_ids()
                .map(|ids| ids.into_iter().map(Cow::into_owned).collect()),
        };
        Self {
            facts: Arc::new(facts),
            body: Arc::default(),
            spooled: None,
            attempt: 1,
            fence: None,
            is_takeover: false,
        }
    }

    pub(super) fn with_body(mut self, body: Vec<u8>) -> Self {
        self.body = Arc::new(body);
        self
    }

    pub(super) fn with_spooled(mut self, body: Spooled) -> Self {
        self.spooled = Some(body);
        self
    }

    /// The body, where it is in a file, in pieces.
    #[cfg_attr(
        not(any(feature = "tower", feature = "actix-web")),
        allow(dead_code, reason = "only adapters pass bodies on")
    )]
    pub(crate) fn chunks(&self) -> Option<Chunks> {
        self.spooled.clone().map(Chunks::of)
    }

    /// The body in memory, wherever it is.
    #[cfg_attr(
        not(any(feature = "axum", feature = "actix-web")),
        allow(dead_code, reason = "only extractors parse bodies")
    )]
    pub(crate) fn whole_body(&self) -> io::Result<Cow<'_, [u8]>> {
        match &self.spooled {
            Some(spooled) => spooled.read_all().map(Cow::Owned),
            None => Ok(Cow::Borrowed(&self.body)),
        }
    }

    /// The body's length, wherever that is.
    pub(crate) fn body_bytes(&self) -> u64 {
        match &self.spooled {
            Some(spooled) => spooled.bytes(),
            None => u64::try_from(self.body.len()).unwrap_or(u64::MAX),
        }
    }

    /// The SHA-256 of the body, wherever that is.
    pub(super) fn body_digest(&self) -> [u8; 32] {
        match &self.spooled {
            Some(spooled) => spooled.digest(),
            None => Sha256::digest(self.body()).into(),
        }
    }

    pub(super) const fn held_under(mut self, lease: &Lease) -> Self {
        self.attempt = lease.attempt();
        self.fence = Some(lease.fence());
        self.is_takeover = lease.is_takeover();
        self
    }

    /// The scheme's id.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.facts.scheme
    }

    /// The name of the key that matched.
    #[must_use]
    pub fn key_name(&self) -> &str {
        &self.facts.key_name
    }

    pub(crate) fn shared_key_name(&self) -> Arc<str> {
        Arc::clone(&self.facts.key_name)
    }

    /// The event's id, where the scheme has a single signed one.
    #[must_use]
    pub fn event_id(&self) -> Option<&str> {
        self.facts.event_id.as_deref()
    }

    /// The signed time, where the scheme has one.
    #[must_use]
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.facts.timestamp
    }

    /// What makes it the same event as another; `None` for a delivery that is never
    /// claimed.
    #[must_use]
    pub fn dedupe_key(&self) -> Option<&DedupeKey> {
        self.facts.dedupe_key.as_ref()
    }

    /// Which attempt at the event this is, from 1. Beyond the first, an earlier one
    /// may have left half an effect behind.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Rises with each holder of the event's claim. A resource that remembers the
    /// highest one it saw can refuse a holder who was replaced. `None` without a claim.
    #[must_use]
    pub const fn fence(&self) -> Option<u64> {
        self.fence
    }

    /// Whether the claim was taken over from a holder who let its lease expire.
    #[must_use]
    pub const fn is_takeover(&self) -> bool {
        self.is_takeover
    }

    /// The ids of a batch's items, in order. `None` where the scheme has no batches
    /// or the body has another form.
    #[must_use]
    pub fn item_ids(&self) -> Option<&[String]> {
        self.facts.item_ids.as_deref()
    }

    /// The raw body, byte for byte as it was signed; empty where it is in a file
    /// (`ReceiverBuilder::spool`).
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("scheme", &self.facts.scheme)
            .field("event_id", &self.facts.event_id)
            .field("attempt", &self.attempt)
            .field("body_bytes", &self.body_bytes())
            .finish_non_exhaustive()
    }
}
