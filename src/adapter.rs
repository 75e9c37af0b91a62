//! From a framework's request to a [`Receiver`](crate::Receiver), and the verdict back.
//!
//! An adapter has no rules of its own: it carries the head to
//! [`Receiver::begin`](crate::Receiver::begin), the body to [`Intake`](crate::Intake), the
//! event to the application, what the application answered to the receiver, and the
//! [`Receipt`](crate::Receipt) to the sender. What all of them have in common stands here.
//!
//! # Deployment
//!
//! A signature is over the bytes that the provider sent. Whatever stands before the
//! adapter and parses a body to print it again, decompresses it, or "repairs" its line
//! ends or encoding, makes every delivery `INVALID_SIGNATURE`: a gateway, a proxy, or a
//! middleware of the framework. Such a layer belongs behind the adapter, or on other
//! routes. A proxy must also pass the provider's headers on, under their own names.

#[cfg(feature = "actix-web")]
pub mod actix_web;
#[cfg(any(feature = "tower", feature = "actix-web"))]
mod answered;
#[cfg(feature = "axum")]
pub mod axum;
#[cfg(any(feature = "tower", feature = "actix-web"))]
mod body;
mod endpoints;
#[cfg(any(feature = "axum", feature = "actix-web"))]
mod json;
#[cfg(feature = "lambda")]
pub mod lambda;
#[cfg(any(feature = "tower", feature = "actix-web"))]
mod reason;
#[cfg(feature = "tower")]
mod request;
#[cfg(feature = "tower")]
mod response;
#[cfg(feature = "tower")]
pub mod tower;
#[cfg(any(feature = "tower", feature = "actix-web"))]
mod url;

pub use endpoints::Endpoints;
#[cfg(any(feature = "axum", feature = "actix-web"))]
pub use json::JsonError;
