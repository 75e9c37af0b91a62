//! The example `receiver` on each engine: every verdict is the right one, twice on the same
//! server, and what cannot be opened is told without a password.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may stop at the first thing that is wrong, and has std"
)]

#[path = "common/program.rs"]
mod program;
#[path = "common/server.rs"]
mod server;
#[path = "common/serving.rs"]
mod serving;

use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use countersign::scheme::{Scheme, catalogue};
use countersign::{Outgoing, Secret, SignedDelivery, Signer, Timestamp};

use crate::server::{Folder, Mariadb, Postgres, Redis, free_port};
use crate::serving::Serving;

fn run(store: &str) -> Output {
    static PROGRAM: OnceLock<std::path::PathBuf> = OnceLock::new();
    let program: &Path = PROGRAM.get_or_init(|| program::build("receiver"));
    let mut command = Command::new(program);
    command.args(["--store", store]).output().unwrap()
}

fn assert_right_twice(store: &str) {
    for _ in 0..2 {
        let ran = run(store);
        let (told, complaint) = texts(&ran);
        assert!(ran.status.success(), "{told}{complaint}");
        let last = told.lines().last().unwrap();
        let (right, all) = last.split_once(" of ").unwrap();
        assert_eq!(all, format!("{right} verdicts are right"));
        assert!(told.contains("an event whose worker has died"));
    }
}

fn texts(ran: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (text(&ran.stdout), text(&ran.stderr))
}

#[test]
fn in_memory() {
    assert_right_twice("memory");
}

#[test]
fn on_sqlite() {
    let folder = Folder::new();
    let file = folder.file();
    assert_right_twice(&format!("sqlite:{}", file.display()));
}

#[test]
fn on_redis() {
    assert_right_twice(&Redis::start().url());
}

#[test]
fn on_postgres() {
    assert_right_twice(&Postgres::start().url());
}

#[test]
fn on_mariadb() {
    assert_right_twice(&Mariadb::start().url());
}

#[test]
fn what_cannot_be_opened_is_told_without_a_password() {
    let port = free_port();
    let inbox = program::build("inbox");
    let place = format!("shop:hunter2@127.0.0.1:{port}/shop");
    let stores = [
        (format!("redis://:hunter2@127.0.0.1:{port}/"), None),
        (format!("rediss://:hunter2@127.0.0.1:{port}/"), None),
        (format!("postgres://{place}"), None),
        (format!("postgresql://{place}"), None),
        (format!("mysql://{place}"), None),
        ("redis://:hunter2@127.0.0.1:port/".into(), None),
        ("postgres://shop:hunter2@127.0.0.1:port/shop".into(), None),
        ("mysql://shop:hunter2@127.0.0.1:port/shop".into(), None),
        ("postgres:shop:hunter2".into(), Some("store is unknown")),
        ("dynamo://hunter2".into(), Some("store is unknown")),
        ("hunter2".into(), Some("store is unknown")),
    ];
    // At once, for each may try for some seconds.
    std::thread::scope(|scope| {
        for (store, words) in &stores {
            scope.spawn(|| assert_told(&run(store), *words));
            scope.spawn(|| {
                let command = Command::new(&inbox).args(["--store", store]).output();
                let words = words.or(store.starts_with("redis").then_some("store is unknown"));
                assert_told(&command.unwrap(), words);
            });
        }
    });
}

/// Nothing shows a password; an unknown store is told as such, and no other.
fn assert_told(ran: &Output, words: Option<&str>) {
    let (told, complaint) = texts(ran);
    assert_eq!(ran.status.code(), Some(2), "{told}{complaint}");
    assert!(!complaint.is_empty());
    assert!(complaint.contains(words.unwrap_or_default()), "{complaint}");
    let is_unknown = complaint.contains("store is unknown");
    assert_eq!(is_unknown, words.is_some(), "{complaint}");
    assert!(!told.contains("hunter2"), "{told}");
    assert!(!complaint.contains("hunter2"), "{complaint}");
}

/// Two schemes at their own paths, and what they counted: each delivery once, by scheme
/// and code.
#[test]
fn real_endpoints_and_what_they_count() {
    let serving = Serving::start(
        &[
            ("github", "GITHUB", "a secret of GitHub"),
            ("mutopay", "MUTOPAY", "a secret of MutoPay"),
        ],
        &[],
    );
    let github = sign(catalogue::GITHUB, "a secret of GitHub");
    let mutopay = sign(catalogue::MUTOPAY, "a secret of MutoPay");
    for (path, delivery, status) in [
        ("/webhooks/github", &github, 200),
        ("/webhooks/github", &github, 200),
        ("/webhooks/mutopay", &mutopay, 200),
        ("/webhooks/mutopay", &github, 401),
        ("/webhooks/stripe", &github, 404),
    ] {
        let answer = serving.post(path, delivery.headers(), delivery.body());
        assert_eq!(answer, status, "{path}");
    }
    let page = serving.page("/metrics");
    for (scheme, code, count) in [
        ("github", "OK", 1),
        ("github", "DUPLICATE_EVENT_ID", 1),
        ("mutopay", "OK", 1),
        ("mutopay", "MISSING_SIGNATURE_HEADERS", 1),
    ] {
        let line = page.lines().find(|line| {
            line.starts_with("countersign_deliveries_total{")
                && line.contains(&format!("scheme=\"{scheme}\""))
                && line.contains(&format!("code=\"{code}\""))
        });
        let line = line.unwrap_or_else(|| panic!("{scheme} {code}: {page}"));
        assert!(line.ends_with(&format!(" {count}")), "{line}");
    }
    assert!(!page.contains("a secret of"));
}

fn sign(scheme: Scheme, secret: &str) -> SignedDelivery {
    let secret = Secret::new("current", secret).unwrap();
    let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
    let outgoing = Outgoing::new(body).event_id("11111111-2222-3333-4444-555555555555");
    Signer::new(scheme, &secret)
        .unwrap()
        .sign(&outgoing, Timestamp::now())
        .unwrap()
}
