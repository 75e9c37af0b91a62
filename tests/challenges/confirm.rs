//! Amazon SNS: an address to confirm, genuine first, and on a host of Amazon's.

use std::sync::{Arc, Mutex};

use countersign::ChallengeProblem::UntrustedUrl;
use countersign::challenge::Challenges;
use countersign::scheme::catalogue::AWS_SNS;
use countersign::store::{MemoryStore, NoStore, Store};
use countersign::{KeyRing, Receiver, Rejection, Verifier};
use serde_json::Value;

use super::rig::{ask, ask_streamed, receiver_of, unsigned, untold, verdict};
use crate::issuer::{Issuer, TOPIC, confirmation, notification, with};
use crate::rows::Row;

type Asked = Arc<Mutex<Vec<(String, String)>>>;

fn verifier(issuer: &Issuer) -> Verifier {
    let ring = KeyRing::new().with("current", &issuer.pem).unwrap();
    let builder = Verifier::builder(AWS_SNS).ring(&ring);
    builder.parameter("topic_arn", TOPIC).build().unwrap()
}

/// A receiver that keeps the addresses that it is handed.
fn rig<S: Store>(issuer: &Issuer, store: S) -> (Receiver<S>, Asked) {
    let asked = Asked::default();
    let told = Arc::clone(&asked);
    let challenges = Challenges::new().on_confirm(move |confirmation| {
        assert_eq!(format!("{confirmation:?}"), "Confirmation { .. }");
        let asked = (
            confirmation.url().to_owned(),
            confirmation.topic().to_owned(),
        );
        told.lock().unwrap().push(asked);
    });
    (receiver_of(verifier(issuer), store, challenges).0, asked)
}

fn post(body: &Value) -> Row {
    let mut row = unsigned("dropbox", "POST", "");
    row.body = body.to_string().into_bytes();
    row
}

#[tokio::test]
async fn a_genuine_address_of_amazon_s_is_handed_over() {
    let issuer = Issuer::new();
    let (receiver, asked) = rig(&issuer, NoStore);
    let message = issuer.sns(confirmation("SubscriptionConfirmation"));
    let receipt = ask_streamed(&receiver, &post(&message)).await;
    assert_eq!(verdict(&receipt), (200, "CHALLENGE_ANSWERED"));
    assert!(receipt.body().is_empty());
    let url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336";
    assert_eq!(*asked.lock().unwrap(), [(url.to_owned(), TOPIC.to_owned())]);
}

#[tokio::test]
async fn a_forged_one_is_not() {
    let issuer = Issuer::new();
    let (receiver, asked) = rig(&issuer, NoStore);
    let message = issuer.sns(confirmation("SubscriptionConfirmation"));
    let forged = with(
        &message,
        "SubscribeURL",
        "https://sns.eu-west-1.amazonaws.com/?x",
    );
    assert_eq!(
        verdict(&ask(&receiver, &post(&forged)).await),
        (401, "INVALID_SIGNATURE")
    );
    let strange = "arn:aws:sns:eu-west-1:999999999999:orders";
    let theirs = issuer.sns(with(
        &confirmation("SubscriptionConfirmation"),
        "TopicArn",
        strange,
    ));
    assert_eq!(
        verdict(&ask(&receiver, &post(&theirs)).await),
        (401, "INVALID_SIGNATURE")
    );
    assert!(asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn nor_is_one_on_another_host() {
    let issuer = Issuer::new();
    let (receiver, asked) = rig(&issuer, NoStore);
    for url in [
        "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription",
        "https://evil.example/sns.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com@evil.example/",
        "https://evil.example@sns.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com:8443/",
        "https://sns.eu-west-1.amazonaws.com\\@evil.example/",
        "https://sns.eu-west-1.amazonaws.com#@evil.example/",
        "https://sns.eu-west-1.amazonaws.com?@evil.example/",
        "https://sns.eu-west-1.amazonaws.com",
        "https://sns.s3-us-west-2.amazonaws.com/?Action=ConfirmSubscription",
        "https://bucket.s3.amazonaws.com/?Action=ConfirmSubscription",
        "https://SNS.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com/ a",
        "https://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
    ] {
        let message = issuer.sns(with(
            &confirmation("SubscriptionConfirmation"),
            "SubscribeURL",
            url,
        ));
        let receipt = ask(&receiver, &post(&message)).await;
        assert_eq!(verdict(&receipt), (403, "CHALLENGE_REFUSED"), "{url}");
        let problem = Rejection::Challenge {
            problem: UntrustedUrl,
        };
        assert_eq!(receipt.rejection(), Some(&problem));
    }
    assert!(asked.lock().unwrap().is_empty());
}

/// The farewell holds an address that would bring the subscription back.
#[tokio::test]
async fn the_others_are_events() {
    let issuer = Issuer::new();
    for kind in [notification(), confirmation("UnsubscribeConfirmation")] {
        let (receiver, asked) = rig(&issuer, MemoryStore::with_capacity(9));
        let receipt = ask_streamed(&receiver, &post(&issuer.sns(kind))).await;
        assert_eq!(verdict(&receipt), (200, "OK"));
        assert!(asked.lock().unwrap().is_empty());
    }
    // And so is the greeting, for who has no function for it.
    let greeting = post(&issuer.sns(confirmation("SubscriptionConfirmation")));
    let store = || MemoryStore::with_capacity(9);
    let (without, _) = receiver_of(verifier(&issuer), store(), Challenges::new());
    for receiver in [without, untold(verifier(&issuer), store())] {
        assert_eq!(
            verdict(&ask_streamed(&receiver, &greeting).await),
            (200, "OK")
        );
    }
}
