//! Verify incoming webhooks.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod clock;
mod error;
#[cfg(feature = "receiver")]
mod receive;
pub mod scheme;
mod secret;
mod sign;
mod signed;
#[cfg(feature = "receiver")]
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "receiver")]
mod trace;
mod verify;

pub use clock::Timestamp;
#[cfg(feature = "std")]
pub use clock::{Clock, SystemClock};
pub use error::{
    Answer, Code, ConfigError, EventIdProblem, HeaderSet, Rejection, SecretProblem,
    SignatureProblem, StoreError, TimestampProblem, UnknownCode, UnsupportedProblem,
};
#[cfg(feature = "receiver")]
pub use receive::{
    DuplicateAnswer, Event, HandlerError, Incoming, OutagePolicy, Receipt, Receiver,
    ReceiverBuilder, Reply, Situation,
};
pub use secret::{Fingerprint, KeyRing, Secret};
pub use sign::{Outgoing, SignedDelivery, Signer};
pub use signed::{Signed, Unsigned};
pub use verify::{
    Authentic, DedupeKey, Delivery, EventId, Head, HeaderFn, HeaderName, Headers, KeyId,
    KeyPartText, Stream, StreamVerifier, Verified, Verifier, VerifierBuilder, header_fn,
};
