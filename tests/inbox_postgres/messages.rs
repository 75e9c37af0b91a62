//! What is wrong is told in a sentence of its own.

use countersign::StoreError;
use countersign::store::{Entry, PostgresInbox};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;

use crate::requests::{RETENTION, id};
use crate::shop::{Shop, pool, schema, shared};

async fn claimed(pool: &PgPool) -> StoreError {
    let mut transaction = pool.begin().await.unwrap();
    let claimed = PostgresInbox::new(RETENTION)
        .claim(&mut transaction, id(1), None)
        .await;
    claimed.unwrap_err()
}

fn assert_told(error: &StoreError, words: &str, is_transient: bool) {
    assert!(error.to_string().contains(words), "{error}");
    assert_eq!(error.is_transient(), is_transient, "{error}");
    assert!(std::error::Error::source(error).is_some());
}

#[tokio::test]
async fn a_missing_table_or_function_is_told() {
    let pool = pool(schema(shared()).await, 2).await;
    assert_told(&claimed(&pool).await, "is missing: make them", false);
    let shop = Shop::at(pool.clone()).await;
    shop.run("DROP TABLE countersign_inbox_1").await;
    assert_told(&claimed(&pool).await, "is missing: make them", false);
    let shop = Shop::at(pool.clone()).await;
    shop.run("DROP FUNCTION countersign_inbox_1_claim").await;
    assert_told(&claimed(&pool).await, "is missing: make them", false);
    assert_eq!(Shop::at(pool).await.book(1).await.unwrap(), Entry::Fresh);
}

#[tokio::test]
async fn a_table_of_somebody_else_is_told_and_left() {
    for table in [
        "CREATE TABLE countersign_inbox_1 (id int); INSERT INTO countersign_inbox_1 VALUES (7)",
        "CREATE TABLE countersign_inbox_1 (key bytea, expires_us bigint, digest bytea);
            INSERT INTO countersign_inbox_1 VALUES ('a', 0, 'b')",
        "CREATE VIEW countersign_inbox_1 AS SELECT 'a'::bytea AS key, 0::bigint AS expires_us, ''::bytea AS digest",
    ] {
        let pool = pool(schema(shared()).await, 2).await;
        sqlx::raw_sql(table).execute(&pool).await.unwrap();
        // It may be refused here already.
        let created = PostgresInbox::new(RETENTION).migrate(&pool).await;
        if let Err(error) = created {
            assert_told(&error, "rename", false);
        } else {
            assert_told(&claimed(&pool).await, "rename", false);
        }
        let rows = sqlx::query_scalar("SELECT count(*) FROM countersign_inbox_1");
        let rows: i64 = rows.fetch_one(&pool).await.unwrap();
        assert_eq!(rows, 1);
    }
}

#[tokio::test]
async fn missing_rights_are_told_and_the_least_suffice() {
    let options = schema(shared()).await;
    let owner = pool(options.clone(), 1).await;
    let name: String = sqlx::query_scalar("SELECT current_schema()::text")
        .fetch_one(&owner)
        .await
        .unwrap();
    let run = async |statement: String| {
        let run = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&owner);
        run.await.unwrap();
    };
    let role = format!("clerk_of_{name}");
    run(format!("CREATE ROLE {role} LOGIN")).await;
    run(format!("GRANT USAGE ON SCHEMA {name} TO {role}")).await;
    let clerk = pool(options.username(&role), 2).await;
    let inbox = PostgresInbox::new(RETENTION);

    let refused = inbox.migrate(&clerk).await.unwrap_err();
    assert_told(&refused, "grant it", false);
    inbox.migrate(&owner).await.unwrap();
    inbox.migrate(&clerk).await.unwrap();
    assert_told(&claimed(&clerk).await, "grant it", false);
    run(format!(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON countersign_inbox_1 TO {role}"
    ))
    .await;
    let shop = Shop::at(owner.clone()).await;
    run(format!("GRANT INSERT ON booking TO {role}")).await;
    let clerks = Shop {
        pool: clerk,
        ..shop.clone()
    };
    for event in 0..100 {
        assert_eq!(clerks.book(event).await.unwrap(), Entry::Fresh);
    }
    shop.end_all().await;
    for event in 50..150 {
        assert_eq!(clerks.book(event).await.unwrap(), Entry::Fresh);
    }
    clerks.pool.close().await;
    run(format!("DROP OWNED BY {role}")).await;
    run(format!("DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_read_only_transaction_is_told() {
    let shop = Shop::open().await;
    let mut transaction = shop.pool.begin_with("BEGIN READ ONLY").await.unwrap();
    let claimed = shop.inbox.claim(&mut transaction, id(1), None).await;
    assert_told(&claimed.unwrap_err(), "read-only", false);
}

/// PostgreSQL answers the commit of such a transaction without an error.
#[tokio::test]
async fn a_transaction_that_has_failed_is_told() {
    let shop = Shop::open().await;
    let mut transaction = shop.begin().await;
    sqlx::raw_sql("SELECT 1 / 0")
        .execute(&mut *transaction)
        .await
        .unwrap_err();
    let claimed = shop.inbox.claim(&mut transaction, id(1), None).await;
    assert_told(&claimed.unwrap_err(), "give the transaction up", true);
    transaction.commit().await.unwrap();
    shop.assert_booked(0).await;
}

#[tokio::test]
async fn a_table_that_is_locked_is_in_progress_where_locks_time_out() {
    let options = schema(shared()).await.options([("lock_timeout", "50ms")]);
    let shop = Shop::at(pool(options, 3).await).await;
    let mut other = shop.begin().await;
    sqlx::raw_sql("LOCK TABLE countersign_inbox_1")
        .execute(&mut *other)
        .await
        .unwrap();
    assert_eq!(shop.book(1).await.unwrap(), Entry::InProgress);
    other.rollback().await.unwrap();
    assert_eq!(shop.book(1).await.unwrap(), Entry::Fresh);
}

#[tokio::test]
async fn a_statement_that_took_too_long_may_be_tried_again() {
    let options = schema(shared())
        .await
        .options([("statement_timeout", "500ms")]);
    let shop = Shop::at(pool(options, 3).await).await;
    let mut other = shop.begin().await;
    sqlx::raw_sql("LOCK TABLE countersign_inbox_1")
        .execute(&mut *other)
        .await
        .unwrap();
    assert_told(&claimed(&shop.pool).await, "broke off", true);
    other.rollback().await.unwrap();
    assert_eq!(shop.book(1).await.unwrap(), Entry::Fresh);
}
