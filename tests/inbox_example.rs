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
#[path = "common/random.rs"]
mod random;
#[path = "../examples/inbox/sender.rs"]
mod sender;
#[path = "common/server.rs"]
mod server;
#[path = "inbox_example/torture.rs"]
mod torture;
#[path = "inbox_example/trade.rs"]
mod trade;

use std::time::{Duration, Instant};

use crate::example::Example;
use crate::server::{Folder, Mariadb, Postgres};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_books_balance_in_sqlite() {
    let folder = Folder::new();
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

#[tokio::test]
async fn an_ended_event_is_swept_from_mariadb() {
    let server = Mariadb::start();
    let mut example = Example::start(&server.url());
    example.wait().await;
    let pool = sqlx::MySqlPool::connect(&server.url()).await.unwrap();
    let ended =
        "INSERT INTO countersign_inbox_1 VALUES (x'00112233445566778899aabbccddeeff', 1, 0, NULL)";
    sqlx::raw_sql(ended).execute(&pool).await.unwrap();
    // It sweeps when it starts, and every hour.
    example.kill_and_restart();
    let began = Instant::now();
    loop {
        let left = sqlx::query_scalar("SELECT COUNT(*) FROM countersign_inbox_1");
        let left: i64 = left.fetch_one(&pool).await.unwrap();
        if left == 0 {
            break;
        }
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "it is still there"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
