//! The store in MariaDB: the contract, each error's sentence, a server that is killed,
//! paused or cut off between steps, races over several pools, clocks and time zones.
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

#[path = "store_mysql/clock.rs"]
mod clock;
#[path = "store_mysql/contract.rs"]
mod contract;
#[path = "store_mysql/faults.rs"]
mod faults;
#[path = "store_mysql/greeting.rs"]
mod greeting;
#[path = "common/patience.rs"]
mod patience;
#[path = "common/race.rs"]
mod race;
#[path = "store_mysql/races.rs"]
mod races;
#[path = "common/relay.rs"]
mod relay;
#[path = "common/requests.rs"]
mod requests;
#[path = "store_mysql/rig.rs"]
mod rig;
#[path = "common/sentence.rs"]
mod sentence;
#[path = "common/server.rs"]
mod server;
#[path = "store_mysql/settings.rs"]
mod settings;
#[path = "store_mysql/sweep.rs"]
mod sweep;
#[path = "store_mysql/table.rs"]
mod table;
#[path = "store_mysql/users.rs"]
mod users;
