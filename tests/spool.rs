//! Bodies that go to a file while they come: what a handler gets, what nobody gets, and
//! what is left of them.
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

mod spool {
    mod rig;

    mod build;
    #[cfg(target_os = "linux")]
    mod faults;
    #[cfg(target_os = "linux")]
    mod files;
    mod flow;
    #[cfg(target_os = "linux")]
    mod layer;
}
