//! One event per delivery, through the `tracing` facade.

use core::time::Duration;

use ::tracing::{Instrument, error, field, info, warn};

use super::Told;
use crate::Receipt;

/// Tells of a delivery: as a warning where somebody should look.
pub(super) fn delivery(told: &Told<'_>) {
    let watch = told.watch;
    let scheme = &*watch.place.scheme;
    let endpoint = Some(&*watch.place.endpoint).filter(|endpoint| !endpoint.is_empty());
    let code = told.verdict.as_str();
    let status = told.receipt.map(Receipt::status);
    let key_name = watch.key_name.as_deref();
    let skew_ms = watch
        .skew
        .map(|skew| i64::try_from(skew.whole_milliseconds()).unwrap_or(i64::MAX));
    let body_bytes = watch.body_bytes;
    let claim = told.claim.as_str();
    let verification_us = microseconds(watch.verification);
    let total_us = microseconds(told.total);
    let store_error = told
        .receipt
        .and_then(Receipt::store_error)
        .map(field::display);
    if told.verdict.is_usual() {
        info!(
            target: "countersign",
            scheme, endpoint, code, status, key_name, skew_ms, body_bytes, claim, verification_us, total_us,
            store_error,
        );
    } else {
        warn!(
            target: "countersign",
            scheme, endpoint, code, status, key_name, skew_ms, body_bytes, claim, verification_us, total_us,
            store_error,
        );
    }
}

/// A handler may run longer than its sender waits for the answer.
pub(crate) fn slow_handler_allowed(scheme: &str, timeout: Duration, sender_s: u16) {
    warn!(
        target: "countersign",
        scheme,
        handler_timeout_s = timeout.as_secs(),
        sender_timeout_s = sender_s,
        "a handler may run longer than its sender waits: the sender then retries, meets in progress, and later done",
    );
}

/// A handler wants a verified webhook, and nothing before it verifies one.
#[cfg_attr(
    not(any(feature = "axum", feature = "actix-web")),
    allow(dead_code, reason = "no extractor")
)]
pub(crate) fn layer_is_missing() {
    error!(
        target: "countersign",
        "a handler takes a verified webhook, and no layer before it verifies one: answered 500",
    );
}

/// An extractor wants a receiver, and the application has none of its type.
#[cfg_attr(not(feature = "actix-web"), allow(dead_code, reason = "no extractor"))]
pub(crate) fn receiver_is_missing() {
    error!(
        target: "countersign",
        "a handler takes an unclaimed webhook, and the application has no receiver for it: answered 500",
    );
}

/// The handler's own events belong to the request's span, also in another task.
pub(crate) fn in_this_span<F: Future>(future: F) -> impl Future<Output = F::Output> {
    future.in_current_span()
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
