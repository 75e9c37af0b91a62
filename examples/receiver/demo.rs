//! The demonstration: a server on a free port, and deliveries sent to it over HTTP.

use core::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::post;
use countersign::store::MemoryStore;
use countersign::{Code, KeyRing, Receiver, Timestamp, Verifier};
use tokio::sync::mpsc;

use crate::endpoint;
use crate::sender::{Posted, Sender};
use crate::systems::{self, System};
use crate::table::{self, Row};

/// A receiver, and where it tells what it found: the answer itself says nothing.
struct Endpoint {
    receiver: Receiver<MemoryStore>,
    found: mpsc::UnboundedSender<Option<Code>>,
}

/// Runs it; whether every verdict was the right one.
pub(crate) async fn run() -> Result<bool, Box<dyn Error>> {
    let systems = systems::all()?;
    let (found, mut told) = mpsc::unbounded_channel();
    let router = systems.iter().try_fold(Router::new(), |router, system| {
        let id = &system.scheme.id;
        let endpoint = route(system, found.clone())?;
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
    println!("receiver at http://{address}\n");

    let sender = Sender::new(format!("http://{address}"));
    let mut rows = Vec::new();
    for system in &systems {
        for case in cases(system)? {
            let prefix = format!(
                "{}{}",
                if case.is_rewritten { "rewritten/" } else { "" },
                system.scheme.id
            );
            let status = sender.post(&prefix, system.path, &case.delivery).await?;
            let code = told.recv().await.ok_or("the receiver told nothing")?;
            rows.push(Row {
                system: system.scheme.name.to_string(),
                sent: case.sent,
                status,
                code,
                is_right: (status, code) == case.expected,
            });
        }
    }
    server.abort();
    table::print(&rows);
    Ok(rows.iter().all(|row| row.is_right))
}

/// One delivery and what must come of it.
struct Case {
    sent: &'static str,
    delivery: Posted,
    is_rewritten: bool,
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
    found: mpsc::UnboundedSender<Option<Code>>,
) -> Result<Router, Box<dyn Error>> {
    let ring = KeyRing::new().with_secret(system.held.clone())?;
    let verifier = Verifier::new(system.scheme.clone(), &ring)?;
    let receiver = Receiver::builder(verifier, MemoryStore::with_capacity(1000))
        .replies(endpoint::reply)
        .build()?;
    Ok(Router::new()
        .route(system.path, post(webhook))
        .with_state(Arc::new(Endpoint { receiver, found })))
}

async fn webhook(State(endpoint): State<Arc<Endpoint>>, request: Request) -> Response {
    let (receipt, response) = endpoint::receive(&endpoint.receiver, request).await;
    // Nobody listens once the demonstration is over.
    let _ = endpoint.found.send(receipt.code());
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
