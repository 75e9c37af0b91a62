//! No piece of a secret, of a right signature, of a body or of any text of the sender
//! is told.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};

use base64::Engine;
use countersign::scheme::{Scheme, catalogue};
use countersign::store::MemoryStore;
use countersign::{
    HandlerError, Incoming, KeyRing, OutagePolicy, Outgoing, Receipt, Receiver, Reply, Secret,
    SignedDelivery, Signer, Timestamp, Verifier,
};

use super::told::Ear;
use crate::rig::{clock, incoming};

/// 64 letters: plain text, Base64, and never hexadecimal.
fn random() -> String {
    let word = |_| RandomState::new().build_hasher().finish().to_be_bytes();
    let letter = |byte: u8| char::from(b'g' + byte % 16);
    let bytes = (0..8).flat_map(word);
    bytes.map(letter).collect()
}

/// Texts in which pieces are looked for.
struct Shown(HashSet<Vec<u8>>);

impl Shown {
    fn of(texts: &[String]) -> Self {
        let pieces = |length| {
            let texts = texts.iter().map(|text| text.as_bytes());
            texts.flat_map(move |text| text.windows(length).map(<[u8]>::to_vec))
        };
        Self(pieces(8).chain(pieces(16)).collect())
    }

    /// No eight bytes of it, plain or as hexadecimal.
    fn hide(&self, what: &str, hidden: &[u8]) {
        assert!(hidden.len() >= 8, "{what} is too short to look for");
        for run in hidden.windows(8) {
            let hex: String = run.iter().map(|byte| format!("{byte:02x}")).collect();
            let is_shown = self.0.contains(run) || self.0.contains(hex.as_bytes());
            assert!(!is_shown, "{what} is told: {}", run.escape_ascii());
        }
    }
}

/// Everything that the ear heard, as text.
fn everything(ear: &Ear) -> Vec<String> {
    let events = ear.events().into_iter().map(|event| format!("{event:?}"));
    let series = ear.series().into_iter().map(|series| format!("{series:?}"));
    events.chain(series).collect()
}

fn other_body(signed: &SignedDelivery, body: &[u8]) -> Incoming {
    Incoming::new(signed.headers().to_vec(), body).method(signed.method())
}

async fn receive(receiver: &Receiver<MemoryStore>, incoming: Incoming) -> Receipt {
    receiver
        .receive(incoming, |_| async { Ok(Reply::empty()) })
        .await
}

#[tokio::test]
async fn nothing_of_a_delivery_is_told() {
    let schemes = [
        catalogue::DEBITURA,
        catalogue::GITHUB,
        catalogue::GITLAB_TOKEN,
        catalogue::MUTOPAY,
        catalogue::OPENPOLY,
        catalogue::SLACK,
        catalogue::STANDARD_WEBHOOKS_V1,
        catalogue::STRIPE,
    ];
    for scheme in schemes {
        let ear = Ear::open();
        let told = told_of(&scheme).await;
        assert!(told.receipts.len() >= 7);
        let heard = everything(&ear);
        let events = heard.iter().filter(|text| text.starts_with("Heard"));
        assert_eq!(events.count(), told.receipts.len());
        Shown::of(&heard).hide("the handler's error", told.said.as_bytes());
        let shown: Vec<_> = heard.into_iter().chain(told.receipts).collect();
        let shown = Shown::of(&shown);
        for (what, hidden) in &told.hidden {
            shown.hide(&format!("{}: {what}", scheme.id), hidden);
        }
    }
}

/// What was sent, and what came of it.
struct Told {
    receipts: Vec<String>,
    hidden: Vec<(&'static str, Vec<u8>)>,
    said: String,
}

async fn told_of(scheme: &Scheme) -> Told {
    let clock = clock();
    let text = random();
    let secret = Secret::new("current", &text).unwrap();
    let ring = KeyRing::new().with_secret(secret.clone()).unwrap();
    let verifier = Verifier::new(scheme.clone(), &ring).unwrap();
    let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(10))
        .clock(std::sync::Arc::clone(&clock) as _)
        .on_outage(OutagePolicy::AskRetry)
        .replies(|_, _| Reply::empty())
        .build()
        .unwrap();
    let signer = Signer::new(scheme.clone(), &secret).unwrap();
    let private = random();
    let body_of = |id: &str| {
        format!(
            r#"{{"id":"{id}","event_id":"{id}","payment_id":"{id}","event":"e","card":"{private}"}}"#
        )
    };
    let sign_at = |id: &str, at: Timestamp| {
        let body = body_of(id);
        let delivery_id = random();
        let given = [
            ("x-request", private.as_str()),
            ("x-github-delivery", &delivery_id),
        ];
        signer
            .sign(
                &Outgoing::new(body.as_bytes()).event_id(id).headers(&given),
                at,
            )
            .unwrap()
    };
    let now = countersign::Clock::now(&*clock);
    let ids = [random(), random(), random()];
    let genuine = sign_at(&ids[0], now);
    let retried = sign_at(&ids[1], now);
    let old = sign_at(&ids[2], Timestamp::from_unix_seconds(1_779_000_123));
    let forged = other_body(&genuine, retried.body());
    let bare = Incoming::new(vec![("x-request", private.clone())], genuine.body());
    let doubled = Incoming::new(
        [genuine.headers(), retried.headers()].concat(),
        genuine.body(),
    );

    let mut receipts = vec![
        receive(&receiver, incoming(&genuine)).await,
        receive(&receiver, incoming(&genuine)).await,
        receive(&receiver, incoming(&old)).await,
        receive(&receiver, forged).await,
        receive(&receiver, bare).await,
        receive(&receiver, doubled).await,
    ];
    // The application's own text stays in the receipt, for the application.
    let said = random();
    let message = said.clone();
    let fail = |_| async { Err(HandlerError::retry(message)) };
    receipts.push(receiver.receive(incoming(&retried), fail).await);

    let decoded = base64::engine::general_purpose::STANDARD.decode(&text);
    let mut hidden = vec![
        ("the decoded secret", decoded.unwrap()),
        ("the secret", text.into_bytes()),
        ("the private text", private.into_bytes()),
    ];
    for signed in [&genuine, &retried, &old] {
        hidden.push(("the body", signed.body().to_vec()));
        let values = signed
            .headers()
            .iter()
            .map(|(_, value)| value.clone().into_bytes());
        let long = values.filter(|value| value.len() >= 8);
        hidden.extend(long.map(|value| ("a header", value)));
    }
    hidden.extend(ids.map(|id| ("an event id", id.into_bytes())));
    Told {
        receipts: receipts
            .iter()
            .map(|receipt| format!("{receipt:?}"))
            .collect(),
        hidden,
        said,
    }
}
