//! The store in an SQLite file: the contract, files that are not its own, a full disk, a
//! clock that is set back, races. Killed processes: `tests/faults.rs`.
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

#[path = "store_sqlite/clock.rs"]
mod clock;
#[path = "store_sqlite/contract.rs"]
mod contract;
#[path = "store_sqlite/file.rs"]
mod file;
#[path = "common/folder.rs"]
mod folder;
#[path = "store_sqlite/full.rs"]
mod full;
#[path = "common/patience.rs"]
mod patience;
#[path = "common/race.rs"]
mod race;
#[path = "store_sqlite/races.rs"]
mod races;
#[path = "common/requests.rs"]
mod requests;
#[cfg(unix)]
#[path = "store_sqlite/rights.rs"]
mod rights;
#[path = "store_sqlite/sweep.rs"]
mod sweep;
