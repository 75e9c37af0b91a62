//! What is wrong with the table, the user or the server: each has its own sentence.

use countersign::store::{Entry, MysqlInbox};
use sqlx::MySqlPool;

use crate::requests::{RETENTION, id};
use crate::sentence::says;
use crate::server::Mariadb;
use crate::shop::{book, pool, run, shop};

#[tokio::test]
async fn what_is_wrong_with_the_table_or_the_user_is_told() {
    let options = Mariadb::database().await;
    let name = options.get_database().unwrap().to_owned();
    let root = pool(options.clone()).await;
    let inbox = MysqlInbox::new(RETENTION);
    let claim = async |pool: &MySqlPool| {
        let mut transaction = pool.begin().await.unwrap();
        inbox.claim(&mut transaction, id(1), None).await
    };
    says(
        claim(&root).await,
        "make it with `MysqlInbox::migrate`",
        false,
    );
    says(
        inbox.sweep(&root).await,
        "make it with `MysqlInbox::migrate`",
        false,
    );
    run(&root, "CREATE TABLE countersign_inbox_1 (mine INT)").await;
    says(claim(&root).await, "not as this version makes it", false);
    run(&root, "DROP TABLE countersign_inbox_1").await;
    run(&root, MysqlInbox::TABLE).await;
    assert_eq!(claim(&root).await.unwrap(), Entry::Fresh);
    run(
        &root,
        &format!("CREATE USER reader@127.0.0.1; GRANT SELECT ON {name}.* TO reader@127.0.0.1"),
    )
    .await;
    let reader = pool(options.username("reader")).await;
    says(claim(&reader).await, "may not use the inbox", false);
    says(inbox.migrate(&reader).await, "may not use the inbox", false);
    let mut reading = root
        .begin_with("START TRANSACTION READ ONLY")
        .await
        .unwrap();
    let told = inbox.claim(&mut reading, id(2), None).await;
    says(told, "read-only", false);
}

/// On servers of their own, since their settings are everybody's.
#[tokio::test]
async fn what_would_lose_events_is_refused() {
    let logging = Mariadb::with(&["--log-bin=binary-log"]);
    let (pool, inbox) = shop(logging.url().parse().unwrap()).await;
    for (flush, sync) in [(0, 1), (2, 1), (1, 0), (1, 2)] {
        let settings = format!(
            "SET GLOBAL innodb_flush_log_at_trx_commit = {flush}; SET GLOBAL sync_binlog = {sync}"
        );
        run(&pool, &settings).await;
        says(
            book(&pool, &inbox, 1).await,
            "without waiting for the disk",
            false,
        );
    }
    run(
        &pool,
        "SET GLOBAL innodb_flush_log_at_trx_commit = 1; SET GLOBAL sync_binlog = 1",
    )
    .await;
    assert_eq!(book(&pool, &inbox, 1).await.unwrap(), Entry::Fresh);
}
