//! What is on the disk, and for how long. On Linux, where a process can look at what it
//! holds.

use std::os::unix::fs::{MetadataExt, PermissionsExt};

use countersign::Reply;

use super::rig::{IN_MEMORY, body, code, half, refusal, rig, rig_with, until};

#[tokio::test]
async fn a_file_has_no_name_and_one_user() {
    let rig = rig();
    let event = rig.take(&rig.sign(&body(2 * IN_MEMORY))).await;
    let [file] = &rig.held()[..] else {
        panic!("{:?}", rig.held())
    };
    let about = std::fs::metadata(file).unwrap();
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
    assert_eq!((about.nlink(), about.len()), (0, 2 * IN_MEMORY as u64));
    assert_eq!(rig.path().read_dir().unwrap().count(), 0);
    drop(event);
}

#[tokio::test]
async fn it_is_gone_with_the_last_handle() {
    let rig = rig();
    let event = rig.take(&rig.sign(&body(2 * IN_MEMORY))).await;
    let spooled = event.spooled().unwrap().clone();
    let reader = spooled.open();
    drop(event);
    assert_eq!(rig.held().len(), 1);
    drop(spooled);
    assert_eq!(rig.held().len(), 1, "a reader keeps it");
    drop(reader);
    assert!(rig.held().is_empty());
}

/// Nobody sees a byte of a forged body, and nothing of it is left.
#[tokio::test]
async fn a_forged_body_is_gone() {
    let rig = rig();
    let signed = rig.sign(&body(2 * IN_MEMORY));
    let mut intake = rig.begin(&signed);
    let mut forged = signed.body().to_vec();
    *forged.last_mut().unwrap() ^= 1;
    intake.update(&forged).unwrap();
    assert_eq!(rig.held().len(), 1, "it is in a file");
    let receipt = refusal(intake.verify());
    assert_eq!(
        (code(&receipt), receipt.status()),
        ("INVALID_SIGNATURE", 401)
    );
    assert!(rig.held().is_empty());
}

#[tokio::test]
async fn a_body_that_breaks_off_is_gone() {
    let rig = rig();
    let signed = rig.sign(&body(3 * IN_MEMORY));
    // The client hangs up: the server drops what waits for the rest.
    let waiting = half(rig.begin(&signed), &signed.body()[..2 * IN_MEMORY]);
    let mut waiting = Box::pin(waiting);
    tokio::select! {
        _ = &mut waiting => panic!("it is not there in full"),
        () = until(|| rig.held().len() == 1) => {}
    }
    drop(waiting);
    rig.nothing_is_held().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_in_time_is_gone() {
    let rig = rig_with(
        countersign::scheme::catalogue::STANDARD_WEBHOOKS_V1,
        |builder| builder.body_timeout(std::time::Duration::from_millis(300)),
    );
    let signed = rig.sign(&body(3 * IN_MEMORY));
    let half = half(rig.begin(&signed), &signed.body()[..2 * IN_MEMORY]).await;
    let receipt = refusal(half);
    assert_eq!((code(&receipt), receipt.status()), ("BODY_INCOMPLETE", 408));
    rig.nothing_is_held().await;
}

#[tokio::test]
async fn a_body_over_the_cap_is_gone_before_it_ends() {
    let rig = rig();
    let signed = rig.sign(&body(1));
    let mut intake = rig.begin(&signed);
    let piece = body(IN_MEMORY);
    let mut pieces = 0;
    let receipt = loop {
        match intake.update(&piece) {
            Ok(()) => pieces += 1,
            Err(receipt) => break receipt,
        }
    };
    assert_eq!((code(&receipt), pieces), ("BODY_TOO_LARGE", 16));
    let [file] = &rig.held()[..] else {
        panic!("{:?}", rig.held())
    };
    assert!(std::fs::metadata(file).unwrap().len() <= super::rig::CAP);
    drop(intake);
    assert!(rig.held().is_empty());
}

/// A client that hangs up while the handler works takes nothing away from it.
#[tokio::test]
async fn a_handler_keeps_its_file() {
    let rig = rig();
    let (tell, told) = tokio::sync::oneshot::channel();
    let signed = rig.sign(&body(2 * IN_MEMORY));
    let unclaimed = rig.read(&signed, 10_000).await.unwrap();
    let mut process = Box::pin(unclaimed.process(|event| async move {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let mut bytes = Vec::new();
        let mut reader = event.spooled().unwrap().open();
        std::io::Read::read_to_end(&mut reader, &mut bytes).unwrap();
        tell.send(bytes).unwrap();
        Ok(Reply::empty())
    }));
    tokio::select! {
        biased;
        _ = &mut process => panic!("it takes longer"),
        () = tokio::time::sleep(std::time::Duration::from_millis(20)) => {}
    }
    drop(process);
    assert!(told.await.unwrap() == signed.body());
    rig.nothing_is_held().await;
}
