//! The contract suite: a sound store keeps every rule, and each way to break one is
//! caught by the check that is named for it, and by no other.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

mod contract {
    mod broken;
    mod model;

    mod runs;
}
