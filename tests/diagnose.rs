//! What a diagnosis names, and that it names nothing for a forgery.
#![cfg(all(feature = "diagnose", feature = "rsa"))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test may stop at the first thing that is wrong"
)]

extern crate alloc;

#[path = "diagnose/case.rs"]
mod case;
#[path = "diagnose/documented.rs"]
mod documented;
#[path = "diagnose/forgery.rs"]
mod forgery;
#[path = "diagnose/generated.rs"]
mod generated;
#[path = "diagnose/json.rs"]
mod json;
#[path = "diagnose/maker.rs"]
mod maker;
#[path = "diagnose/mistakes.rs"]
mod mistakes;
#[path = "diagnose/pairs.rs"]
mod pairs;
#[path = "diagnose/possible.rs"]
mod possible;
#[path = "diagnose/refused.rs"]
mod refused;
#[cfg(feature = "cli")]
#[path = "diagnose/reports.rs"]
mod reports;
