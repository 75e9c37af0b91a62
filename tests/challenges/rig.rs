//! Requests, and receivers that have no store and no handler to give them to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use countersign::challenge::Challenges;
use countersign::store::{NoStore, Store};
use countersign::testing::FakeClock;
use countersign::{Incoming, IncomingHead, OutagePolicy, Receipt, Receiver, Reply, Verifier};

use crate::providers::{Provider, at};
use crate::rows::Row;

/// The path of every request here.
pub(crate) const PATH: &str = "/hooks/7";

/// A receiver by the keys of this row, whose store refuses everything: who is answered
/// otherwise has not asked it.
pub(crate) fn receiver(row: &Row, challenges: Challenges) -> Receiver<NoStore> {
    receiver_of(row.verifier().unwrap(), NoStore, challenges).0
}

pub(crate) fn receiver_of<S: Store>(
    verifier: Verifier,
    store: S,
    challenges: Challenges,
) -> (Receiver<S>, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::at(at(0)));
    let receiver = Receiver::builder(verifier, store)
        .clock(Arc::clone(&clock) as _)
        .on_outage(OutagePolicy::AskRetry)
        .replies(|_, _| Reply::empty())
        .challenges(challenges)
        .build();
    (receiver.unwrap(), clock)
}

/// A genuine request of this provider with this body.
pub(crate) fn signed(id: &str, body: &str) -> Row {
    Provider::new(id).send_body(body.as_bytes(), "evt-1", at(0))
}

/// A request that nobody signs.
pub(crate) fn unsigned(id: &str, method: &str, query: &str) -> Row {
    let mut row = Provider::new(id).send("evt-1", at(0));
    row.headers.clear();
    row.body.clear();
    row.method = Some(method.to_owned());
    row.url = Some(format!("https://receiver.example{PATH}{query}"));
    row
}

/// Meta's GET, with what it says of who asks.
pub(crate) fn meta(rest: &str) -> Row {
    unsigned("meta", "GET", &format!("?hub.challenge=1158201444{rest}"))
}

/// Meta's verify token.
pub(crate) const TOKEN: &str = "a text of the user's own";

/// Everything that needs no registration.
pub(crate) fn all() -> Challenges {
    Challenges::new().verify_token(TOKEN).on_confirm(|_| ())
}

fn head(row: &Row) -> IncomingHead {
    let head = IncomingHead::new(row.headers.clone());
    let head = match &row.method {
        Some(method) => head.method(method.clone()),
        None => head,
    };
    match &row.url {
        Some(url) => head.url(url.clone()),
        None => head,
    }
}

/// What a receiver makes of a request that comes whole. No handler may run.
pub(crate) async fn ask_whole<S: Store>(receiver: &Receiver<S>, row: &Row) -> Receipt {
    let mut incoming = Incoming::new(row.headers.clone(), row.body.clone());
    if let Some(method) = &row.method {
        incoming = incoming.method(method.clone());
    }
    if let Some(url) = &row.url {
        incoming = incoming.url(url.clone());
    }
    let runs = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&runs);
    let receipt = receiver
        .receive(incoming, move |_| async move {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(Reply::empty())
        })
        .await;
    assert_eq!(runs.load(Ordering::Relaxed), 0, "{}", row.id);
    receipt
}

/// What it makes of one whose body comes a byte at a time.
pub(crate) async fn ask_streamed<S: Store>(receiver: &Receiver<S>, row: &Row) -> Receipt {
    let stream = || {
        let mut intake = receiver.begin(head(row))?;
        for byte in row.body.chunks(1) {
            intake.update(byte)?;
        }
        intake.verify()
    };
    match stream() {
        Ok(unclaimed) => unclaimed.process(|_| async { Ok(Reply::empty()) }).await,
        Err(receipt) => receipt,
    }
}

/// What it makes of a request either way, which must be the same.
pub(crate) async fn ask<S: Store>(receiver: &Receiver<S>, row: &Row) -> Receipt {
    let whole = ask_whole(receiver, row).await;
    let streamed = ask_streamed(receiver, row).await;
    assert_eq!(facts(&whole), facts(&streamed), "{}", row.id);
    whole
}

/// Status, code, media type, further headers and body.
pub(crate) type Facts = (
    u16,
    Option<&'static str>,
    Option<String>,
    Vec<(String, String)>,
    String,
);

pub(crate) fn facts(receipt: &Receipt) -> Facts {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let headers = receipt.headers();
    (
        receipt.status(),
        receipt.code().map(|code| code.as_str()),
        receipt.content_type().map(str::to_owned),
        headers
            .map(|(name, value)| (name.to_owned(), text(value)))
            .collect(),
        text(receipt.body()),
    )
}

/// Status and code.
pub(crate) fn verdict(receipt: &Receipt) -> (u16, &'static str) {
    (
        receipt.status(),
        receipt.code().map_or("OK", |code| code.as_str()),
    )
}

/// A receiver that was told nothing of challenges.
pub(crate) fn untold<S: Store>(verifier: Verifier, store: S) -> Receiver<S> {
    let receiver = Receiver::builder(verifier, store)
        .clock(Arc::new(FakeClock::at(at(0))))
        .on_outage(OutagePolicy::AskRetry)
        .replies(|_, _| Reply::empty())
        .build();
    receiver.unwrap()
}
