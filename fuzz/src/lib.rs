//! The logic of the fuzz targets: one function `run` per target, over any bytes.
//!
//! The libFuzzer targets in `fuzz_targets/` call these functions, and so does
//! `tests/fuzz_replay.rs` of the crate itself, on stable Rust.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a target stops at the first thing that is wrong"
)]

mod input;
mod oracle;

pub mod event_id_json;
pub mod headers;
pub mod lambda_event;
pub mod scheme_text;
pub mod secret_text;
pub mod signature_list;
pub mod time_text;
pub mod whole_verifier;

use core::sync::atomic::{AtomicUsize, Ordering};

use countersign::scheme::{Scheme, catalogue};

/// Schemes of different kinds, for targets that pick one. Seeds pick by number: a new one
/// goes to the end.
pub const SCHEMES: [&Scheme; 8] = [
    &catalogue::MARBLES_155IO,
    &catalogue::DEBITURA,
    &catalogue::GITHUB,
    &catalogue::MUTOPAY,
    &catalogue::OPENPOLY,
    &catalogue::REVTAIN,
    &catalogue::STANDARD_WEBHOOKS_V1,
    &catalogue::STRIPE,
];

/// How often the accepting and the rejecting ways of a target were reached, so that a
/// replay can tell that it tested something.
#[derive(Debug, Default)]
pub struct Reached {
    pub accepted: AtomicUsize,
    pub rejected: AtomicUsize,
}

impl Reached {
    pub const fn new() -> Self {
        Self {
            accepted: AtomicUsize::new(0),
            rejected: AtomicUsize::new(0),
        }
    }

    fn note(&self, accepted: bool) {
        let counter = if accepted {
            &self.accepted
        } else {
            &self.rejected
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
