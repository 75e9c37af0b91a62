//! An AWS Lambda function behind a function URL, without AWS: it is called with the events
//! that a delivery, its retry and a forgery become, and prints what it returns. At the end
//! it is called with the event of a queue, which is no request at all.
#![allow(clippy::std_instead_of_alloc, reason = "an example runs where std is")]

use core::error::Error;
use std::process::ExitCode;

use countersign::adapter::lambda::{self, EventError, Request};
use countersign::scheme::catalogue::MUTOPAY;
use countersign::store::{MemoryStore, Store};
use countersign::{
    KeyRing, Outgoing, Receiver, Reply, Secret, SignedDelivery, Signer, Timestamp, Verifier,
};
use serde_json::{Map, Value, json};

/// The function: the text of an event in, the text of the response out. Its error is the
/// function's, for which the sender gets a 502 and comes again.
async fn function<S: Store>(receiver: &Receiver<S>, event: &str) -> Result<String, EventError> {
    let request = Request::from_json(event.as_bytes())?;
    let format = request.format();
    let receipt = receiver
        .receive(request.into_incoming(), |event| async move {
            println!("    the handler runs: {} bytes", event.body().len());
            Ok(Reply::json(r#"{"accepted":true}"#))
        })
        .await;
    Ok(lambda::response(&receipt, format))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let secret = Secret::new("current", "the channel's webhook secret")?;
    let verifier = Verifier::new(MUTOPAY, &KeyRing::new().with_secret(secret.clone())?)?;
    // Each instance of a function has a memory of its own: a real one wants a shared store.
    let store = MemoryStore::with_capacity(1000);
    let receiver = Receiver::builder(verifier, store).build()?;

    let body = br#"{"payment_id":"p1","event":"payment.completed"}"#;
    let signed = Signer::new(MUTOPAY, &secret)?.sign(&Outgoing::new(body), Timestamp::now())?;
    let genuine = event_of(&signed)?;
    let forged = genuine.replace("p1", "p2");
    let mut is_right = true;
    for (sent, event, status) in [
        ("a delivery", &genuine, 200),
        ("the same again", &genuine, 200),
        ("the same with another payment in it", &forged, 401),
    ] {
        println!("{sent}");
        let response = function(&receiver, event).await?;
        println!("    {response}");
        let response: Value = serde_json::from_str(&response)?;
        is_right &= response.get("statusCode") == Some(&status.into());
    }

    println!("the event of a queue");
    let queue = r#"{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}"#;
    match function(&receiver, queue).await {
        Ok(response) => {
            println!("    {response}");
            is_right = false;
        }
        Err(error) => println!("    {error}"),
    }
    Ok(ExitCode::from(u8::from(!is_right)))
}

/// What a function URL makes of a request.
fn event_of(delivery: &SignedDelivery) -> Result<String, Box<dyn Error>> {
    let headers = delivery.headers().iter().cloned();
    let headers: Map<String, Value> = headers.map(|(name, value)| (name, value.into())).collect();
    let event = json!({
        "version": "2.0",
        "rawPath": "/webhooks",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": { "http": { "method": delivery.method(), "path": "/webhooks" } },
        "body": core::str::from_utf8(delivery.body())?,
        "isBase64Encoded": false
    });
    Ok(event.to_string())
}
