//! AWS Lambda's events and responses: a test per rule of `adapter::lambda`.
#![allow(
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

mod lambda {
    mod events;

    mod requests;
    mod responses;
    mod unreadable;
    mod urls;
}
