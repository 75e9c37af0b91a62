//! A middleware and extractors for [`actix-web`](https://docs.rs/actix-web).
//!
//! | in the handler | verified by | claimed and settled by |
//! |---|---|---|
//! | [`VerifiedWebhook`], [`VerifiedJson<T>`](VerifiedJson), or any other service of the framework's | [`WebhookMiddleware`] around it | the middleware, by what the service answers |
//! | [`VerifiedWebhook<Unclaimed<S>>`](VerifiedWebhook) | the extractor, with the receiver from `web::Data` | [`process`](VerifiedWebhook::process), by what its closure returns |
//!
//! # Rules of the middleware
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
//! 5. It gets the very same bytes as payload, the headers as they came, and the
//!    [`Event`](crate::Event) in the request's extensions. A `Content-Encoding` is not
//!    opened: what was signed is what came over the wire. The framework's own extractors
//!    open it, and have a limit of their own, also behind the middleware; those of this
//!    module do neither.
//! 6. It runs in a task of its own, on its worker's thread: a client that hangs up cancels
//!    nothing, and its retry meets the event in progress, then done. A server that stops
//!    waits for its connections; [`Receiver::idle`](crate::Receiver::idle) waits for the
//!    rest, as long as the workers live.
//! 7. What it answers settles the claim. 2xx: the event is done. 4xx: it is refused for
//!    good, so it is done, and the sender is told that all is well. 408, 425, 429, 5xx
//!    and everything else, a panic: the claim is released, and the sender is asked to
//!    retry. An error counts as the response that it makes.
//! 8. An answer of success leaves as it is, its status too where the sender takes any
//!    2xx. Every other answer is the receiver's: empty, unless a reply was kept or the
//!    receiver has a reply function; with `Retry-After` where due. A reply with a
//!    `Content-Encoding` is not kept.
//! 9. A handler that takes longer than its time-out is cancelled, and its lease runs out.
//!    So it does when a stopped server gives up waiting (`HttpServer::shutdown_timeout`). A
//!    handler that blocks its thread holds up its time-out, and all else on that worker.
//! 10. The reason is in the response's extensions, as [`Receipt`](crate::Receipt); never
//!     in the response itself. Where the inner service has lost the request (by a panic,
//!     a time-out or an error), the response is made by an error of the type
//!     [`WebhookRejection`].
//! 11. A path that no receiver has is answered 404.
//! 12. The URL that a scheme signs is the registered one. `Host` and `:authority` are
//!     looked at only by a verifier with the waiver
//!     [`insecure_url_from_request`](crate::VerifierBuilder::insecure_url_from_request),
//!     and `X-Forwarded-*` never.
//! 13. A challenge that the receiver was told to answer never reaches the inner service.
//!     Some come as GET or HEAD. Around a resource the middleware sees them whatever the
//!     resource's routes are; the extractor alone sees those that its route lets through.
//!
//! # Rules of the extractors
//!
//! 14. No extractor hands out a byte of a body whose signature has not matched.
//! 15. [`VerifiedWebhook`] is the event that the middleware has verified. Without the
//!     middleware the handler does not run: the answer is 500, and `tracing` is told of it
//!     as an error. So it is where the one that stands alone finds no receiver.
//! 16. [`VerifiedJson`] parses the body of that event. A genuine body that is not the
//!     wanted value is refused for good: the handler does not run, the event is done, the
//!     sender is told that all is well, and
//!     [`Receipt::handler_error`](crate::Receipt::handler_error) says where it went wrong,
//!     without a word of the body.
//! 17. `VerifiedWebhook<Unclaimed<S>>` judges the head, reads and verifies the body as the
//!     middleware does. A delivery that is refused is a [`WebhookRejection`].
//! 18. Nothing is claimed before [`process`](VerifiedWebhook::process); an extractor that is
//!     dropped without it has left no trace.
//! 19. `process` claims, runs its closure in a task of its own, on its worker's thread, and
//!     settles; it answers as the receiver says, with the receipt in the response's
//!     extensions. [`process_json`](VerifiedWebhook::process_json) parses under the claim.
//!
//! The caveat of [deployment](super) holds.

mod answer;
mod intake;
mod json;
mod local;
mod middleware;
mod payload;
mod rejection;
mod service;
mod webhook;

pub use json::VerifiedJson;
pub use middleware::WebhookMiddleware;
pub use rejection::WebhookRejection;
pub use service::WebhookService;
pub use webhook::VerifiedWebhook;
