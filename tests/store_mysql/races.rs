//! Many workers over several pools, as several processes have them.

use std::sync::Arc;
use std::time::Duration;

use countersign::store::{Claim, MysqlStore, Settled, Store};
use sqlx::{Connection, Row};

use crate::race::Race;
use crate::requests::{RETENTION, fresh, id, request};
use crate::rig::{Time, complete, is_done, pool, store};
use crate::server::Mariadb;

async fn race() -> Race<MysqlStore> {
    let options = Mariadb::database().await;
    let open = || async { Arc::new(store(pool(options.clone()).await).await) };
    let (first, second, third) = tokio::join!(open(), open(), open());
    Race {
        stores: vec![first, second, third],
        rounds: 20,
        holders: 24,
        turns: 40,
        is_patient: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_claim_of_64_over_three_pools_is_fresh() {
    race().await.one_claim_of_64_is_fresh().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holders_never_overlap_and_fences_rise_over_three_pools() {
    race().await.holders_never_overlap_and_fences_rise().await;
}

/// Those who wait for a row that then is not made after all all hold a lock that keeps
/// the others from making it: the server gives all of them up but one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn claims_that_the_server_gives_up_for_a_deadlock_are_asked_again() {
    const CLAIMS: u32 = 8;
    let options = Mariadb::database().await;
    let store = Arc::new(store(pool(options.clone()).await).await);
    let root = pool(options).await;
    let deadlocks = async || {
        let status = sqlx::raw_sql("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'");
        let row = status.fetch_one(&root).await.unwrap();
        row.get::<String, _>(1).parse::<u32>().unwrap()
    };
    let before = deadlocks().await;
    let mut other = root.acquire().await.unwrap();
    let mut transaction = other.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO countersign_claim VALUES (?, 1, ?, 1, 1, FALSE, 1, 1, NULL, NULL, NULL, NULL)",
    )
    .bind(id(1).as_bytes().to_vec())
    .bind(vec![0; 16])
    .execute(&mut *transaction)
    .await
    .unwrap();
    let mut claims = tokio::task::JoinSet::new();
    for _ in 0..CLAIMS {
        let store = Arc::clone(&store);
        claims.spawn(async move { store.claim(&request(1)).await.unwrap() });
    }
    let waiting =
        "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
    loop {
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(&root).await.unwrap();
        if waiting >= CLAIMS.into() {
            break;
        }
        // The server keeps what it told for a tenth of a second after it was last asked.
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    transaction.rollback().await.unwrap();
    let claims = claims.join_all().await;
    let fresh = claims
        .iter()
        .filter(|claim| matches!(claim, Claim::Fresh(_)));
    assert_eq!(fresh.count(), 1);
    let in_progress = claims
        .iter()
        .filter(|claim| matches!(claim, Claim::InProgress { .. }));
    assert_eq!(in_progress.count(), 7);
    let deadlocks = deadlocks().await - before;
    println!("{deadlocks} deadlocks");
    assert!(deadlocks > 0, "no deadlock was met");
}

/// Records end, are swept and claimed anew by three stores at a time: whatever locks meet
/// there, no caller is told of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sweeps_and_claims_of_the_same_records_get_along() {
    const KEYS: u64 = 400;
    let options = Mariadb::database().await;
    let time = Time::at(1_000_000_000);
    let mut stores = Vec::new();
    for _ in 0..3 {
        stores.push(Arc::new(store(time.pool(options.clone()).await).await));
    }
    for round in 0..6 {
        let mut workers = tokio::task::JoinSet::new();
        for worker in 0..12 {
            let store = Arc::clone(&stores[worker % 3]);
            workers.spawn(async move {
                let mut fresh = 0;
                for key in 0..KEYS {
                    // Each begins elsewhere.
                    let key = (key + 31 * worker as u64) % KEYS;
                    match store.claim(&request(key)).await.unwrap() {
                        Claim::Fresh(lease) => {
                            assert_eq!(lease.attempt(), 1);
                            fresh += 1;
                        }
                        Claim::InProgress { .. } => {}
                        other => panic!("{other:?}"),
                    }
                }
                fresh
            });
        }
        let fresh: u64 = workers.join_all().await.into_iter().sum();
        assert_eq!(fresh, KEYS, "round {round}");
        time.pass(RETENTION);
    }
}

/// What is known is found by reading.
#[tokio::test]
async fn a_duplicate_writes_nothing() {
    let server = Mariadb::start();
    let pool = pool(server.url().parse().unwrap()).await;
    let store = store(pool.clone()).await;
    let done = fresh(&store, &request(1)).await;
    assert_eq!(complete(&store, &done).await, Settled::Ok);
    fresh(&store, &request(2)).await;
    // How far the server's log has come.
    let written = async || {
        let status = sqlx::raw_sql("SHOW GLOBAL STATUS LIKE 'Innodb_lsn_current'");
        let row = status.fetch_one(&pool).await.unwrap();
        row.get::<String, _>(1)
    };
    let begin = written().await;
    // What the server still has to do of its own is soon done.
    for _ in 0..50 {
        let before = written().await;
        for _ in 0..50 {
            assert!(is_done(&store, 1).await);
            let claim = store.claim(&request(2)).await.unwrap();
            assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
        }
        if written().await == before {
            let more = fresh(&store, &request(3)).await;
            assert!(
                written().await > before,
                "a claim of {} is seen",
                more.fence()
            );
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the log went on from {begin} to {}", written().await);
}
