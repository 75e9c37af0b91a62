//! What a step writes, and when it is on the disk.

use countersign::store::{Claim, Outcome, PostgresStore, Settled, Store};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use crate::patience::fresh;
use crate::requests::{request, request_as};
use crate::rig::{pool, store};
use crate::server::Postgres;

/// How far the server's log has come.
async fn log_position(pool: &PgPool) -> String {
    let position = "SELECT pg_current_wal_insert_lsn()::text";
    sqlx::query_scalar(position).fetch_one(pool).await.unwrap()
}

/// How many transactions there were that wrote something.
async fn transactions(pool: &PgPool) -> String {
    let next = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text";
    sqlx::query_scalar(next).fetch_one(pool).await.unwrap()
}

/// With nothing else going on, not a byte and not a transaction.
#[tokio::test]
async fn a_duplicate_writes_nothing() {
    let settings = [
        "autovacuum=off",
        "bgwriter_lru_maxpages=0",
        "wal_level=minimal",
        "max_wal_senders=0",
    ];
    let server = Postgres::with(&settings);
    let watcher = pool(&server.url(), 1).await;
    let first = store(&server).await;
    let done = fresh(&first, &request(1)).await;
    let settled = first.complete(&done, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    let held = request(2);
    fresh(&first, &held).await;
    // Another process has not met these keys: its first look differs from later ones.
    for batching in [false, true] {
        let pool = pool(&server.url(), 4).await;
        let store = PostgresStore::builder(pool).batching(batching);
        let store = store.open().await.unwrap();
        sqlx::raw_sql("CHECKPOINT").execute(&watcher).await.unwrap();
        let before = (log_position(&watcher).await, transactions(&watcher).await);
        for _ in 0..100 {
            let claim = store.claim(&request(1)).await.unwrap();
            assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
            let claim = store.claim(&request(2)).await.unwrap();
            assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
            let claim = store.claim(&held).await.unwrap();
            assert!(matches!(claim, Claim::Fresh(_)), "{claim:?}");
        }
        let after = (log_position(&watcher).await, transactions(&watcher).await);
        assert_eq!(before, after);
    }
    // The measure does measure.
    let before = (log_position(&watcher).await, transactions(&watcher).await);
    fresh(&first, &request(3)).await;
    let after = (log_position(&watcher).await, transactions(&watcher).await);
    assert!(before.0 != after.0 && before.1 != after.1);
}

/// A server whose log is written by nobody but who waits for it.
const LAZY: [&str; 2] = ["wal_writer_delay=10s", "wal_writer_flush_after=1GB"];

async fn asynchronous(server: &Postgres) -> PgPool {
    let options: PgConnectOptions = server.url().parse().unwrap();
    let options = options.options([("synchronous_commit", "off")]);
    let pool = PgPoolOptions::new()
        .max_connections(4)
        .connect_with(options);
    pool.await.unwrap()
}

/// Each step is confirmed, then the server is killed at once.
#[tokio::test]
async fn what_was_confirmed_is_on_the_disk_where_commits_do_not_wait() {
    let server = Postgres::with(&LAZY);
    let watcher = pool(&server.url(), 1).await;
    PostgresStore::migrate(&watcher).await.unwrap();
    let note = "CREATE TABLE note (number bigint)";
    sqlx::raw_sql(note).execute(&watcher).await.unwrap();
    for (batching, prepared) in [(false, true), (true, true), (false, false)] {
        let pool = asynchronous(&server).await;
        let setting: String = sqlx::query_scalar("SHOW synchronous_commit")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(setting, "off");
        let store = PostgresStore::builder(pool.clone())
            .batching(batching)
            .prepared(prepared);
        let store = store.open().await.unwrap();
        assert!(store.is_durable());
        let key = 10 * u64::from(batching) + 20 * u64::from(prepared);

        let (claimed, done, released) = (request(key), request(key + 1), request(key + 2));
        let done = fresh(&store, &done).await;
        let released = fresh(&store, &released).await;
        let settled = store.release(&released).await;
        assert_eq!(settled.unwrap(), Settled::Ok);
        crash(&server);
        let settled =
            crate::patience::patiently(|| store.complete(&done, Outcome::Processed, None));
        assert_eq!(settled.await, Settled::Ok);
        crash(&server);
        let lease = fresh(&store, &claimed).await;
        crash(&server);
        let settled = crate::patience::patiently(|| store.renew(&lease)).await;
        assert_eq!(settled, Settled::Ok);

        // What anybody else writes on such a connection is gone.
        let note = "INSERT INTO note VALUES (1)";
        sqlx::raw_sql(note).execute(&pool).await.unwrap();
        crash(&server);
        let claim = crate::patience::patiently(|| async { store.claim(&request(key + 1)).await });
        let claim = claim.await;
        assert!(matches!(claim, Claim::Done { .. }), "{claim:?}");
        let again = request_as(key, claimed.nonce());
        assert_eq!(fresh(&store, &again).await.fence(), lease.fence());
        let second = fresh(&store, &request(key + 2)).await;
        assert_eq!(second.attempt(), 2);
        assert_eq!(store.forgotten(), 0);
        let notes: i64 = sqlx::query_scalar("SELECT count(*) FROM note")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(notes, 0, "the server wrote its log by itself");
    }
}

fn crash(server: &Postgres) {
    server.process.kill();
    server.process.restart();
}

#[tokio::test]
async fn a_server_or_a_table_that_forgets_is_not_durable() {
    let server = Postgres::with(&["fsync=off"]);
    assert!(!store(&server).await.is_durable());
    let server = Postgres::start();
    assert!(store(&server).await.is_durable());
    let pool = pool(&server.url(), 1).await;
    let unlogged = "ALTER TABLE countersign_claim SET UNLOGGED";
    sqlx::raw_sql(unlogged).execute(&pool).await.unwrap();
    assert!(!store(&server).await.is_durable());
}

/// A stronger wish than the store's own stands.
#[tokio::test]
async fn other_levels_of_waiting_are_left_as_they_are() {
    let server = Postgres::start();
    let options: PgConnectOptions = server.url().parse().unwrap();
    let options = options.options([("synchronous_commit", "remote_apply")]);
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(options);
    let pool = pool.await.unwrap();
    PostgresStore::migrate(&pool).await.unwrap();
    // Seen from within the transaction, as it commits.
    let witness = "CREATE TABLE level (level text);
        CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN INSERT INTO level VALUES (current_setting(''synchronous_commit'')); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER witness AFTER INSERT ON countersign_claim
            INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION witness()";
    sqlx::raw_sql(witness).execute(&pool).await.unwrap();
    let store = PostgresStore::open(pool.clone()).await.unwrap();
    fresh(&store, &request(1)).await;
    for level in ["off", "local", "on"] {
        let set = format!("SET synchronous_commit = {level}");
        let set = sqlx::raw_sql(sqlx::AssertSqlSafe(set)).execute(&pool);
        set.await.unwrap();
        fresh(&store, &request(level.len() as u64 + 2)).await;
    }
    let levels: Vec<String> = sqlx::query_scalar("SELECT level FROM level")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(levels, ["remote_apply", "on", "local", "on"]);
}
