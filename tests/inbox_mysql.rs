//! The inbox in MariaDB: the event and its effect commit together or not at all.
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

#[path = "inbox_mysql/entries.rs"]
mod entries;
#[path = "inbox_mysql/killed.rs"]
mod killed;
#[path = "inbox_mysql/messages.rs"]
mod messages;
#[path = "common/random.rs"]
mod random;
#[path = "common/relay.rs"]
mod relay;
#[path = "common/requests.rs"]
mod requests;
#[path = "common/sentence.rs"]
mod sentence;
#[path = "common/server.rs"]
mod server;
#[path = "inbox_mysql/shop.rs"]
mod shop;
#[path = "inbox_mysql/waiting.rs"]
mod waiting;
