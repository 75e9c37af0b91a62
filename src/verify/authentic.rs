//! A delivery whose signature matched and whose time lies in the window, before
//! anybody asked which event it is.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use super::Verifier;
use super::delivery::Head;
use super::fields::Fields;
use super::verified::{EventId, Verified};
use crate::{Rejection, Signed, Timestamp, Unsigned};

/// Genuine and in time; not yet which event.
///
/// Has no public constructor. [`identify`](Self::identify) makes it
/// [`Verified`], which is what a store and a handler want.
#[must_use = "identify tells which event it is"]
pub struct Authentic<'d> {
    pub(super) verifier: &'d Verifier,
    pub(super) head: Head<'d>,
    pub(super) fields: Fields<'d>,
    pub(super) key: usize,
    pub(super) time: Option<Signed<Timestamp>>,
    pub(super) unsigned_time: Option<Unsigned<Timestamp>>,
    /// The event id, where it is a claim of a signed token.
    pub(super) claimed_id: Option<Box<EventId<'d>>>,
    pub(super) body: &'d [u8],
}

impl<'d> Authentic<'d> {
    /// The name of the key that matched.
    #[must_use]
    pub fn key_name(&self) -> &'d str {
        self.verifier.keys.name(self.key)
    }

    #[cfg_attr(
        not(feature = "receiver"),
        allow(dead_code, reason = "only its events outlive the verifier")
    )]
    pub(crate) fn shared_key_name(&self) -> Arc<str> {
        self.verifier.keys.shared_name(self.key)
    }

    /// The signed time, where the scheme has one.
    #[must_use]
    pub const fn timestamp(&self) -> Option<Signed<Timestamp>> {
        self.time
    }

    /// Names the event.
    ///
    /// # Errors
    ///
    /// `EVENT_ID_MISMATCH`, `MISSING_EVENT_ID`, `INVALID_EVENT_ID`, and
    /// `AMBIGUOUS_HEADER` for a header that only splits events.
    #[inline]
    pub fn identify(self) -> Result<Verified<'d>, Rejection> {
        let verifier = self.verifier;
        let key_name = self.key_name();
        if let Some(answerable) = &verifier.answerable {
            answerable.judge(self.body)?;
        }
        let identity = verifier.identity.read(
            &verifier.scheme,
            &verifier.slots,
            &self.head,
            &self.fields,
            self.claimed_id,
            self.body,
        )?;
        Ok(Verified {
            scheme: &verifier.scheme,
            key_name,
            time: self.time,
            unsigned_time: self.unsigned_time,
            identity,
            body: self.body,
            body_digest: None,
        })
    }
}

impl fmt::Debug for Authentic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authentic")
            .field("scheme", &self.verifier.scheme.id)
            .field("key_name", &self.key_name())
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
