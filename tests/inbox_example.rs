//! The example `inbox`, killed with -9 at random points again and again while payments come
//! in, many of them twice and at once: what was acknowledged is in the books once, and the
//! books balance.
//!
//! `COUNTERSIGN_KILLS=5000 cargo test --test inbox_example -- --nocapture` kills more often.
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

#[path = "inbox_example/audit.rs"]
mod audit;
#[path = "inbox_example/example.rs"]
mod example;
#[path = "common/program.rs"]
mod program;
#[path = "inbox_example/random.rs"]
mod random;
#[path = "../examples/inbox/sender.rs"]
mod sender;
#[path = "common/server.rs"]
mod server;
#[path = "inbox_example/torture.rs"]
mod torture;
#[path = "inbox_example/trade.rs"]
mod trade;

use crate::server::{Folder, Mariadb, Postgres};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_books_balance_in_sqlite() {
    let folder = Folder::for_user(None);
    let file = folder.path().join("books.sqlite");
    let traded = torture::run(&format!("sqlite:{}", file.display()), None).await;
    let books = audit::sqlite(&file).await;
    books.compare("SQLite", traded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_books_balance_in_postgres() {
    let server = Postgres::start();
    let traded = torture::run(&server.url(), Some(&server.process)).await;
    let books = audit::postgres(&server.url()).await;
    books.compare("PostgreSQL", traded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_books_balance_in_mariadb() {
    let server = Mariadb::start();
    let traded = torture::run(&server.url(), Some(&server.process)).await;
    let books = audit::mysql(&server.url()).await;
    books.compare("MariaDB", traded);
}
