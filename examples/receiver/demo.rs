//! The demonstration: a server on a free port, and deliveries sent to it over HTTP.

use core::error::Error;
use core::time::Duration;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::post;
use countersign::adapter::tower::WebhookLayer;
use countersign::store::{Claim, ClaimRequest, Nonce, Store};
use countersign::{Code, Delivery, KeyRing, Receipt, Receiver, StoreError, Timestamp, Verifier};
use tokio::sync::mpsc;

use crate::endpoint;
use crate::place::{AnyStore, Place};
use crate::sender::{Posted, Sender};
use crate::systems::{self, System};
use crate::table::{self, Row};

/// Runs it; whether every verdict was the right one.
pub(crate) async fn run(place: &Place) -> Result<bool, Box<dyn Error>> {
    let systems = systems::all()?;
    let store = place.open().await?;
    let run = run_name()?;
    let (found, told) = mpsc::unbounded_channel();
    let router = systems.iter().try_fold(Router::new(), |router, system| {
        let id = &system.scheme.id;
        let endpoint = route(system, &store, &run, found.clone())?;
        let rewritten = endpoint.clone().layer(from_fn(rewrite_json));
        Ok::<_, Box<dyn Error>>(
            router
                .nest(&format!("/{id}"), endpoint)
                .nest(&format!("/rewritten/{id}"), rewritten),
        )
    })?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    println!("receiver at http://{address}, its claims in {place}\n");

    let mut demonstration = Demonstration {
        sender: Sender::new(format!("http://{address}")),
        told,
        rows: Vec::new(),
    };
    for system in &systems {
        for case in cases(system)? {
            demonstration.send(system, case).await?;
        }
    }
    let late = systems::later()?;
    abandon(&store, &run, &late).await?;
    for case in retries(&late)? {
        demonstration.send(&late, case).await?;
    }
    server.abort();
    table::print(&demonstration.rows);
    Ok(demonstration.rows.iter().all(|row| row.is_right))
}

/// A name of this run's own: a store that lasts knows the events of the runs before it.
fn run_name() -> Result<String, StoreError> {
    let nonce = Nonce::random()?;
    let digits = nonce.as_bytes().iter().map(|byte| format!("{byte:02x}"));
    Ok(digits.collect())
}

/// What has been sent, and what came of it.
struct Demonstration {
    sender: Sender,
    told: mpsc::UnboundedReceiver<Option<Code>>,
    rows: Vec<Row>,
}

impl Demonstration {
    async fn send(&mut self, system: &System, case: Case) -> Result<(), Box<dyn Error>> {
        tokio::time::sleep(case.after).await;
        let id = &system.scheme.id;
        let prefix = format!("{}{id}", if case.is_rewritten { "rewritten/" } else { "" });
        let status = self
            .sender
            .post(&prefix, system.path, &case.delivery)
            .await?;
        let code = self.told.recv().await.ok_or("the receiver told nothing")?;
        self.rows.push(Row {
            system: system.scheme.name.to_string(),
            sent: case.sent,
            status,
            code,
            is_right: (status, code) == case.expected,
        });
        Ok(())
    }
}

/// Claims the event as a worker would that then dies: nobody settles the claim.
async fn abandon(store: &AnyStore, run: &str, system: &System) -> Result<(), Box<dyn Error>> {
    let now = Timestamp::now();
    let delivery = Posted::sign(system, &system.signing, now)?;
    let ring = KeyRing::new().with_secret(system.held.clone())?;
    let verifier = Verifier::new(system.scheme.clone(), &ring)?;
    let verified = verifier.verify(&Delivery::new(&delivery.headers, &delivery.body), now)?;
    let key = verified.dedupe_key(run).ok_or("the event has no key")?.id();
    let retention = Duration::from_secs(3600);
    let request = ClaimRequest::new(key, Nonce::random()?, ABANDONED_LEASE, retention);
    match store.claim(&request).await? {
        Claim::Fresh(_) => Ok(()),
        other => Err(format!("the event is not new: {other:?}").into()),
    }
}

/// Long enough that the first retry meets it, short enough to wait for.
const ABANDONED_LEASE: Duration = Duration::from_secs(1);

/// The sender's retries of the event whose worker has died.
fn retries(system: &System) -> Result<[Case; 2], Box<dyn Error>> {
    let delivery = Posted::sign(system, &system.signing, Timestamp::now())?;
    let retry = |sent, after, expected| Case {
        sent,
        delivery: delivery.clone(),
        is_rewritten: false,
        after,
        expected,
    };
    Ok([
        retry(
            "an event whose worker has died",
            Duration::ZERO,
            (503, Some(Code::EventInProgress)),
        ),
        retry(
            "the same when its lease has run out",
            ABANDONED_LEASE,
            (200, None),
        ),
    ])
}

/// One delivery and what must come of it.
struct Case {
    sent: &'static str,
    delivery: Posted,
    is_rewritten: bool,
    /// How long the sender waits before it.
    after: Duration,
    expected: (u16, Option<Code>),
}

/// What each system is sent, in this order.
fn cases(system: &System) -> Result<Vec<Case>, Box<dyn Error>> {
    let now = Timestamp::now();
    let genuine = Posted::sign(system, &system.signing, now)?;
    let case = |sent, delivery: &Posted, expected| Case {
        sent,
        delivery: delivery.clone(),
        is_rewritten: false,
        after: Duration::ZERO,
        expected,
    };

    let mut changed = genuine.clone();
    changed.body = String::from_utf8(changed.body)?
        .replacen('1', "2", 1)
        .into_bytes();
    if changed.body == genuine.body {
        changed.body.push(b' ');
    }
    let wrong = Posted::sign(system, &system.wrong, now)?;
    let mut headless = genuine.clone();
    headless
        .headers
        .retain(|(name, _)| !name.ends_with("-signature"));

    let mut cases = vec![
        case("a genuine delivery", &genuine, (200, None)),
        case(
            "the same again",
            &genuine,
            (200, Some(Code::DuplicateEventId)),
        ),
        case(
            "with a changed body",
            &changed,
            (401, Some(Code::InvalidSignature)),
        ),
        Case {
            is_rewritten: true,
            ..case(
                "re-serialised by a JSON middleware",
                &genuine,
                (401, Some(Code::InvalidSignature)),
            )
        },
    ];
    if !system.scheme.timestamp.is_empty() {
        let stale = Posted::sign(
            system,
            &system.signing,
            now.saturating_add(time::Duration::hours(-1)),
        )?;
        cases.push(case(
            "signed an hour ago",
            &stale,
            (401, Some(Code::TimestampSkewTooLarge)),
        ));
    }
    cases.push(case(
        "signed with another secret",
        &wrong,
        (401, Some(Code::InvalidSignature)),
    ));
    cases.push(case(
        "without its signature header",
        &headless,
        (401, Some(Code::MissingSignatureHeaders)),
    ));
    Ok(cases)
}

fn route(
    system: &System,
    store: &AnyStore,
    run: &str,
    found: mpsc::UnboundedSender<Option<Code>>,
) -> Result<Router, Box<dyn Error>> {
    let ring = KeyRing::new().with_secret(system.held.clone())?;
    let verifier = Verifier::new(system.scheme.clone(), &ring)?;
    let receiver = Receiver::builder(verifier, Arc::clone(store))
        .endpoint(run)
        .replies(endpoint::reply)
        .build()?;
    let tell = from_fn(move |request, next| tell(request, next, found.clone()));
    Ok(Router::new()
        .route(system.path, post(endpoint::handle))
        .route_layer(WebhookLayer::new(receiver))
        .layer(tell))
}

/// The reason stands in the response's extensions: the sender never sees it.
async fn tell(
    request: Request,
    next: Next,
    found: mpsc::UnboundedSender<Option<Code>>,
) -> Response {
    let response = next.run(request).await;
    if let Some(receipt) = response.extensions().get::<Receipt>() {
        // Nobody listens once the demonstration is over.
        let _ = found.send(receipt.code());
    }
    response
}

/// What many frameworks do before a handler sees a request: the body is parsed, and
/// printed again. The value is the same, the bytes are not.
async fn rewrite_json(request: Request, next: Next) -> Response {
    let (mut head, body) = request.into_parts();
    let body = to_bytes(body, 1024 * 1024).await.unwrap_or_default();
    let body = serde_json::from_slice(&body).map_or_else(
        |_| body.to_vec(),
        |value: serde_json::Value| value.to_string().into_bytes(),
    );
    head.headers.remove(CONTENT_LENGTH);
    next.run(Request::from_parts(head, Body::from(body))).await
}
