//! What is told of deliveries: of each one once, with the right labels, and nothing of
//! its text.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

#[allow(dead_code, reason = "each of its users needs a part")]
#[path = "receiver/rig.rs"]
mod rig;

mod observe {
    mod told;

    mod faults;
    mod flow;
    mod intake;
    mod measures;
    mod secrecy;
}
