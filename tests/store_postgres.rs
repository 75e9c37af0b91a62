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

#[path = "common/patience.rs"]
mod patience;
#[path = "common/race.rs"]
mod race;
#[path = "common/relay.rs"]
mod relay;
#[path = "common/requests.rs"]
mod requests;
#[path = "common/server.rs"]
mod server;

#[path = "store_postgres/clock.rs"]
mod clock;
#[path = "store_postgres/contract.rs"]
mod contract;
#[path = "store_postgres/faults.rs"]
mod faults;
#[path = "store_postgres/pooler.rs"]
mod pooler;
#[path = "store_postgres/races.rs"]
mod races;
#[path = "store_postgres/rig.rs"]
mod rig;
#[path = "store_postgres/sweep.rs"]
mod sweep;
#[path = "store_postgres/table.rs"]
mod table;
#[path = "store_postgres/writes.rs"]
mod writes;
