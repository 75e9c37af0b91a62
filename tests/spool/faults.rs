//! A disk that is full, gone or unreadable: the sender has the body still, and is asked
//! to send it again.

use std::fs::{self, OpenOptions};
use std::process::Command;

use countersign::scheme::catalogue;
use countersign::{HandlerError, Reply};

use super::rig::{IN_MEMORY, body, code, refusal, rig, rig_with};

#[tokio::test]
async fn a_folder_that_is_gone_makes_the_sender_retry() {
    let rig = rig();
    let away = rig.path().with_extension("away");
    fs::rename(rig.path(), &away).unwrap();
    let signed = rig.sign(&body(2 * IN_MEMORY));
    let receipt = refusal(rig.read(&signed, 10_000).await);
    assert_eq!(
        (code(&receipt), receipt.status()),
        ("SPOOL_UNAVAILABLE", 503)
    );
    assert!(receipt.retry_after_s().is_some());
    assert!(receipt.body().is_empty());
    let error = receipt.store_error().unwrap();
    assert!(
        std::error::Error::source(error).is_some(),
        "the system's own words"
    );

    // What needs no file is received all the same.
    let small = rig.sign_as("msg_2", &body(IN_MEMORY));
    let receipt = rig.receive(&small, |_| async { Ok(Reply::empty()) }).await;
    assert_eq!(code(&receipt), "OK");

    fs::rename(&away, rig.path()).unwrap();
    let event = rig.take(&signed).await;
    assert_eq!(event.attempt(), 1, "nothing was claimed before");
}

/// The disk is full in the middle of a body. A limit of the process stands in for it, so
/// the rest of the test runs in a child.
#[tokio::test]
async fn a_full_disk_makes_the_sender_retry() {
    const CHILD: &str = "COUNTERSIGN_TEST_FULL_DISK";
    if std::env::var_os(CHILD).is_none() {
        // 600 blocks of 512 or 1024 bytes: more than one write, and less than the body.
        let limited = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 600; exec \"$0\" \"$@\""])
            .arg(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "spool::faults::a_full_disk_makes_the_sender_retry",
            ])
            .env(CHILD, "1")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&limited.stdout);
        assert!(limited.status.success(), "{told}");
        assert!(told.contains("1 passed"), "{told}");
        return;
    }
    let rig = rig();
    let signed = rig.sign(&body(5 * IN_MEMORY));
    let receipt = refusal(rig.read(&signed, 10_000).await);
    assert_eq!(
        (code(&receipt), receipt.status()),
        ("SPOOL_UNAVAILABLE", 503)
    );
    rig.nothing_is_held().await;

    let mut intake = rig.begin(&signed);
    let receipt = refusal(intake.update(signed.body()));
    assert_eq!(code(&receipt), "SPOOL_UNAVAILABLE");
    drop(intake);
    assert!(rig.held().is_empty());
}

/// What was hashed and is lost makes a body whose signature matches and whose bytes do not.
#[tokio::test]
async fn a_body_that_lost_a_chunk_is_never_verified() {
    let rig = rig();
    let signed = rig.sign(&body(2 * IN_MEMORY));
    let away = rig.path().with_extension("away");
    fs::rename(rig.path(), &away).unwrap();
    let mut intake = rig.begin(&signed);
    let receipt = refusal(intake.update(signed.body()));
    assert_eq!(code(&receipt), "SPOOL_UNAVAILABLE");
    fs::rename(&away, rig.path()).unwrap();
    assert_eq!(code(&refusal(intake.update(b""))), "SPOOL_UNAVAILABLE");
    let receipt = refusal(intake.verify());
    assert_eq!(
        (code(&receipt), receipt.status()),
        ("SPOOL_UNAVAILABLE", 503)
    );
}

/// A handler that could not read the body did not judge the event, whatever it says.
#[tokio::test]
async fn an_event_whose_file_cannot_be_read_is_not_refused_for_good() {
    let rig = rig_with(catalogue::STANDARD_WEBHOOKS_V1, |builder| builder);
    let signed = rig.sign(&body(2 * IN_MEMORY));
    let unclaimed = rig.read(&signed, 10_000).await.unwrap();
    let [file] = &rig.held()[..] else {
        panic!("{:?}", rig.held())
    };
    let file = OpenOptions::new().write(true).open(file).unwrap();
    file.set_len(IN_MEMORY as u64).unwrap();
    let receipt = unclaimed
        .process(|event| async move {
            let mut reader = event.spooled().unwrap().open();
            match std::io::copy(&mut reader, &mut std::io::sink()) {
                Ok(_) => Ok(Reply::empty()),
                Err(error) => Err(HandlerError::reject(error)),
            }
        })
        .await;
    assert_eq!((code(&receipt), receipt.status()), ("HANDLER_FAILED", 503));
    let event = rig.take(&signed).await;
    assert_eq!(event.attempt(), 2, "its claim was given back");
}

/// The same refusal counts where the body could be read.
#[tokio::test]
async fn an_event_that_was_read_may_be_refused_for_good() {
    let rig = rig();
    let signed = rig.sign(&body(2 * IN_MEMORY));
    let receipt = rig
        .receive(&signed, |event| async move {
            let mut reader = event.spooled().unwrap().open();
            std::io::copy(&mut reader, &mut std::io::sink()).unwrap();
            Err(HandlerError::reject("no such account"))
        })
        .await;
    assert_eq!(code(&receipt), "EVENT_REFUSED");
}
