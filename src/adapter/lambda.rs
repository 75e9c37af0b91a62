//! AWS Lambda: from the event that a function is called with to a delivery, and from a
//! receipt to what the function returns. Text in, text out: no crate of AWS is needed.
//!
//! ```text
//! sender ──► API Gateway, function URL, load balancer ──► event ──► Request ──► Receiver
//!        ◄──                                          ◄── response ◄── Receipt ◄──┘
//! ```
//!
//! ```
//! use countersign::adapter::lambda;
//! # use countersign::scheme::catalogue::MUTOPAY;
//! # use countersign::store::MemoryStore;
//! # use countersign::{KeyRing, Outgoing, Receiver, Reply, Secret, Signer, Timestamp, Verifier};
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! # let secret = Secret::new("current", "the channel's webhook secret")?;
//! # let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with_secret(secret.clone())?)?;
//! # let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10)).build()?;
//! # let body = r#"{"payment_id":"p1","event":"payment.completed"}"#;
//! # let signed = Signer::new(MUTOPAY, &secret)?.sign(&Outgoing::new(body.as_bytes()), Timestamp::now())?;
//! # let headers: serde_json::Map<_, _> =
//! #     signed.headers().iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
//! # let event = serde_json::json!({
//! #     "version": "2.0", "rawPath": "/webhooks", "rawQueryString": "", "headers": headers, "body": body,
//! #     "requestContext": { "http": { "method": "POST" } }, "isBase64Encoded": false,
//! # }).to_string();
//! let request = lambda::Request::from_json(event.as_bytes())?; // an error is the function's error
//! let format = request.format();
//! let receipt = receiver
//!     .receive(request.into_incoming(), |event| async move {
//!         assert!(event.body().starts_with(b"{"));
//!         Ok(Reply::empty())
//!     })
//!     .await;
//! let response = lambda::response(&receipt, format);
//! assert!(response.contains(r#""statusCode":200"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Rules
//!
//! 1. An event is one HTTP request in one of three forms: payload format 2.0 (HTTP APIs,
//!    function URLs), payload format 1.0 (REST APIs, HTTP APIs), a load balancer's. Any
//!    other text is an [`EventError`].
//! 2. The body is the bytes of `body`: decoded if `isBase64Encoded`, strictly, so that a
//!    text which is not canonical Base64 is an error. No body is an empty body.
//! 3. Every value of `multiValueHeaders` is shown, in its order; `headers` counts where
//!    that is absent or empty. Names count in any case, and a name that stands twice shows
//!    both values: a repeated header is `AMBIGUOUS_HEADER` as on a socket.
//! 4. In payload 2.0 API Gateway has joined the values of a repeated header by commas. They
//!    stay joined, for signatures hold commas of their own: the joined text is judged, which
//!    is malformed or unsigned, or, where a header holds a list of signatures, a longer list.
//!    `cookies` is shown as one `cookie` header.
//! 5. The URL is path and query, without a host. `rawPath` and `rawQueryString` and a load
//!    balancer's parameters are taken as they stand. In payload 1.0 API Gateway has decoded
//!    the parameters and does not keep their order; they are encoded again with every byte
//!    escaped that RFC 3986 does not call unreserved. So `+`, lower-case escapes, and a name
//!    without `=` are lost. A URL that is signed as registered is not touched by this; a
//!    scheme that signs the query of the request (`MessageBird`, Twilio's other bodies) wants
//!    payload 2.0, and otherwise refuses what it cannot rebuild.
//! 6. A `?` or `#` in a path is escaped: HTTP APIs decode paths, and a decoded mark would
//!    end the path early.
//! 7. A field that stands twice, or has another type than AWS documents, is an error. Fields
//!    of no interest are skipped, however deep they are.
//! 8. Texts of over 16 MiB, and over 16 384 values of headers or parameters, are an error.
//!    What API Gateway, a load balancer and Lambda itself let through stays below.
//! 9. The response has the receipt's status, its headers and `retry-after`, in the form that
//!    the event's own form asks for; a body that is not UTF-8 goes as Base64. A header that
//!    is more than printable ASCII is left out. The reason for a refusal is not in it.
//!
//! An [`EventError`] is nobody's [`Rejection`](crate::Rejection): the sender writes the
//! request, and AWS writes the event. Somebody connected the function to a queue, or calls
//! it by hand. Return it as the function's error: the gateway answers 502, the sender tries
//! again, and your alarm for failing invocations tells you.
//!
//! # Deployment
//!
//! - A REST API passes only text unless told otherwise, and bytes that are no UTF-8 are lost
//!   on the way (`INVALID_SIGNATURE`). Make `*/*` one of its `binaryMediaTypes`; a response
//!   in Base64 needs that too.
//! - A mapping template that is not the proxy integration rewrites the body: use the proxy
//!   integration.
//! - A load balancer shows only the last value of a repeated header until
//!   `lambda.multi_value_headers.enabled` is set on its target group. Set it.
//! - Each instance of a function has a memory of its own. A
//!   [`MemoryStore`](crate::store::MemoryStore) knows only what came to the same instance:
//!   use a store that the instances share.
//! - An instance is frozen once it has answered, and what still runs stands still. The
//!   function's time-out must be longer than the receiver's
//!   [`handler_timeout`](crate::Receiver::handler_timeout); API Gateway itself answers the
//!   sender after 30 s at most, and the retry meets `EVENT_IN_PROGRESS`.
//! - Lambda takes events of 6 MB, so bodies of 4.5 MB in Base64, whatever the cap of the
//!   scheme is.

mod error;
mod event;
mod request;
mod response;
mod url;

pub use error::EventError;
pub use request::{PayloadFormat, Request};
pub use response::response;
