//! Challenges: what is answered, what is not, and what never comes of either.
#![cfg(all(feature = "challenge", feature = "full"))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    dead_code,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

#[path = "common/issuer.rs"]
mod issuer;
#[path = "common/providers.rs"]
mod providers;
#[path = "common/rows.rs"]
mod rows;

mod challenges {
    mod rig;

    mod answers;
    mod confirm;
    mod oracle;
    mod refusals;
    mod registration;
    mod told;
}
