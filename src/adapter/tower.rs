//! A [`tower`](https://docs.rs/tower) layer for any `http` stack: hyper, axum, tonic,
//! warp.
//!
//! # Rules
//!
//! 1. The head is judged before the body is read.
//! 2. The body is read once, counted while it comes, and hashed as it comes where the
//!    scheme allows it. `Content-Length` is not believed: nothing is reserved by it, and
//!    a body over the cap is refused (413) at the chunk that passes it, also if it never
//!    ends.
//! 3. A body that breaks off, or does not come in full within
//!    [`body_timeout`](crate::ReceiverBuilder::body_timeout), is refused (408).
//! 4. The inner service sees genuine deliveries only, each event once at a time, and none
//!    that is done.
//! 5. It gets the very same bytes as body, the headers as they came, and the
//!    [`Event`](crate::Event) in the request's extensions. A `Content-Encoding` is not
//!    opened: what was signed is what came over the wire.
//! 6. It runs apart from its request, as soon as it waits for anything in a task of its
//!    own: a client that hangs up cancels nothing, and its retry meets the event in
//!    progress, then done. A server that stops waits for its
//!    connections; [`Receiver::idle`](crate::Receiver::idle) waits for the rest.
//! 7. What it answers settles the claim. 2xx: the event is done. 4xx: it is refused for
//!    good, so it is done, and the sender is told that all is well. 408, 425, 429, 5xx
//!    and everything else, an error, a panic: the claim is released, and the sender is
//!    asked to retry.
//! 8. An answer of success leaves as it is, its status too where the sender takes any
//!    2xx, and with its trailers. Every other answer is the receiver's: empty, unless a
//!    reply was kept or the receiver has a reply function; with `Retry-After` where due. A
//!    reply with a `Content-Encoding` is not kept.
//! 9. A handler that takes longer than its time-out is cancelled, and its lease runs out. One
//!    that blocks its thread before it first waits holds up its time-out.
//! 10. The reason is in the response's extensions, as [`Receipt`](crate::Receipt); never
//!     in the response itself.
//! 11. A path that no receiver has is answered 404.
//! 12. The URL that a scheme signs is the registered one. `Host` and `:authority` are
//!     looked at only by a verifier with the waiver
//!     [`insecure_url_from_request`](crate::VerifierBuilder::insecure_url_from_request),
//!     and `X-Forwarded-*` never.
//! 13. A challenge that the receiver was told to answer never reaches the inner service.
//!
//! The caveat of [deployment](super) holds.

mod body;
mod layer;
mod service;

pub use body::VerifiedBody;
pub use layer::WebhookLayer;
pub use service::{ResponseFuture, WebhookService};

pub use super::response::ResponseBody;
