//! The store in Redis, with real servers: the contract, what it refuses, settings that
//! differ, lost answers, restarts, a cluster, a sentinel, races.
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

#[path = "store_redis/check.rs"]
mod check;
#[path = "store_redis/clock.rs"]
mod clock;
#[path = "store_redis/cluster.rs"]
mod cluster;
#[path = "store_redis/contract.rs"]
mod contract;
#[path = "store_redis/fake.rs"]
mod fake;
#[path = "store_redis/faults.rs"]
mod faults;
#[path = "store_redis/outage.rs"]
mod outage;
#[path = "store_redis/races.rs"]
mod races;
#[path = "store_redis/receiver.rs"]
mod receiver;
#[path = "store_redis/rig.rs"]
mod rig;
#[path = "store_redis/sentinel.rs"]
mod sentinel;
#[path = "store_redis/settings.rs"]
mod settings;
#[path = "store_redis/trips.rs"]
mod trips;
