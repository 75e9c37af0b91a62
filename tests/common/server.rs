//! Servers that a test starts for itself, on a free port and in a temporary folder, and
//! that end with the test's process, however that ends.
#![allow(
    dead_code,
    unused_imports,
    reason = "each test uses the part that it needs"
)]

#[path = "server/clock.rs"]
mod clock;
#[path = "folder.rs"]
mod folder;
#[path = "server/mariadb.rs"]
mod mariadb;
#[path = "server/pgbouncer.rs"]
mod pgbouncer;
#[path = "server/postgres.rs"]
mod postgres;
#[path = "server/process.rs"]
mod process;
#[path = "server/redis.rs"]
mod redis;
#[path = "server/template.rs"]
mod template;

pub(crate) use clock::Clock;
pub(crate) use folder::Folder;
pub(crate) use mariadb::Mariadb;
pub(crate) use pgbouncer::Pgbouncer;
pub(crate) use postgres::Postgres;
pub(crate) use process::{Launch, Process, program};
pub(crate) use redis::Redis;

use std::net::{Ipv4Addr, TcpListener};

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
