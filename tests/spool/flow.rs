//! What a handler gets.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use countersign::scheme::{Scheme, Sender, catalogue};
use countersign::{Event, HandlerError, Incoming, Reply};

use super::rig::{CAP, IN_MEMORY, body, code, refusal, rig, rig_with};

fn read(event: &Event) -> Vec<u8> {
    let mut bytes = Vec::new();
    let spooled = event.spooled().unwrap();
    spooled.open().read_to_end(&mut bytes).unwrap();
    assert_eq!(spooled.bytes(), bytes.len() as u64);
    bytes
}

/// In chunks of any length, on both ways in.
#[tokio::test]
async fn a_large_body_is_read_back_byte_for_byte() {
    let rig = rig();
    let sent = body(3 * IN_MEMORY + 17);
    for chunk in [1000, IN_MEMORY - 1, IN_MEMORY, IN_MEMORY + 1, sent.len()] {
        let signed = rig.sign(&sent);
        let unclaimed = rig.read(&signed, chunk).await.unwrap();
        assert!(read(unclaimed.event()) == sent, "{chunk}");
        assert!(unclaimed.event().body().is_empty());

        let mut intake = rig.begin(&signed);
        for chunk in signed.body().chunks(chunk) {
            intake.update(chunk).unwrap();
        }
        let unclaimed = intake.verify().unwrap();
        assert!(read(unclaimed.event()) == sent, "{chunk}");
    }
}

#[tokio::test]
async fn a_body_stays_in_memory_up_to_256_kib() {
    let rig = rig();
    for (bytes, is_spooled) in [
        (0, false),
        (1, false),
        (IN_MEMORY, false),
        (IN_MEMORY + 1, true),
    ] {
        let sent = body(bytes);
        let unclaimed = rig.read(&rig.sign(&sent), 4096).await.unwrap();
        let event = unclaimed.event();
        assert_eq!(event.spooled().is_some(), is_spooled, "{bytes}");
        if is_spooled {
            assert!(read(event) == sent);
        } else {
            assert!(event.body() == sent);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_there_as_a_whole_stays_in_memory() {
    let rig = rig();
    let signed = rig.sign(&body(2 * IN_MEMORY));
    let incoming = Incoming::new(signed.headers().to_vec(), signed.body());
    let receipt = rig
        .receiver
        .receive(incoming, |event| async move {
            assert!(event.spooled().is_none());
            assert!(event.body() == body(2 * IN_MEMORY));
            Ok(Reply::empty())
        })
        .await;
    assert_eq!(code(&receipt), "OK");
}

#[tokio::test]
async fn readers_do_not_disturb_each_other() {
    let rig = rig();
    let sent = body(2 * IN_MEMORY);
    let event = rig.take(&rig.sign(&sent)).await;
    let spooled = event.spooled().unwrap().clone();
    drop(event);
    let mut readers = [spooled.open(), spooled.open()];
    let mut both = [Vec::new(), Vec::new()];
    for step in 0..2 * IN_MEMORY / 512 {
        // One is always ahead of the other.
        let lengths = if step % 2 == 0 {
            [700, 324]
        } else {
            [324, 700]
        };
        for ((reader, bytes), length) in readers.iter_mut().zip(&mut both).zip(lengths) {
            let mut piece = vec![0; length];
            reader.read_exact(&mut piece).unwrap();
            bytes.extend(piece);
        }
    }
    assert!(both.iter().all(|bytes| *bytes == sent));
    assert_eq!(readers[0].read(&mut [0; 10]).unwrap(), 0, "at its end");
}

/// The event id of a header, and the digest that is made while the body comes, name the
/// same events as the same receiver without a spool.
#[tokio::test]
async fn the_key_is_the_same_as_in_memory() {
    for scheme in [catalogue::STANDARD_WEBHOOKS_V1, catalogue::CAL_COM] {
        let rig = rig_with(scheme.clone(), |builder| builder);
        let signed = rig.sign(&body(2 * IN_MEMORY));
        let event = rig.take(&signed).await;
        assert!(event.spooled().is_some());

        let verifier = rig.receiver.verifier();
        let now = countersign::Timestamp::now();
        let verified = verifier.verify(&signed.as_delivery(), now).unwrap();
        assert_eq!(event.dedupe_key(), verified.dedupe_key("").as_ref());

        let again = rig
            .receive(&signed, |_| async { panic!("it is done") })
            .await;
        assert_eq!(code(&again), "DUPLICATE_EVENT_ID", "{}", scheme.id);
        let mut other = body(2 * IN_MEMORY);
        other[IN_MEMORY] ^= 1;
        let other = rig.take(&rig.sign_as("msg_2", &other)).await;
        assert_ne!(other.dedupe_key(), event.dedupe_key());
    }
}

/// A sender that says that its retries are identical: the digest in the store is that of
/// the whole body, in a file or not.
#[tokio::test]
async fn an_id_with_another_body_is_told() {
    let scheme = Scheme {
        sender: Sender {
            identical_retries: true,
            ..catalogue::STANDARD_WEBHOOKS_V1.sender
        },
        ..catalogue::STANDARD_WEBHOOKS_V1
    };
    let rig = rig_with(scheme, |builder| builder);
    let sent = body(2 * IN_MEMORY);
    rig.take(&rig.sign(&sent)).await;
    let whole = rig.sign(&sent);
    let incoming = Incoming::new(whole.headers().to_vec(), whole.body());
    let receipt = rig
        .receiver
        .receive(incoming, |_| async { panic!("it is done") });
    assert_eq!(code(&receipt.await), "DUPLICATE_EVENT_ID");
    for at in [0, IN_MEMORY - 1, IN_MEMORY, 2 * IN_MEMORY - 1] {
        let mut other = sent.clone();
        other[at] ^= 1;
        let other = rig.sign(&other);
        let receipt = rig
            .receive(&other, |_| async { panic!("it is done") })
            .await;
        assert_eq!(code(&receipt), "EVENT_ID_REUSED", "{at}");
    }
}

#[tokio::test]
async fn a_dead_letter_has_its_body() {
    let kept = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&kept);
    let rig = rig_with(catalogue::STANDARD_WEBHOOKS_V1, |builder| {
        builder.dead_letter_after(1, move |event| {
            let seen = Arc::clone(&seen);
            async move {
                assert!(read(&event) == body(2 * IN_MEMORY));
                seen.fetch_add(1, Ordering::SeqCst);
                Ok(())
            }
        })
    });
    let failing = |_| async { Err(HandlerError::retry("not today")) };
    let receipt = rig.receive(&rig.sign(&body(2 * IN_MEMORY)), failing).await;
    assert_eq!(code(&receipt), "EVENT_DEAD_LETTERED");
    assert_eq!(kept.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_cap_holds_for_files_too() {
    let rig = rig();
    let cap = usize::try_from(CAP).unwrap();
    let signed = rig.sign(&body(cap));
    assert!(read(rig.read(&signed, 10_000).await.unwrap().event()) == signed.body());
    let signed = rig.sign(&body(cap + 1));
    let receipt = refusal(rig.read(&signed, 10_000).await);
    assert_eq!((code(&receipt), receipt.status()), ("BODY_TOO_LARGE", 413));
}

/// Nothing of a body is in what is printed.
#[tokio::test]
async fn no_output_holds_a_body() {
    let rig = rig();
    let sent = b"the body of somebody".repeat(20_000);
    let event = rig.take(&rig.sign(&sent)).await;
    let spooled = event.spooled().unwrap();
    let printed = format!("{event:?} {spooled:?} {:?}", spooled.open());
    assert!(!printed.contains("somebody"), "{printed}");
    assert!(printed.contains("400000"), "{printed}");
}
