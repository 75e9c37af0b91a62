//! Files that cannot be the store's: each has its own message, and stays as it is.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Duration;

use countersign::StoreError;
use countersign::store::{Claim, Outcome, Settled, SqliteStore, Store, Synchronous};
use sqlx::Connection;

use crate::folder::Folder;
use crate::patience::fresh;
use crate::requests::request;

/// Every file of the folder, with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

/// Opening is refused with these words, names the file, and changes nothing.
async fn assert_refused(folder: &Folder, file: &Path, words: &str) {
    let before = contents(folder.path());
    let error = SqliteStore::open(file).await.unwrap_err();
    assert_eq!(told(&error, file), words);
    assert!(!error.is_transient());
    closed(file).await;
    assert!(before == contents(folder.path()), "something was changed");
}

/// The message up to its advice; the cause must name the file.
fn told(error: &StoreError, file: &Path) -> String {
    let cause = error.source().unwrap().to_string();
    assert_eq!(Path::new(&cause), file);
    let message = error.to_string();
    let (what, advice) = message.split_once(": ").unwrap();
    assert!(advice.len() > 10, "{message}");
    what.to_owned()
}

/// Waits until the file's last connection is closed: its thread ends by itself.
pub(crate) async fn closed(file: &Path) {
    let wal = format!("{}-wal", file.display());
    for _ in 0..500 {
        if !Path::new(&wal).exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{wal} is still there");
}

/// Statements on the file, by another program.
async fn change(file: &Path, statements: &'static str) {
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let query = sqlx::raw_sql(statements).execute(&mut connection);
    query.await.unwrap();
    connection.close().await.unwrap();
}

/// A store's file with a few hundred events in it, closed.
async fn filled(folder: &Folder) {
    let store = std::sync::Arc::new(SqliteStore::open(folder.file()).await.unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for key in 0..500 {
        let store = std::sync::Arc::clone(&store);
        tasks.spawn(async move { fresh(&*store, &request(key)).await });
    }
    tasks.join_all().await;
    drop(store);
    closed(&folder.file()).await;
}

#[tokio::test]
async fn what_is_no_database_is_refused() {
    let folder = Folder::new();
    let long = "a diary, and a long one ".repeat(500);
    for text in ["a diary", long.as_str()] {
        std::fs::write(folder.file(), text).unwrap();
        let words = "the file is not an SQLite database, and was left as it is";
        assert_refused(&folder, &folder.file(), words).await;
    }
}

#[tokio::test]
async fn another_programs_database_is_refused() {
    let words = "the SQLite file belongs to another program, and was left as it is";
    for statements in [
        "CREATE TABLE diary (day TEXT)",
        "PRAGMA journal_mode = WAL; CREATE TABLE claim (key BLOB)",
        "PRAGMA application_id = 7; PRAGMA user_version = 1; CREATE TABLE claim (key BLOB)",
    ] {
        let folder = Folder::new();
        change(&folder.file(), statements).await;
        assert_refused(&folder, &folder.file(), words).await;
    }
}

/// Opening such a file with SQLite would move its log into it.
#[tokio::test]
async fn another_programs_log_is_left_alone() {
    let folder = Folder::new();
    let file = folder.path().join("open.sqlite");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let statements = "PRAGMA journal_mode = WAL; CREATE TABLE diary (day TEXT)";
    sqlx::raw_sql(statements)
        .execute(&mut connection)
        .await
        .unwrap();
    // A copy is what a crash leaves: nobody has it open.
    for ending in ["", "-wal"] {
        let copy = format!("{}{ending}", folder.file().display());
        std::fs::copy(format!("{}{ending}", file.display()), copy).unwrap();
    }
    connection.close().await.unwrap();
    let before = contents(folder.path());
    assert!(before["claims.sqlite-wal"].len() > 4096);
    let error = SqliteStore::open(folder.file()).await.unwrap_err();
    assert!(error.to_string().contains("another program"), "{error}");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(before == contents(folder.path()), "something was changed");
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = Folder::new();
    filled(&folder).await;
    change(&folder.file(), "PRAGMA user_version = 2").await;
    let words = "the SQLite file was made by a newer version of countersign, and was left as it is";
    assert_refused(&folder, &folder.file(), words).await;
}

#[tokio::test]
async fn a_damaged_file_is_refused() {
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 4] = [
        ("a page of zeros", |bytes| bytes[8192..12288].fill(0)),
        ("a page of noise", |bytes| {
            for (at, byte) in bytes[20480..24576].iter_mut().enumerate() {
                *byte ^= (at % 251) as u8 | 1;
            }
        }),
        ("its end is missing", |bytes| {
            bytes.truncate(bytes.len() / 2)
        }),
        ("its schema is overwritten", |bytes| {
            bytes[100..4096].fill(0xff)
        }),
    ];
    for (what, damage) in damages {
        let folder = Folder::new();
        filled(&folder).await;
        let mut bytes = std::fs::read(folder.file()).unwrap();
        assert!(bytes.len() > 40_000);
        damage(&mut bytes);
        std::fs::write(folder.file(), &bytes).unwrap();
        println!("{what}");
        let words = "the SQLite file is damaged, and was left as it is";
        assert_refused(&folder, &folder.file(), words).await;
    }
}

/// As a page may look while another process writes it.
#[tokio::test]
async fn a_file_that_looks_damaged_for_a_moment_is_opened() {
    use std::io::{Seek, SeekFrom, Write};
    let folder = Folder::new();
    filled(&folder).await;
    let sound = std::fs::read(folder.file()).unwrap();
    // Over what is there: an empty file would be taken for a new one.
    let write = |bytes: &[u8]| {
        let mut file = std::fs::File::options().write(true).open(folder.file());
        let file = file.as_mut().unwrap();
        file.seek(SeekFrom::Start(100)).unwrap();
        file.write_all(bytes).unwrap();
    };
    write(&[0xff; 3996]);
    let opening = tokio::spawn(SqliteStore::open(folder.file()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!opening.is_finished(), "it was not looked at again");
    write(&sound[100..4096]);
    opening.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_file_whose_tables_were_changed_is_refused() {
    for statements in [
        "DROP TABLE fence",
        "ALTER TABLE claim ADD COLUMN note TEXT",
        "CREATE TABLE diary (day TEXT)",
    ] {
        let folder = Folder::new();
        filled(&folder).await;
        change(&folder.file(), statements).await;
        let words = "the SQLite file is damaged, and was left as it is";
        assert_refused(&folder, &folder.file(), words).await;
    }
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_refused() {
    let folder = Folder::new();
    let words = "the folder of the SQLite file does not exist";
    for path in ["missing/claims.sqlite", "file/claims.sqlite"] {
        std::fs::write(folder.path().join("file"), "").unwrap();
        assert_refused(&folder, &folder.path().join(path), words).await;
    }
    std::fs::create_dir(folder.file()).unwrap();
    let words = "the path of the SQLite file is a folder";
    assert_refused(&folder, &folder.file(), words).await;
}

#[tokio::test]
async fn an_empty_file_and_odd_names_are_taken() {
    let folder = Folder::new();
    for name in ["claims.sqlite", ":memory:", "file:x?mode=memory", "50% ü#1"] {
        let file = folder.path().join(name);
        std::fs::write(&file, "").unwrap();
        let store = SqliteStore::open(&file).await.unwrap();
        fresh(&store, &request(1)).await;
        assert!(std::fs::metadata(&file).unwrap().len() > 4096, "{name}");
    }
}

#[tokio::test]
async fn what_is_done_stays_done_and_fences_rise_when_opened_again_and_made_anew() {
    let folder = Folder::new();
    let mut fences = Vec::new();
    for _ in 0..2 {
        let store = SqliteStore::open(folder.file()).await.unwrap();
        let lease = fresh(&store, &request(1)).await;
        fences.push(lease.fence());
        let reply = countersign::store::KeptReply::new(vec![7; 64 * 1024]).unwrap();
        let settled = store.complete(&lease, Outcome::DeadLettered, Some(&reply));
        assert_eq!(settled.await.unwrap(), Settled::Ok);
        drop(store);
        closed(&folder.file()).await;
        let store = SqliteStore::open(folder.file()).await.unwrap();
        match store.claim(&request(1)).await.unwrap() {
            Claim::Done { outcome, reply } => {
                assert_eq!(outcome, Outcome::DeadLettered);
                assert_eq!(reply.unwrap().as_bytes(), [7; 64 * 1024]);
            }
            other => panic!("{other:?}"),
        }
        fences.push(fresh(&store, &request(2)).await.fence());
        drop(store);
        closed(&folder.file()).await;
        std::fs::remove_file(folder.file()).unwrap();
    }
    assert!(fences.is_sorted_by(|one, next| one < next), "{fences:?}");
}

/// A copy of an older state comes back: the completion is worth more than the claim.
#[tokio::test]
async fn completing_what_the_file_forgot_succeeds_and_is_counted() {
    let folder = Folder::new();
    let store = SqliteStore::open(folder.file()).await.unwrap();
    let lease = fresh(&store, &request(1)).await;
    drop(store);
    closed(&folder.file()).await;
    std::fs::remove_file(folder.file()).unwrap();
    let store = SqliteStore::open(folder.file()).await.unwrap();
    let settled = store.complete(&lease, Outcome::Processed, None).await;
    assert_eq!(settled.unwrap(), Settled::Ok);
    assert_eq!(store.forgotten(), 1);
    assert!(fresh(&store, &request(2)).await.fence() > lease.fence());
}

#[tokio::test]
async fn only_the_full_mode_calls_itself_durable() {
    let folder = Folder::new();
    let store = SqliteStore::open(folder.file()).await.unwrap();
    assert!(store.is_durable());
    let normal = SqliteStore::builder(folder.file()).synchronous(Synchronous::Normal);
    let normal = normal.open().await.unwrap();
    assert!(!normal.is_durable());
    let _lease = fresh(&normal, &request(1)).await;
    let claim = store.claim(&request(1)).await.unwrap();
    assert!(matches!(claim, Claim::InProgress { .. }), "{claim:?}");
}
