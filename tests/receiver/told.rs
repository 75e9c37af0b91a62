//! What tracing is told: one event per delivery, and nothing of its text.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::scheme::catalogue;
use countersign::store::MemoryStore;
use countersign::{HandlerError, Outgoing};
use tracing_subscriber::util::SubscriberInitExt;

use super::rig::{PAYMENT, clock, incoming, rig, rig_of, rig_with};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start(&self) -> impl Drop {
        let log = self.clone();
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || log.clone())
            .finish()
            .set_default()
    }

    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

#[tokio::test]
async fn one_event_per_delivery() {
    let log = Log::default();
    let _guard = log.start();
    let rig = rig();
    let _ = rig.receive(rig.payment()).await;
    let first = log.take();
    assert_eq!(first.lines().count(), 1, "{first}");
    let size = format!("body_bytes={}", PAYMENT.len());
    for field in [
        "INFO",
        "countersign",
        "scheme=\"mutopay\"",
        "code=\"OK\"",
        "status=200",
        "key_name=\"current\"",
        &size,
        "claim=\"fresh\"",
    ] {
        assert!(first.contains(field), "{field}: {first}");
    }
    assert!(!first.contains("skew_ms"), "{first}");

    let _ = rig.receive(rig.payment()).await;
    let second = log.take();
    assert!(second.contains("claim=\"done\""), "{second}");
    assert!(second.contains("code=\"DUPLICATE_EVENT_ID\""), "{second}");
}

#[tokio::test]
async fn never_a_text_of_the_delivery() {
    let log = Log::default();
    let _guard = log.start();
    let rig = rig_of(catalogue::STRIPE);
    let body = br#"{"id":"evt_private","card":"4242"}"#;
    let signed = rig.sign(&Outgoing::new(body).headers(&[("x-other", "header-text")]));
    rig.wait(2);
    let _ = rig
        .receive_with(incoming(&signed), |_| async {
            Err(HandlerError::retry("application-text"))
        })
        .await;
    rig.wait(1000);
    let _ = rig.receive(incoming(&signed)).await;
    let told = log.take();
    assert_eq!(told.lines().count(), 2, "{told}");
    assert!(told.contains("skew_ms=2000"), "{told}");
    assert!(told.contains("skew_ms=1002000"), "{told}");
    assert!(told.contains("code=\"TIMESTAMP_SKEW_TOO_LARGE\""), "{told}");
    let signature = &signed.headers().last().unwrap().1;
    for text in [
        signature.as_str(),
        signature.rsplit('=').next().unwrap(),
        "evt_private",
        "4242",
        "header-text",
        "application-text",
        "a secret of the provider",
    ] {
        assert!(!told.contains(text), "{text}: {told}");
    }
}

#[tokio::test]
async fn a_handler_that_may_outlast_its_sender_is_told_when_built() {
    let log = Log::default();
    let _guard = log.start();
    let build = |timeout| {
        let store = MemoryStore::with_capacity(10);
        rig_with(catalogue::OPENPOLY, store, clock(), |builder| {
            builder.handler_timeout(Duration::from_secs(timeout))
        })
    };
    build(5);
    assert_eq!(log.take(), "");
    build(6);
    let told = log.take();
    assert!(told.contains("WARN"), "{told}");
    assert!(told.contains("sender_timeout_s=5"), "{told}");
}
