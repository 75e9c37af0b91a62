//! Verifies incoming webhooks: is a delivery genuine, is it the first time, and
//! if not, why?
//!
//! ```text
//!  delivery      verifier: bytes and `now` in, proof or rejection out               receiver: a store, and your handler
//!  headers ──► headers ► version ► signature text ► time text ► cap ► signature ► window ► challenge ► event id ──► claim ──► handler ──► complete
//!  raw body                                                                                           │              └──► release
//!                                                                                                     └──► duplicate, in progress, stuck
//! ```
//!
//! # Example
//!
//! ```
//! use countersign::scheme::catalogue::GITHUB;
//! use countersign::{Delivery, KeyRing, Timestamp, Verifier};
//!
//! let ring = KeyRing::new().with("current", "It's a Secret to Everybody")?;
//! let verifier = Verifier::new(GITHUB, &ring)?; // once, when the receiver starts
//!
//! let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
//! let headers = [("X-Hub-Signature-256", signature)];
//! let verified = verifier.verify(&Delivery::new(&headers, b"Hello, World!"), Timestamp::now())?;
//! assert_eq!(verified.key_name(), "current");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The body is the bytes from the socket: a body that was parsed and printed again
//! is another body. [`Verified`] is proof: only the verifier can make one. A
//! [`Rejection`] has a [`Code`] that never changes its meaning and says what
//! probably happened and what to do next.
//!
//! # Ways in
//!
//! - [`Verifier::verify`]: genuine, in time, and which event.
//! - [`Verifier::authenticate`], then [`Authentic::identify`]: the same in two steps.
//! - [`Verifier::streaming`]: the body in chunks.
//! - [`Signer`]: the same schemes in the other direction, for senders and for tests.
//! - [`Scheme::builder`](scheme::Scheme::builder): a provider that the catalogue does not have.
//!
//! # What it refuses to do
//!
//! - It takes no parsed body: the signature is over bytes.
//! - The verifier does no IO, reads no clock and awaits nothing; `now` is an argument.
//! - It fetches no keys, and nothing in a delivery tells it where a key is.
//! - The sender does not choose the algorithm: the scheme does.
//! - Where the scheme requires a time, no delivery without one is accepted. A time
//!   outside the signature decides nothing.
//! - It does not guess a secret's form: the scheme states it.
//! - It does not take the first of two headers that differ.
//! - It marks nothing as seen before the handler is done; nothing unverified
//!   touches a store.
//! - It has no way to switch the signature off. Waivers are called `insecure_…`.
//!
//! # Schemes
//!
//! [`scheme::catalogue`] has them as `const` data.
//!
#![doc = include_str!("scheme/catalogue/table.md")]
//!
//! # Choosing a store
//!
//! `MemoryStore` (feature `receiver`) forgets when the process ends, and serves one
//! process only. `SqliteStore` (feature `sqlite`) keeps its claims in a file, through
//! crashes of the process and of the host, for all processes of one host; with
//! `SqliteInbox` event and effect commit together. `RedisStore`, `PostgresStore` and
//! `MysqlStore` (features `redis`, `postgres`, `mysql`) serve any number of hosts, over a
//! connection or a pool of your own; `PostgresInbox` and `MysqlInbox` are for effects in
//! those databases. `LayeredStore` puts memory in front of any of them. For a store of
//! your own the contract stands on `Store`, and `store::contract` checks it.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `std` (default) | `SystemTime`, the system's clock, `HashMap` as headers |
//! | `json` (default) | event ids and fields in JSON bodies |
//! | `form` | schemes that sign form fields |
//! | `serde` | schemes as TOML or JSON text |
//! | `http` | `http::HeaderMap` as headers |
//! | `rsa` | RSA PKCS#1 v1.5 with SHA-256 (155.io); compiles C |
//! | `ed25519`, `ecdsa` | public keys of these kinds |
//! | `jwt` | schemes whose signature is a token |
//! | `x509` | RSA keys in a certificate: Amazon SNS, `PayPal` |
//! | `receiver` | `Receiver`, `Store`, `Guard`, `MemoryStore`, `LayeredStore` |
//! | `spool` | large bodies in files, sealed until they are genuine |
//! | `sqlite` | `SqliteStore`, `SqliteInbox`; compiles C, needs rustc 1.94 |
//! | `redis` | `RedisStore`, for Redis 7 and Valkey |
//! | `postgres` | `PostgresStore`, `PostgresInbox`; needs rustc 1.94 |
//! | `mysql` | `MysqlStore`, `MysqlInbox`, for MySQL and MariaDB; needs rustc 1.94 |
//! | `tower` | a layer for any `http` stack |
//! | `axum` | extractors, behind that layer and alone |
//! | `actix-web` | middleware and extractors for actix-web; needs rustc 1.89 |
//! | `challenge` | answers to challenges |
//! | `lambda` | deliveries from events of AWS Lambda, and their answers |
//! | `diagnose` | why a delivery was refused, proven; bundles for support |
//! | `tracing` | one event per delivery |
//! | `metrics` | counts, times, skews and sizes of deliveries |
//! | `testing` | a clock that only moves when told, throw-away keys, the store contract as checks |
//! | `cli` | the program `countersign` |
//! | `full` | everything but `cli` |
//!
//! A feature adds API and changes no behaviour. Without any the crate needs `alloc`
//! only, and the caller brings the time.
//!
//! # More
//!
//! [Design](_documentation::design), [security](_documentation::security),
//! [metrics](_documentation::metrics), [changes](_documentation::changelog).
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "receiver")]
pub mod adapter;
#[cfg(feature = "diagnose")]
pub mod bundle;
#[cfg(feature = "challenge")]
pub mod challenge;
mod clock;
#[cfg(feature = "diagnose")]
pub mod diagnose;
mod error;
#[cfg(feature = "receiver")]
mod observe;
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
mod verify;

pub use clock::Timestamp;
#[cfg(feature = "std")]
pub use clock::{Clock, SystemClock};
pub use error::{
    Answer, ChallengeProblem, Code, ConfigError, EventIdProblem, HeaderSet, Rejection,
    SecretProblem, SignatureProblem, StoreError, TimestampProblem, UnknownCode, UnsupportedProblem,
};
#[cfg(feature = "receiver")]
pub use receive::{
    Event, HandlerError, Incoming, IncomingHead, Intake, OutagePolicy, Receipt, Receiver,
    ReceiverBuilder, Reply, Situation, Unclaimed,
};
#[cfg(feature = "spool")]
pub use receive::{Spooled, SpooledReader};
pub use secret::{Fingerprint, KeyRing, Secret};
pub use sign::{Outgoing, SignedDelivery, Signer};
pub use signed::{Signed, Unsigned};
pub use verify::{
    Authentic, DedupeKey, Delivery, DetachedStream, EventId, Head, HeaderFn, HeaderName, Headers,
    KeyId, KeyPartText, Likeness, Stream, StreamVerifier, Unsealed, Verified, Verifier,
    VerifierBuilder, header_fn,
};

/// The long documents, as pages.
#[cfg(doc)]
pub mod _documentation {
    #[doc = include_str!("../CHANGELOG.md")]
    pub mod changelog {}
    #[doc = include_str!("../DESIGN.md")]
    pub mod design {}
    #[doc = include_str!("../METRICS.md")]
    pub mod metrics {}
    #[doc = include_str!("../SECURITY.md")]
    pub mod security {}
}

/// Runs the examples of README.md.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
