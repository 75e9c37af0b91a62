//! What the adapter of actix-web has of its own; the rest is in the table of `adapters.rs`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

mod actix_web {
    mod extractors;
    mod place;
    mod rig;
    mod run;
    mod wire;
}
