//! A secret that comes in a request: taken once, while it is awaited, where it is awaited.

use std::sync::Arc;
use std::time::Duration;

use countersign::ChallengeProblem::{Token, Unregistered};
use countersign::challenge::{Challenges, Registration, Registrations, unknown_secret};
use countersign::store::{MemoryStore, NoStore};
use countersign::testing::FakeClock;
use countersign::{KeyRing, Outgoing, Receiver, Rejection, Secret, Signer, Verifier};

use super::rig::{
    PATH, ask, ask_streamed, ask_whole, facts, receiver_of, signed, unsigned, verdict,
};
use crate::providers::{Provider, at};
use crate::rows::Row;

const SECRET: &str = "b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81";
const CLOSED: (u16, &str) = (403, "CHALLENGE_REFUSED");
const ANSWERED: (u16, &str) = (200, "CHALLENGE_ANSWERED");

fn handshake(path: &str, secret: &str) -> Row {
    let mut row = unsigned("asana", "POST", "").and("X-Hook-Secret", secret);
    row.url = Some(format!("https://receiver.example{path}?a=1"));
    row
}

fn first_post(secret: &str) -> Row {
    let mut row = unsigned("notion", "POST", "");
    row.body = format!(r#"{{"verification_token":"{secret}"}}"#).into_bytes();
    row
}

fn rig(row: &Row) -> (Receiver<NoStore>, Arc<FakeClock>, Registrations) {
    let registrations = Registrations::new();
    let challenges = Challenges::new().registrations(&registrations);
    let (receiver, clock) = receiver_of(row.verifier().unwrap(), NoStore, challenges);
    (receiver, clock, registrations)
}

fn open(registrations: &Registrations) -> Registration {
    registrations.open(PATH, "new", at(60)).unwrap()
}

/// The secret that was handed over, if one was.
async fn handed(registration: Registration) -> Option<Secret> {
    let secret = tokio::time::timeout(Duration::from_millis(20), registration.secret()).await;
    secret
        .ok()
        .flatten()
        .map(|secret| secret.insecure_get().clone())
}

/// Whether this secret is that text: it makes the same signature.
fn is(secret: &Secret, text: &str) -> bool {
    let sign = |secret: &Secret| {
        let signer = Signer::new(countersign::scheme::catalogue::ASANA, secret).unwrap();
        signer
            .sign(&Outgoing::new(b"{}"), at(0))
            .unwrap()
            .headers()
            .to_vec()
    };
    sign(secret) == sign(&Secret::new("other", text).unwrap())
}

#[tokio::test]
async fn asana_s_secret_is_sent_back_and_handed_over() {
    for streamed in [false, true] {
        let row = handshake(PATH, SECRET);
        let (receiver, _, registrations) = rig(&row);
        let registration = open(&registrations);
        let receipt = if streamed {
            ask_streamed(&receiver, &row).await
        } else {
            ask_whole(&receiver, &row).await
        };
        let header = vec![("x-hook-secret".to_owned(), SECRET.to_owned())];
        let wanted = (200, Some("CHALLENGE_ANSWERED"), None, header, String::new());
        assert_eq!(facts(&receipt), wanted);
        let secret = handed(registration).await.unwrap();
        assert_eq!(secret.name(), "new");
        assert!(is(&secret, SECRET));
    }
}

#[tokio::test]
async fn notion_s_secret_is_handed_over() {
    for streamed in [false, true] {
        let row = first_post("secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl");
        let (receiver, _, registrations) = rig(&row);
        let registration = open(&registrations);
        let receipt = if streamed {
            ask_streamed(&receiver, &row).await
        } else {
            ask_whole(&receiver, &row).await
        };
        assert_eq!(verdict(&receipt), ANSWERED);
        let secret = handed(registration).await.unwrap();
        assert!(is(
            &secret,
            "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl"
        ));
    }
}

/// Signed with itself, as the first request may be: it proves nothing, and changes nothing.
#[tokio::test]
async fn a_secret_that_signs_its_own_request_is_as_unproven() {
    let text = "secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl";
    let mut row = first_post(text);
    let own = Secret::new("own", text).unwrap();
    let signer = Signer::new(countersign::scheme::catalogue::NOTION, &own).unwrap();
    let signature = signer.sign(&Outgoing::new(&row.body), at(0)).unwrap();
    row.headers = vec![(
        "x-notion-signature".to_owned(),
        signature.headers()[0].1.clone().into(),
    )];
    let (receiver, _, registrations) = rig(&row);
    assert_eq!(
        verdict(&ask(&receiver, &row).await),
        (401, "INVALID_SIGNATURE")
    );
    let registration = open(&registrations);
    assert_eq!(verdict(&ask_streamed(&receiver, &row).await), ANSWERED);
    assert!(is(&handed(registration).await.unwrap(), text));
    // Under a ring that holds it, it is answered, and handed to nobody.
    receiver
        .set_keys(&KeyRing::new().with_secret(own).unwrap())
        .unwrap();
    let registration = open(&registrations);
    assert_eq!(verdict(&ask(&receiver, &row).await), ANSWERED);
    assert!(handed(registration).await.is_none());
}

#[tokio::test]
async fn none_is_taken_that_is_not_awaited() {
    let row = handshake(PATH, SECRET);
    let (receiver, clock, registrations) = rig(&row);
    let refused = Rejection::Challenge {
        problem: Unregistered,
    };
    // Never opened.
    let receipt = ask(&receiver, &row).await;
    assert_eq!(
        (verdict(&receipt), receipt.rejection()),
        (CLOSED, Some(&refused))
    );
    assert!(receipt.headers().next().is_none());
    // Closed.
    drop(open(&registrations));
    assert_eq!(verdict(&ask(&receiver, &row).await), CLOSED);
    // Open at another path.
    let registration = open(&registrations);
    for path in ["/hooks/8", "/hooks", "/hooks/7/", "/HOOKS/7", "/", ""] {
        assert_eq!(
            verdict(&ask(&receiver, &handshake(path, SECRET)).await),
            CLOSED,
            "{path}"
        );
    }
    let mut nowhere = row.clone();
    nowhere.url = None;
    assert_eq!(verdict(&ask(&receiver, &nowhere).await), CLOSED);
    // Used twice.
    assert_eq!(verdict(&ask_whole(&receiver, &row).await), ANSWERED);
    assert_eq!(
        verdict(&ask(&receiver, &handshake(PATH, "another")).await),
        CLOSED
    );
    assert!(is(&handed(registration).await.unwrap(), SECRET));
    // Expired, to the second.
    let registration = open(&registrations);
    clock.advance(time::Duration::seconds(60));
    assert_eq!(verdict(&ask(&receiver, &row).await), CLOSED);
    assert!(handed(registration).await.is_none());
}

#[tokio::test]
async fn notion_s_is_a_delivery_while_it_is_not_awaited() {
    let row = first_post("secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl");
    let (receiver, clock, registrations) = rig(&row);
    let missing = (401, "MISSING_SIGNATURE_HEADERS");
    assert_eq!(verdict(&ask(&receiver, &row).await), missing);
    let registration = open(&registrations);
    clock.advance(time::Duration::seconds(60));
    assert_eq!(verdict(&ask(&receiver, &row).await), missing);
    drop(registration);
    // While one is awaited, everything else is still a delivery.
    let _registration = registrations.open(PATH, "new", at(600)).unwrap();
    for body in [
        "",
        "{}",
        r#"{"verification_token":7}"#,
        "verification_token=abc",
    ] {
        let mut other = row.clone();
        other.body = body.as_bytes().to_vec();
        assert_eq!(verdict(&ask(&receiver, &other).await), missing, "{body}");
    }
    let mut long = row.clone();
    long.body.extend([b' '; 4096]);
    assert_eq!(verdict(&ask(&receiver, &long).await), missing);
    // A genuine event passes, as far as the store.
    let genuine = signed("notion", r#"{"id":"1","type":"page.created"}"#);
    let mut genuine = genuine;
    genuine.url = row.url.clone();
    let (receiver, _) = receiver_of(
        genuine.verifier().unwrap(),
        MemoryStore::with_capacity(9),
        Challenges::new().registrations(&registrations),
    );
    assert_eq!(
        verdict(&ask_streamed(&receiver, &genuine).await),
        (200, "OK")
    );
}

#[tokio::test]
async fn a_text_that_is_no_secret_does_not_close_the_registration() {
    let row = handshake(PATH, SECRET);
    let (receiver, _, registrations) = rig(&row);
    let registration = open(&registrations);
    let long = "a".repeat(257);
    for text in ["", "a b", "<a>", &long] {
        let receipt = ask(&receiver, &handshake(PATH, text)).await;
        let refused = Rejection::Challenge { problem: Token };
        assert_eq!(
            (verdict(&receipt), receipt.rejection()),
            (CLOSED, Some(&refused)),
            "{text}"
        );
    }
    // Two secrets are none.
    let twice = row.and("x-hook-secret", "another");
    assert_eq!(
        verdict(&ask(&receiver, &twice).await),
        (401, "MISSING_SIGNATURE_HEADERS")
    );
    assert_eq!(verdict(&ask_streamed(&receiver, &row).await), ANSWERED);
    assert!(handed(registration).await.is_some());
}

#[tokio::test]
async fn opening_again_closes_the_one_before() {
    let row = handshake(PATH, SECRET);
    let (receiver, _, registrations) = rig(&row);
    let first = open(&registrations);
    let second = open(&registrations);
    assert!(handed(first).await.is_none());
    // The end of the first did not close the second.
    assert_eq!(verdict(&ask_streamed(&receiver, &row).await), ANSWERED);
    assert!(handed(second).await.is_some());
    assert!(registrations.open(PATH, "No Name", at(60)).is_err());
}

#[tokio::test]
async fn the_ring_changes_only_when_the_application_says_so() {
    let provider = Provider::new("asana");
    let old = provider.send_body(br#"{"events":[]}"#, "e", at(0));
    let registrations = Registrations::new();
    let challenges = Challenges::new().registrations(&registrations);
    let store = MemoryStore::with_capacity(9);
    let (receiver, _) = receiver_of(old.verifier().unwrap(), store, challenges);
    let registration = open(&registrations);
    assert_eq!(
        verdict(&ask_streamed(&receiver, &handshake(PATH, SECRET)).await),
        ANSWERED
    );
    let secret = handed(registration).await.unwrap();

    let signer = Signer::new(countersign::scheme::catalogue::ASANA, &secret).unwrap();
    let mut new = old.clone();
    new.body = br#"{"events":[{"action":"changed"}]}"#.to_vec();
    let signature = signer.sign(&Outgoing::new(&new.body), at(0)).unwrap();
    new = new.with("x-hook-signature", &signature.headers()[0].1);
    assert_eq!(
        verdict(&ask(&receiver, &new).await),
        (401, "INVALID_SIGNATURE")
    );
    assert_eq!(verdict(&ask_streamed(&receiver, &old).await), (200, "OK"));
    receiver
        .set_keys(&KeyRing::new().with_secret(secret).unwrap())
        .unwrap();
    assert_eq!(verdict(&ask_streamed(&receiver, &new).await), (200, "OK"));
    assert_eq!(
        verdict(&ask(&receiver, &old).await),
        (401, "INVALID_SIGNATURE")
    );
}

#[test]
fn an_unknown_secret_is_another_each_time() {
    let asana = countersign::scheme::catalogue::ASANA;
    let signature = || {
        let secret = unknown_secret("none").unwrap();
        Verifier::new(
            asana.clone(),
            &KeyRing::new().with_secret(secret.clone()).unwrap(),
        )
        .unwrap();
        let signer = Signer::new(asana.clone(), &secret).unwrap();
        signer.sign(&Outgoing::new(b"{}"), at(0)).unwrap().headers()[0]
            .1
            .clone()
    };
    assert_ne!(signature(), signature());
    assert!(unknown_secret("No Name").is_err());
}
