//! The inbox in a PostgreSQL database: event and effect commit together or not at all.
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

#[path = "inbox_postgres/durable.rs"]
mod durable;
#[path = "inbox_postgres/entries.rs"]
mod entries;
#[path = "inbox_postgres/faults.rs"]
mod faults;
#[path = "inbox_postgres/isolation.rs"]
mod isolation;
#[path = "inbox_postgres/messages.rs"]
mod messages;
#[path = "inbox_postgres/pooler.rs"]
mod pooler;
#[path = "inbox_postgres/race.rs"]
mod race;
#[path = "common/relay.rs"]
mod relay;
#[path = "common/requests.rs"]
mod requests;
#[path = "common/server.rs"]
mod server;
#[path = "inbox_postgres/shop.rs"]
mod shop;
#[path = "inbox_postgres/sweep.rs"]
mod sweep;
