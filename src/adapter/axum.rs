//! Extractors for [`axum`](https://docs.rs/axum/0.8).
//!
//! | in the handler | verified by | claimed and settled by |
//! |---|---|---|
//! | [`VerifiedWebhook`], [`VerifiedJson<T>`](VerifiedJson) | a [`WebhookLayer`](super::tower::WebhookLayer) before the handler | the layer, by the handler's status |
//! | [`VerifiedWebhook<Unclaimed<S>>`](VerifiedWebhook) | the extractor, with the receiver from the state | [`process`](VerifiedWebhook::process), by what its closure returns |
//!
//! # Rules
//!
//! 1. No extractor hands out a byte of a body whose signature has not matched.
//!
//! Behind the layer, whose [rules](super::tower) hold:
//!
//! 2. [`VerifiedWebhook`] is the event that the layer has verified. Without the layer
//!    the handler does not run: the answer is 500, and `tracing` is told of it as an error.
//! 3. [`VerifiedJson`] parses the body of that event. A genuine body that is not the
//!    wanted value is refused for good: the handler does not run, the event is done, the
//!    sender is told that all is well, and [`Receipt::handler_error`](crate::Receipt::handler_error)
//!    says where it went wrong, without a word of the body.
//!
//! Alone:
//!
//! 4. `VerifiedWebhook<Unclaimed<S>>` judges the head, reads and verifies the body as the
//!    layer does. The cap is the receiver's; axum's `DefaultBodyLimit` is not asked.
//! 5. A delivery that is refused is a [`WebhookRejection`]: the receiver's status, an empty
//!    body, and the [`Receipt`](crate::Receipt) in the response's extensions. So is a
//!    challenge, with the receiver's answer to it; a route for senders that challenge by
//!    GET or HEAD takes these methods too.
//! 6. Nothing is claimed before [`process`](VerifiedWebhook::process); an extractor that is
//!    dropped without it has left no trace.
//! 7. `process` claims, runs its closure and settles, as
//!    [`Unclaimed::process`](crate::Unclaimed::process) does, also if the client hangs up, and
//!    answers as the receiver says, with the receipt in the response's extensions.
//! 8. [`process_json`](VerifiedWebhook::process_json) parses under the claim; a genuine body
//!    that is not the wanted value is refused for good, as by rule 3.
//! 9. The path is the one that the handler's own router sees: inside `Router::nest` it has
//!    lost its prefix, for the extractor as for a layer that stands inside. That matters to
//!    verifiers that take the URL from the request, to [`Endpoints`](super::Endpoints), and
//!    to the paths of open registrations (feature `challenge`).
//! 10. Behind the layer axum's own answers count as the handler's: a body over the limit
//!     of its `Bytes` or `Json` (2 MB unless told), a path or method that a router inside
//!     does not know. They are 4xx, and refuse the event for good. So the layer belongs on
//!     the one route, and the handler takes the extractors of this module, which have no
//!     limit but the receiver's.
//!
//! The caveat of [deployment](super) holds.

mod json;
mod rejection;
mod webhook;

pub use json::VerifiedJson;
pub use rejection::WebhookRejection;
pub use webhook::VerifiedWebhook;
