//! Who may come in, and how many: each refusal has its own sentence.

use std::time::Duration;

use countersign::store::{MysqlStore, Store};
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};

use crate::requests::{fresh, request};
use crate::rig::{impatient, pool, run, store};
use crate::sentence::says;
use crate::server::{Mariadb, free_port};

#[tokio::test]
async fn a_wrong_password_is_told_and_never_shown() {
    let options = Mariadb::database().await;
    let root = pool(options.clone()).await;
    run(&root, "CREATE USER wrong@127.0.0.1 IDENTIFIED BY 'right'").await;
    let options = options.username("wrong").password("Hush-Hush");
    let told = MysqlStore::open(impatient(options)).await;
    let text = format!("{:?}", told.as_ref().err());
    assert!(!text.contains("Hush"), "{text}");
    says(told, "refused the user or its password", false);
}

#[tokio::test]
async fn missing_rights_are_told() {
    let options = Mariadb::database().await;
    let name = options.get_database().unwrap().to_owned();
    let root = pool(options.clone()).await;
    MysqlStore::migrate(&root).await.unwrap();
    run(
        &root,
        &format!(
            "CREATE USER few@127.0.0.1; GRANT CREATE TEMPORARY TABLES ON {name}.* TO few@127.0.0.1"
        ),
    )
    .await;
    let options = options.username("few");
    let problem = "lacks a right";
    for right in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
        let pool = impatient(options.clone());
        says(MysqlStore::open(pool).await, problem, false);
        run(
            &root,
            &format!("GRANT {right} ON {name}.countersign_claim TO few@127.0.0.1"),
        )
        .await;
    }
    MysqlStore::open(impatient(options.clone())).await.unwrap();
    run(&root, "CREATE USER none@127.0.0.1").await;
    let pool = impatient(options.username("none"));
    says(MysqlStore::open(pool).await, problem, false);
}

#[tokio::test]
async fn a_database_that_is_not_there_or_not_named_is_told() {
    let options = Mariadb::database().await;
    let problem = "the database does not exist, or none was named";
    let missing = impatient(options.clone().database("missing"));
    says(MysqlStore::open(missing).await, problem, false);
    let port = options.get_port();
    let unnamed = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(port)
        .username("root");
    says(
        MysqlStore::open(impatient(unnamed.clone())).await,
        problem,
        false,
    );
    says(
        MysqlStore::migrate(&impatient(unnamed)).await,
        problem,
        false,
    );
}

#[tokio::test]
async fn too_many_connections_are_told() {
    let options = Mariadb::database().await;
    let root = pool(options.clone()).await;
    MysqlStore::migrate(&root).await.unwrap();
    run(
        &root,
        "CREATE USER one@127.0.0.1 WITH MAX_USER_CONNECTIONS 1; GRANT ALL ON *.* TO one@127.0.0.1",
    )
    .await;
    let options = options.username("one");
    let _first = pool(options.clone()).await;
    says(
        MysqlStore::open(impatient(options)).await,
        "takes no more connections",
        true,
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_and_a_pool_in_use_are_told() {
    let nobody = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(free_port());
    let told = MysqlStore::open(impatient(nobody)).await;
    says(
        told,
        "no connection to MySQL became free or could be made",
        true,
    );
    let one = MySqlPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_millis(100));
    let pool = one.connect_with(Mariadb::database().await).await.unwrap();
    let store = store(pool.clone()).await;
    let taken = pool.acquire().await.unwrap();
    let told = store.claim(&request(1)).await;
    says(told, "no connection to MySQL became free", true);
    drop(taken);
    fresh(&store, &request(1)).await;
    pool.close().await;
    says(store.claim(&request(1)).await, "was closed", false);
}
