//! The store in PostgreSQL, with real servers: the contract, poolers, faults, races.
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

#[path = "common/relay.rs"]
mod relay;
#[path = "common/server.rs"]
mod server;

#[path = "store_postgres/contract.rs"]
mod contract;
#[path = "store_postgres/rig.rs"]
mod rig;
