//! The receiver: what runs, what does not, and what the sender is told.
#![allow(
    clippy::as_conversions,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

mod receiver {
    mod rig;

    mod build;
    mod faults;
    mod flow;
    mod identity;
    mod leases;
}
