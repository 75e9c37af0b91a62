//! A process that lacks the rights it needs is told which. Tests often run as root, who
//! has every right, so a process of another user asks.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use countersign::store::SqliteStore;

use crate::folder::Folder;
use crate::patience::fresh;
use crate::requests::request;

const FILE: &str = "COUNTERSIGN_OPENED";
const NOBODY: u32 = 65534;

fn allow(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Not a test by itself: opens a file and says what came of it.
#[tokio::test]
async fn asker() {
    let Ok(file) = std::env::var(FILE) else {
        return;
    };
    match SqliteStore::open(&file).await {
        Ok(_) => println!("\ntold: opened"),
        Err(error) => println!("\ntold: {error}"),
    }
}

/// What a process without root's rights is told about this file.
fn told(program: &Path, file: &Path) -> String {
    let mut command = Command::new(program);
    command
        .args(["rights::asker", "--exact", "--nocapture"])
        .env(FILE, file)
        .current_dir("/");
    if std::fs::metadata(program).unwrap().uid() == 0 {
        command.uid(NOBODY);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let output = String::from_utf8(output.stdout).unwrap();
    let line = output.lines().find_map(|line| line.strip_prefix("told: "));
    line.unwrap().to_owned()
}

#[tokio::test]
async fn a_missing_right_is_told() {
    let programs = Folder::new();
    let program = programs.path().join("asker");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    allow(&program, 0o755);
    let folder = Folder::new();
    let (inside, file) = (
        folder.path().join("inside"),
        folder.path().join("inside/claims"),
    );
    let cases: [(u32, Option<u32>, &str); 6] = [
        (0o777, Some(0o666), "opened"),
        (0o777, Some(0o444), "the SQLite file is read-only: give"),
        (0o555, Some(0o666), "the SQLite file is read-only: give"),
        (
            0o777,
            Some(0o000),
            "the SQLite file cannot be opened: this process must",
        ),
        (
            0o555,
            None,
            "the SQLite file cannot be opened: this process must",
        ),
        (0o777, None, "opened"),
    ];
    for (folder_mode, file_mode, words) in cases {
        std::fs::create_dir(&inside).unwrap();
        allow(&inside, 0o777);
        let mut before = None;
        if let Some(mode) = file_mode {
            let store = SqliteStore::open(&file).await.unwrap();
            fresh(&store, &request(1)).await;
            drop(store);
            crate::file::closed(&file).await;
            before = Some(std::fs::read(&file).unwrap());
            allow(&file, mode);
        }
        allow(&inside, folder_mode);
        let told = told(&program, &file);
        assert!(
            told.starts_with(words),
            "{folder_mode:o} {file_mode:?}: {told}"
        );
        if words != "opened" {
            assert!(std::fs::read(&file).ok() == before, "something was changed");
        }
        // An empty log may be left by who could open the file and not write it.
        allow(&inside, 0o777);
        std::fs::remove_dir_all(&inside).unwrap();
    }
}
