//! Nothing of a token, a secret or an answer is ever told.

use std::io::Write;
use std::sync::{Arc, Mutex};

use countersign::challenge::{Challenges, Registrations};
use tracing_subscriber::util::SubscriberInitExt;

use super::rig::{PATH, TOKEN, ask_streamed, meta, receiver, signed, unsigned};
use crate::providers::at;

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

const SECRET: &str = "b537207f20cbfa02357cf448134da559";
const MARK: &str = "TellNobodyOfThis";

#[tokio::test]
async fn no_log_and_no_debug_has_a_text_of_a_challenge() {
    // Whoever tells the first time, while somebody begins to listen, may be taken for one
    // to whom nobody listens: so both levels have told before.
    for row in [
        unsigned("dropbox", "GET", "?challenge=early"),
        unsigned("dropbox", "GET", "?challenge=%3C"),
    ] {
        let _ = ask_streamed(&receiver(&row, Challenges::new()), &row).await;
    }
    let log = Log::default();
    let writer = log.clone();
    let _guard = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish()
        .set_default();
    let registrations = Registrations::new();
    let registration = registrations.open(PATH, "new", at(60)).unwrap();
    let challenges = Challenges::new()
        .verify_token(TOKEN)
        .registrations(&registrations);
    let mut debug = format!("{challenges:?} {registrations:?} {registration:?}");
    let mut asked = 0;
    for row in [
        unsigned("asana", "POST", "").and("x-hook-secret", SECRET),
        unsigned("asana", "POST", "").and("x-hook-secret", MARK),
        unsigned("dropbox", "GET", &format!("?challenge={MARK}")),
        unsigned("dropbox", "GET", &format!("?challenge={MARK}%3C")),
        unsigned("x_twitter", "GET", &format!("?crc_token={MARK}")),
        meta(&format!("&hub.mode=subscribe&hub.verify_token={MARK}")),
        meta("&hub.mode=subscribe&hub.verify_token=a+text+of+the+user%27s+own"),
        signed("slack", &format!(r#"{{"challenge":"{MARK}"}}"#)),
        signed(
            "zoom",
            &format!(r#"{{"payload":{{"plainToken":"{MARK}"}}}}"#),
        ),
    ] {
        let receiver = receiver(&row, challenges.clone());
        let receipt = ask_streamed(&receiver, &row).await;
        debug += &format!("{receipt:?} {receiver:?}");
        if let Some(rejection) = receipt.rejection() {
            debug += &rejection.to_string();
        }
        asked += 1;
    }
    let secret = registration.secret().await.unwrap();
    debug += &format!("{secret:?}");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(log.lines().count(), asked, "{log}");
    assert_eq!(
        log.matches("code=\"CHALLENGE_ANSWERED\"").count(),
        6,
        "{log}"
    );
    assert_eq!(
        log.matches("code=\"CHALLENGE_REFUSED\"").count(),
        3,
        "{log}"
    );
    assert_eq!(log.matches("claim=\"none\"").count(), asked);
    for hidden in [
        SECRET,
        MARK,
        TOKEN,
        "1158201444",
        "response_token",
        "user's own",
    ] {
        assert!(!log.contains(hidden), "{hidden} in {log}");
        assert!(!debug.contains(hidden), "{hidden} in {debug}");
    }
}
