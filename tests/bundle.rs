//! What a bundle tells, what two of them prove, and what neither gives away.
#![cfg(feature = "diagnose")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of a test may stop at the first thing that is wrong"
)]

#[path = "bundle/changes.rs"]
mod changes;
#[path = "bundle/facts.rs"]
mod facts;
#[path = "bundle/garbage.rs"]
mod garbage;
#[path = "bundle/party.rs"]
mod party;
#[path = "bundle/secrecy.rs"]
mod secrecy;
#[path = "bundle/size.rs"]
mod size;
