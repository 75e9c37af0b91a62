//! The contract, on a clock that only moves when told, on the server's, and over
//! connections that are set up otherwise.

use countersign::store::contract::Contract;
use sqlx::mysql::MySqlConnectOptions;

use crate::greeting::Greeting;
use crate::rig::{Time, pool, pool_after, store};
use crate::server::Mariadb;

async fn keeps_the_contract(pool: sqlx::MySqlPool) {
    Contract::new(store(pool).await).check_all().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_by_the_servers_clock() {
    keeps_the_contract(pool(Mariadb::database().await).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_to_the_millisecond() {
    let time = Time::at(1_000_000_000);
    let pool = time.pool(Mariadb::database().await).await;
    let contract = Contract::new(store(pool).await).clock(move |by| {
        time.pass(by);
        std::future::ready(())
    });
    contract.check_all().await.unwrap();
}

/// The connection's settings are the user's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_whatever_the_connection_is_set_to() {
    let options = |timezone: &str| {
        let timezone = Some(timezone.to_owned());
        async move { Mariadb::database().await.timezone(timezone) }
    };
    let pools = [
        pool_after(
            options("+05:30").await,
            "SET SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
        ),
        pool_after(
            options("-11:00").await,
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
             SET sql_mode = 'ANSI,TRADITIONAL', sql_safe_updates = 1",
        ),
        pool_after(
            options("SYSTEM").await,
            "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE; SET sql_mode = ''",
        ),
        // What later versions of MariaDB begin with.
        pool_after(
            options("+00:00").await,
            "SET innodb_snapshot_isolation = ON, innodb_lock_wait_timeout = 1",
        ),
    ];
    let mut running = tokio::task::JoinSet::new();
    for pool in pools {
        running.spawn(keeps_the_contract(pool.await));
    }
    running.join_all().await;
}

/// A proxy may not offer to report the rows that a condition found; then the server
/// reports those that changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_keeps_the_contract_where_only_changed_rows_are_counted() {
    let options: MySqlConnectOptions = Mariadb::database().await;
    let greeting = Greeting::without_found_rows(options.get_port()).await;
    let pool = pool(options.port(greeting.port())).await;
    let counted = "UPDATE countersign_claim SET fence = fence WHERE fence > 0";
    let store = store(pool.clone()).await;
    crate::requests::fresh(&store, &crate::requests::request(1)).await;
    let done = sqlx::query(counted).execute(&pool).await.unwrap();
    assert_eq!(done.rows_affected(), 0, "found rows are counted after all");
    Contract::new(store).check_all().await.unwrap();
}
