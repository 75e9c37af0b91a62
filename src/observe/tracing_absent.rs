//! In place of the events where the feature `tracing` is off.

use core::time::Duration;

use super::Told;

pub(super) const fn delivery(_: &Told<'_>) {}

pub(crate) const fn slow_handler_allowed(_: &str, _: Duration, _: u16) {}

#[cfg_attr(
    not(any(feature = "axum", feature = "actix-web")),
    allow(dead_code, reason = "no extractor")
)]
pub(crate) const fn layer_is_missing() {}

#[cfg_attr(not(feature = "actix-web"), allow(dead_code, reason = "no extractor"))]
pub(crate) const fn receiver_is_missing() {}

pub(crate) const fn in_this_span<F: Future>(future: F) -> F {
    future
}
