//! What is wrong with the database is told, each with what to do about it.

use countersign::StoreError;
use countersign::store::{Entry, SqliteInbox};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use crate::folder::Folder;
use crate::requests::{RETENTION, id};
use crate::sentence::says;
use crate::{IMMEDIATE, options, pool, shop};

async fn claim(pool: &SqlitePool) -> Result<Entry, StoreError> {
    let mut transaction = pool.begin_with(IMMEDIATE).await.unwrap();
    let inbox = SqliteInbox::new(RETENTION);
    inbox.claim(&mut transaction, id(1), Some([1; 32])).await
}

#[tokio::test]
async fn a_missing_table_is_told() {
    let folder = Folder::new();
    let pool = pool(options(&folder.file())).await;
    says(
        claim(&pool).await,
        "is missing: make it with `SqliteInbox",
        false,
    );
}

#[tokio::test]
async fn what_else_has_the_tables_name_is_told() {
    for (number, foreign) in [
        "CREATE TABLE countersign_inbox_1 (key BLOB PRIMARY KEY, digest BLOB)",
        "CREATE TABLE countersign_inbox_1 (id BLOB PRIMARY KEY, expires_us INTEGER, digest BLOB)",
        "CREATE TABLE countersign_inbox_1 (key BLOB, expires_us INTEGER, digest BLOB)",
        "CREATE TABLE countersign_inbox_1 (key TEXT PRIMARY KEY, expires_us INTEGER, digest TEXT) STRICT",
        "CREATE TABLE countersign_inbox_1
            (key BLOB PRIMARY KEY, expires_us INTEGER, digest BLOB, more INTEGER NOT NULL)",
        "CREATE VIEW countersign_inbox_1 AS SELECT x'00' AS key, 0 AS expires_us, NULL AS digest",
    ]
    .into_iter()
    .enumerate()
    {
        let folder = Folder::new();
        let pool = pool(options(&folder.path().join(number.to_string()))).await;
        sqlx::raw_sql(foreign).execute(&pool).await.unwrap();
        says(claim(&pool).await, "is not as this version makes it", false);
    }
}

#[tokio::test]
async fn an_index_of_the_tables_name_is_told() {
    let folder = Folder::new();
    let pool = pool(options(&folder.file())).await;
    let index = "CREATE TABLE book (id INTEGER); CREATE INDEX countersign_inbox_1 ON book (id)";
    sqlx::raw_sql(index).execute(&pool).await.unwrap();
    let migrated = SqliteInbox::new(RETENTION).migrate(&pool).await;
    says(migrated, "is not as this version makes it", false);
}

#[tokio::test]
async fn a_read_only_database_is_told() {
    let folder = Folder::new();
    let (_pool, inbox) = shop(&folder).await;
    let reader = pool(options(&folder.file()).read_only(true)).await;
    says(
        claim(&reader).await,
        "is read-only: claim on a connection",
        false,
    );
    let other = folder.path().join("other");
    drop(pool(options(&other)).await);
    let reader = pool(options(&other).read_only(true)).await;
    says(
        inbox.migrate(&reader).await,
        "is read-only: claim on a",
        false,
    );
}

#[tokio::test]
async fn a_full_database_is_told() {
    let folder = Folder::new();
    let (full, inbox) = shop(&folder).await;
    let mut transaction = full.begin_with(IMMEDIATE).await.unwrap();
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
    let limit = AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    sqlx::raw_sql(limit)
        .execute(&mut *transaction)
        .await
        .unwrap();
    let mut entered = 0;
    let refused = loop {
        match inbox.claim(&mut transaction, id(entered), None).await {
            Ok(entry) => assert_eq!(entry, Entry::Fresh),
            Err(error) => break error,
        }
        entered += 1;
    };
    assert!(entered > 10, "{entered}");
    says(Err::<(), _>(refused), "no room left for the SQLite", false);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told() {
    let folder = Folder::new();
    std::fs::write(folder.file(), "a letter, and no database. ".repeat(100)).unwrap();
    let letter = pool(SqliteConnectOptions::new().filename(folder.file())).await;
    let migrated = SqliteInbox::new(RETENTION).migrate(&letter).await;
    says(migrated, "is not an SQLite database", false);
}

#[tokio::test]
async fn a_damaged_database_is_told() {
    let folder = Folder::new();
    let (pool, inbox) = shop(&folder).await;
    pool.close().await;
    let mut bytes = std::fs::read(folder.file()).unwrap();
    // The header stands; the schema behind it does not.
    bytes[100..4096].fill(0xff);
    std::fs::write(folder.file(), bytes).unwrap();
    let damaged = self::pool(SqliteConnectOptions::new().filename(folder.file())).await;
    says(
        inbox.migrate(&damaged).await,
        "is damaged, and was left",
        false,
    );
}
